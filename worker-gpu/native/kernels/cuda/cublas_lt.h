#pragma once

#include <cuda_runtime_api.h>
#include <library_types.h>

#include <cstddef>
#include <cstdint>

// The subset of the cuBLASLt API that is used, identical in CUDA 12 and 13. It is declared here
// because not every CUDA installation has the headers, and loaded at run time because only ONNX
// Runtime's CUDA provider brings the library.
namespace cacheblend::cuda::cublas_lt {

using Handle = void*;
using Descriptor = void*;  // of a matmul, a matrix layout or a preference

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
// Attributes of a matmul descriptor.
inline constexpr int kTransposeA = 3, kEpilogue = 7, kBiasPointer = 8;
// Attribute of a matrix layout.
inline constexpr int kColumns = 3;
// Attributes of a preference.
inline constexpr int kMaxWorkspaceBytes = 1, kMinAlignmentA = 5;

struct Library {
  int (*create)(Handle*);
  int (*destroy)(Handle);
  int (*matmul_create)(Descriptor*, int compute_type, int scale_type);
  int (*matmul_destroy)(Descriptor);
  int (*matmul_set)(Descriptor, int attribute, const void* value, size_t bytes);
  int (*matrix_create)(Descriptor*, int type, uint64_t rows, uint64_t columns, int64_t stride);
  int (*matrix_destroy)(Descriptor);
  int (*matrix_set)(Descriptor, int attribute, const void* value, size_t bytes);
  int (*preference_create)(Descriptor*);
  int (*preference_destroy)(Descriptor);
  int (*preference_set)(Descriptor, int attribute, const void* value, size_t bytes);
  int (*heuristic)(Handle, Descriptor matmul, Descriptor a, Descriptor b, Descriptor c,
                   Descriptor d, Descriptor preference, int max_count, Heuristic* found,
                   int* count);
  int (*multiply)(Handle, Descriptor matmul, const void* alpha, const void* a, Descriptor a_layout,
                  const void* b, Descriptor b_layout, const void* beta, const void* c,
                  Descriptor c_layout, void* d, Descriptor d_layout, const Algorithm* algorithm,
                  void* workspace, size_t workspace_bytes, cudaStream_t stream);
};

// Loaded on the first call and never unloaded. Throws MatmulError that names the missing library.
const Library& LoadedLibrary();

}  // namespace cacheblend::cuda::cublas_lt
