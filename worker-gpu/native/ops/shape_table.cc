#include "ops/shape_table.h"

#include <cstring>
#include <stdexcept>
#include <string>

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
  const int64_t* bound = Find(expected.symbol);
  if (bound == nullptr && actual >= expected.number) {
    return Bind(expected.symbol, actual - expected.number);
  }
  const int64_t size = bound == nullptr ? expected.number : *bound + expected.number;
  if (actual == size) return;
  const std::string name =
      expected.number == 0 ? Text(expected.symbol) : Text(expected.symbol, "+", expected.number);
  Fail(tensor, index, Text(bound == nullptr ? "at least " : "", size, " (", name, ")"), actual);
}

const int64_t* ShapeTable::Find(const char* symbol) const {
  for (int i = 0; i < count_; ++i) {
    if (std::strcmp(sizes_[i].first, symbol) == 0) return &sizes_[i].second;
  }
  return nullptr;
}

void ShapeTable::Bind(const char* symbol, int64_t size) {
  if (count_ == kMaxSymbols) throw std::logic_error("too many symbols in one shape table");
  sizes_[count_++] = {symbol, size};
}

int64_t ShapeTable::operator[](const char* symbol) const {
  const int64_t* size = Find(symbol);
  if (size == nullptr) throw std::logic_error(Text("no tensor has bound the size ", symbol));
  return *size;
}

}  // namespace cacheblend
