#include <cuda_runtime_api.h>

#include "kernels/cuda/check.h"
#include "kernels/cuda/partial_attention_tensor_maps.h"

namespace cacheblend::cuda {
namespace {

using Encode = decltype(&cuTensorMapEncodeTiled);

// Looked up through the runtime, so that the library does not link to libcuda.
Encode FindEncode() {
  void* function = nullptr;
  cudaDriverEntryPointQueryResult result;
#if CUDART_VERSION >= 12050
  constexpr unsigned kSinceCuda = 12000;
  const cudaError_t found = cudaGetDriverEntryPointByVersion(
      "cuTensorMapEncodeTiled", &function, kSinceCuda, cudaEnableDefault, &result);
#else
  const cudaError_t found =
      cudaGetDriverEntryPoint("cuTensorMapEncodeTiled", &function, cudaEnableDefault, &result);
#endif
  Check(found, "driver entry point cuTensorMapEncodeTiled");
  if (result != cudaDriverEntryPointSuccess) {
    throw CudaError(cudaErrorSymbolNotFound, "driver entry point cuTensorMapEncodeTiled");
  }
  return reinterpret_cast<Encode>(function);
}

}  // namespace

CUtensorMap TensorMapOf(const PagedKv& kv, const void* data) {
  static const Encode encode = FindEncode();
  const auto element = static_cast<uint64_t>(ElementBytes(kv.type));
  const cuuint64_t sizes[] = {static_cast<cuuint64_t>(kv.head_size),
                              static_cast<cuuint64_t>(kv.num_kv_heads) * kBlockTokens,
                              static_cast<cuuint64_t>(kv.num_blocks)};
  const cuuint64_t strides[] = {kv.head_size * element, kv.block_stride * element};
  const cuuint32_t box[] = {64, kBlockTokens, 1}, every[] = {1, 1, 1};
  const CUtensorMapDataType type = kv.type == ElementType::kFloat16
                                       ? CU_TENSOR_MAP_DATA_TYPE_FLOAT16
                                       : CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
  CUtensorMap map;
  const CUresult result =
      encode(&map, type, 3, const_cast<void*>(data), sizes, strides, box, every,
             CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B,
             CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (result != CUDA_SUCCESS) {
    throw CudaError(cudaErrorInvalidValue, "cuTensorMapEncodeTiled of a KV layer");
  }
  return map;
}

}  // namespace cacheblend::cuda
