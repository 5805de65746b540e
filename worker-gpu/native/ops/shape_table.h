#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

namespace cacheblend {

// One expected dimension: a symbol (plus a constant), a number, or a smallest size.
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

// Symbolic sizes of an op's tensors. The first tensor that names a symbol binds it, later ones must
// agree; std::invalid_argument names tensor, dimension, expected and actual size.
class ShapeTable {
 public:
  void Check(const char* tensor, const std::vector<int64_t>& shape,
             std::initializer_list<Dim> expected);
  int64_t operator[](const char* symbol) const { return sizes_.at(symbol); }

 private:
  void CheckDim(const char* tensor, size_t index, int64_t actual, const Dim& expected);

  std::map<std::string, int64_t> sizes_;
};

}  // namespace cacheblend
