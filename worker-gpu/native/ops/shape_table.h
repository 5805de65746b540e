#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace cacheblend {

// An expected dimension: a symbol plus a constant, a number, or a lower bound.
struct Dim {
  Dim(const char* name, int64_t plus = 0) : symbol(name), number(plus) {}
  Dim(int64_t exactly) : number(exactly) {}
  static Dim AtLeast(int64_t smallest) {
    Dim dim(smallest);
    dim.at_least = true;
    return dim;
  }

  const char* symbol = nullptr;
  int64_t number;
  bool at_least = false;
};

// Symbolic sizes of an op's tensors. The first tensor with a symbol binds it, and later ones must
// match. Throws std::invalid_argument with tensor, dimension, expected and actual size.
class ShapeTable {
 public:
  void Check(const char* tensor, const std::vector<int64_t>& shape,
             std::initializer_list<Dim> expected);
  int64_t operator[](const char* symbol) const;  // the symbol must be bound
  void Bind(const char* symbol, int64_t size);   // a symbol that no tensor has bound

 private:
  void CheckDim(const char* tensor, size_t index, int64_t actual, const Dim& expected);

  // No heap allocation: ops run hundreds of times per step.
  static constexpr int kMaxSymbols = 8;

  const int64_t* Find(const char* symbol) const;

  std::array<std::pair<const char*, int64_t>, kMaxSymbols> sizes_;
  int count_ = 0;
};

}  // namespace cacheblend
