#include "ops/shape_table.h"

#include <stdexcept>

#include "pool/text.h"

namespace cacheblend {

namespace {

[[noreturn]] void Fail(const char* tensor, size_t index, const std::string& expected,
                       int64_t actual) {
  throw std::invalid_argument(
      Text(tensor, ": dimension ", index, " is ", actual, ", expected ", expected));
}

}  // namespace

void ShapeTable::Check(const char* tensor, const std::vector<int64_t>& shape,
                       std::initializer_list<Dim> expected) {
  if (shape.size() != expected.size()) {
    throw std::invalid_argument(
        Text(tensor, ": has ", shape.size(), " dimensions, expected ", expected.size()));
  }
  size_t index = 0;
  for (const Dim& dim : expected) {
    CheckDim(tensor, index, shape[index], dim);
    ++index;
  }
}

void ShapeTable::CheckDim(const char* tensor, size_t index, int64_t actual, const Dim& expected) {
  if (expected.at_least) {
    if (actual < expected.number) Fail(tensor, index, Text("at least ", expected.number), actual);
    return;
  }
  if (expected.symbol == nullptr) {
    if (actual != expected.number) Fail(tensor, index, Text(expected.number), actual);
    return;
  }
  const auto [bound, is_new] = sizes_.emplace(expected.symbol, actual - expected.number);
  if (is_new && bound->second >= 0) return;
  const int64_t size = is_new ? expected.number : bound->second + expected.number;
  if (actual == size) return;
  const std::string name =
      expected.number == 0 ? Text(expected.symbol) : Text(expected.symbol, "+", expected.number);
  Fail(tensor, index, Text(is_new ? "at least " : "", size, " (", name, ")"), actual);
}

}  // namespace cacheblend
