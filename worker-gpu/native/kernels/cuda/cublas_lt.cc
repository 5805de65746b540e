#include "kernels/cuda/cublas_lt.h"

#include <dlfcn.h>

#include <string>

#include "kernels/cuda/matmul.h"

namespace cacheblend::cuda::cublas_lt {

namespace {

// Prefers a library that is loaded already: the one that ONNX Runtime uses.
void* Open() {
  constexpr const char* kNames[] = {"libcublasLt.so.13", "libcublasLt.so.12"};
  for (const int flags : {RTLD_NOW | RTLD_NOLOAD, RTLD_NOW}) {
    for (const char* name : kNames) {
      if (void* library = dlopen(name, flags)) return library;
    }
  }
  throw MatmulError(std::string("cannot load libcublasLt.so.13 or libcublasLt.so.12 (") +
                    dlerror() + "); install cuBLAS, or add its directory to LD_LIBRARY_PATH");
}

template <typename Function>
void Find(void* library, const char* name, Function** function) {
  *function = reinterpret_cast<Function*>(dlsym(library, name));
  if (*function == nullptr) throw MatmulError(std::string("cuBLASLt lacks function ") + name);
}

Library Load() {
  void* const library = Open();
  Library found;
  Find(library, "cublasLtCreate", &found.create);
  Find(library, "cublasLtDestroy", &found.destroy);
  Find(library, "cublasLtMatmulDescCreate", &found.matmul_create);
  Find(library, "cublasLtMatmulDescDestroy", &found.matmul_destroy);
  Find(library, "cublasLtMatmulDescSetAttribute", &found.matmul_set);
  Find(library, "cublasLtMatrixLayoutCreate", &found.matrix_create);
  Find(library, "cublasLtMatrixLayoutDestroy", &found.matrix_destroy);
  Find(library, "cublasLtMatrixLayoutSetAttribute", &found.matrix_set);
  Find(library, "cublasLtMatmulPreferenceCreate", &found.preference_create);
  Find(library, "cublasLtMatmulPreferenceDestroy", &found.preference_destroy);
  Find(library, "cublasLtMatmulPreferenceSetAttribute", &found.preference_set);
  Find(library, "cublasLtMatmulAlgoGetHeuristic", &found.heuristic);
  Find(library, "cublasLtMatmul", &found.multiply);
  return found;
}

}  // namespace

const Library& LoadedLibrary() {
  static const Library library = Load();
  return library;
}

}  // namespace cacheblend::cuda::cublas_lt
