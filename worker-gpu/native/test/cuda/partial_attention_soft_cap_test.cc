#include "test/cuda/partial_attention_check.h"

namespace cacheblend::cuda {
namespace {

INSTANTIATE_TEST_SUITE_P(Types, PartialAttentionTypeTest,
                         testing::Values(ElementType::kFloat32, ElementType::kFloat16,
                                         ElementType::kBFloat16),
                         [](const testing::TestParamInfo<ElementType>& info) {
                           return Name(info.param);
                         });

// Caps below, around and far above the scores, which have a standard deviation of 4; all kernels.
TEST_P(PartialAttentionTypeTest, SoftCap) {
  for (int head_size : {64, 256}) {
    for (float cap : {0.5f, 5.0f, 50.0f}) {
      SCOPED_TRACE("head size " + std::to_string(head_size) + ", cap " + std::to_string(cap));
      CheckStep(PagedStep({2, 2, head_size, 100, GetParam(), cap},
                          {Range(0, 70), {700}, Scattered(400, 0.15, 4), {0}}, 4.0f));
      CheckStep(PagedStep({1, 4, head_size, 0, GetParam(), cap}, {Range(0, 300)}, 4.0f));
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace cacheblend::cuda
