// Registers all ops of the domain.

#include "ops/choose_rows.h"
#include "ops/cuda_ops.h"
#include "ops/first_rows.h"
#include "ops/greedy_token.h"
#include "ops/kv_inject.h"
#include "ops/last_rows.h"
#include "ops/ort.h"
#include "ops/partial_attention.h"
#include "ops/select_rows.h"

namespace {

constexpr char kDomain[] = "ai.cacheblend";

// Never destroyed: sessions refer to it, and their lifetime is unknown here.
const Ort::CustomOpDomain& Domain() {
  static const Ort::CustomOpDomain* const domain = [] {
    auto* all = new Ort::CustomOpDomain(kDomain);
    all->Add(new cacheblend::ChooseRowsOp);
    all->Add(new cacheblend::KvInjectOp);
    all->Add(new cacheblend::SelectRowsOp);
    all->Add(new cacheblend::PartialAttentionOp);
    all->Add(new cacheblend::LastRowsOp);
    all->Add(new cacheblend::FirstRowsOp);
    all->Add(new cacheblend::GreedyTokenOp);
    cacheblend::AddCudaOps(*all);
    return all;
  }();
  return *domain;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) OrtStatus* RegisterCustomOps(
    OrtSessionOptions* options, const OrtApiBase* api_base) {
  const OrtApi* api = api_base->GetApi(ORT_API_VERSION);
  if (api == nullptr) {
    return api_base->GetApi(1)->CreateStatus(ORT_FAIL,
                                             "libcacheblend.so needs a later ONNX Runtime than the "
                                             "one that loads it; update ONNX Runtime");
  }
  Ort::InitApi(api);
  return cacheblend::ToStatus(kDomain, [&] { Ort::UnownedSessionOptions(options).Add(Domain()); });
}
