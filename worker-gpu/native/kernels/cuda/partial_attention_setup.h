#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include <type_traits>

#include "kernels/cuda/once_per_device.h"
#include "kernels/cuda/paged_kv.h"

namespace cacheblend::cuda {

template <typename T>
struct TypeTag {
  using Type = T;
};

// Calls launch(TypeTag<T>, integral_constant<padded head size>) for 16-bit KV with heads of up to
// kMaxHead (128 or 256).
template <int kMaxHead, typename Launch>
void ForTypeAndHead(const PagedKv& kv, const Launch& launch) {
  const auto for_head = [&](auto type) {
    if (kv.head_size <= 64) {
      launch(type, std::integral_constant<int, 64>());
    } else if (kv.head_size <= 96) {
      launch(type, std::integral_constant<int, 96>());
    } else if (kMaxHead == 128 || kv.head_size <= 128) {
      launch(type, std::integral_constant<int, 128>());
    } else {
      launch(type, std::integral_constant<int, kMaxHead>());
    }
  };
  if (kv.type == ElementType::kFloat16) {
    for_head(TypeTag<__half>());
  } else {
    for_head(TypeTag<__nv_bfloat16>());
  }
}

}  // namespace cacheblend::cuda
