#include "ops/shape_table.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace cacheblend {
namespace {

std::string Failure(ShapeTable& table, const std::vector<int64_t>& shape,
                    std::initializer_list<Dim> expected) {
  try {
    table.Check("k", shape, expected);
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "nothing was thrown";
}

TEST(ShapeTableTest, SymbolsBindOnceAndMustAgree) {
  ShapeTable table;
  table.Check("positions", {5}, {"R"});
  table.Check("row_offsets", {3}, {Dim("S", 1)});
  EXPECT_EQ(5, table["R"]);
  EXPECT_EQ(2, table["S"]);
  table.Check("k", {5, 2, 16}, {"R", "S", Dim::AtLeast(16)});
  EXPECT_EQ("k: dimension 0 is 4, expected 5 (R)", Failure(table, {4, 8}, {"R", 8}));
  EXPECT_EQ("k: dimension 1 is 9, expected 8", Failure(table, {5, 9}, {"R", 8}));
  EXPECT_EQ("k: dimension 1 is 7, expected at least 8",
            Failure(table, {5, 7}, {"R", Dim::AtLeast(8)}));
  EXPECT_EQ("k: dimension 0 is 2, expected 3 (S+1)", Failure(table, {2}, {Dim("S", 1)}));
  EXPECT_EQ("k: has 1 dimensions, expected 2", Failure(table, {5}, {"R", 8}));
  EXPECT_EQ("k: has 3 dimensions, expected 1", Failure(table, {5, 1, 1}, {"R"}));
}

TEST(ShapeTableTest, ASymbolIsNeverNegative) {
  ShapeTable table;
  EXPECT_EQ("k: dimension 0 is 0, expected at least 1 (S+1)", Failure(table, {0}, {Dim("S", 1)}));
}

}  // namespace
}  // namespace cacheblend
