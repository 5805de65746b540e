#pragma once

#include <cuda_runtime_api.h>
#include <library_types.h>

#include <cstddef>
#include <cstdint>

// The few names of cuBLASLt that are needed, which CUDA 12 and 13 define alike: its headers are not
// part of every CUDA installation, and the library is there only where ONNX Runtime's CUDA provider
// is, which needs it too.
namespace cacheblend::cuda::cublas_lt {

using Handle = void*;
using Descriptor = void*;  // of a product, a matrix, or a preference

struct Algorithm {
  uint64_t data[8];
};

struct Heuristic {
  Algorithm algorithm;
  size_t workspace_bytes;
  int status;
  float waves;
  int reserved[4];
};

inline constexpr int kComputeFloat32 = 68, kTransposed = 1, kEpilogueBias = 4;
// Attributes of a product.
inline constexpr int kTransposeA = 3, kEpilogue = 7, kBiasPointer = 8;
// Attributes of a preference.
inline constexpr int kMaxWorkspaceBytes = 1, kMinAlignmentA = 5;

struct Library {
  int (*create)(Handle*);
  int (*destroy)(Handle);
  int (*product_create)(Descriptor*, int compute_type, int scale_type);
  int (*product_destroy)(Descriptor);
  int (*product_set)(Descriptor, int attribute, const void* value, size_t bytes);
  int (*matrix_create)(Descriptor*, int type, uint64_t rows, uint64_t columns, int64_t stride);
  int (*matrix_destroy)(Descriptor);
  int (*preference_create)(Descriptor*);
  int (*preference_destroy)(Descriptor);
  int (*preference_set)(Descriptor, int attribute, const void* value, size_t bytes);
  int (*heuristic)(Handle, Descriptor product, Descriptor a, Descriptor b, Descriptor c,
                   Descriptor d, Descriptor preference, int most, Heuristic* found, int* count);
  int (*multiply)(Handle, Descriptor product, const void* alpha, const void* a, Descriptor a_layout,
                  const void* b, Descriptor b_layout, const void* beta, const void* c,
                  Descriptor c_layout, void* d, Descriptor d_layout, const Algorithm* algorithm,
                  void* workspace, size_t workspace_bytes, cudaStream_t stream);
};

// Loaded once, for good. Throws MatmulError that says what was looked for.
const Library& TheLibrary();

}  // namespace cacheblend::cuda::cublas_lt
