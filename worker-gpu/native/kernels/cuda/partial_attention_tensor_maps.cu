#include "kernels/cuda/partial_attention_tensor_maps.h"
#include "kernels/cuda/tensor_map.h"

namespace cacheblend::cuda {

CUtensorMap TensorMapOf(const PagedKv& kv, const void* data) {
  const auto element = static_cast<uint64_t>(ElementBytes(kv.type));
  TensorMapParams<3> params{};
  params.type = kv.type;
  params.data = data;
  params.sizes = {static_cast<uint64_t>(kv.head_size),
                  static_cast<uint64_t>(kv.num_kv_heads) * kBlockTokens,
                  static_cast<uint64_t>(kv.num_blocks)};
  params.strides = {kv.head_size * element, kv.block_stride * element};
  params.box = {64, kBlockTokens, 1};
  return MakeTensorMap(params, "cuTensorMapEncodeTiled of a KV layer");
}

}  // namespace cacheblend::cuda
