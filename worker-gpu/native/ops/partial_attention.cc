#include "ops/partial_attention.h"

#include <cmath>
#include <vector>

#include "kernels/partial_attention.h"

namespace cacheblend {

int HeadsAttribute(const Ort::ConstKernelInfo& info, const LayerKv& layer) {
  const int num_heads = IntAttribute(info, "num_heads", 1);
  if (num_heads % layer.num_kv_heads == 0) return num_heads;
  throw std::invalid_argument(Text("attribute num_heads is ", num_heads,
                                   ", must be a multiple of num_kv_heads ", layer.num_kv_heads));
}

float ScaleAttribute(const Ort::ConstKernelInfo& info, int head_size) {
  const float scale = info.GetAttribute<float>("scale");
  if (!std::isfinite(scale) || scale < 0) {
    throw std::invalid_argument(Text("attribute scale is ", scale, ", must be 0 or more"));
  }
  return scale == 0 ? 1 / std::sqrt(static_cast<float>(head_size)) : scale;
}

namespace {

using namespace partial_attention;

// Checks that every key that a row can see is written.
void CheckWritten(KvSequence& sequence, int layer, const int64_t* positions, int64_t begin,
                  int64_t end) {
  const int64_t covered = sequence.layer(layer).covered;
  for (int64_t row = begin; row < end; ++row) {
    const int64_t p = positions[row];
    if (row > begin && p <= positions[row - 1]) {
      throw std::invalid_argument(Text("positions: ", p, " follows ", positions[row - 1],
                                       " in sequence ", sequence.handle(), ", must ascend"));
    }
    if (p >= 0 && p < covered) continue;
    throw std::invalid_argument(Text("positions: ", p, " in sequence ", sequence.handle(),
                                     ", which has KV of ", covered, " positions in layer ", layer));
  }
}

}  // namespace

PartialAttentionKernel::PartialAttentionKernel(const Ort::ConstKernelInfo& info)
    : layer_(LayerKv::FromAttributes(info)),
      num_heads_(HeadsAttribute(info, layer_)),
      window_(IntAttribute(info, "window", 0)),
      scale_(ScaleAttribute(info, layer_.head_size)) {}

OrtStatusPtr PartialAttentionKernel::ComputeV2(OrtKernelContext* context) {
  return ToStatus("PartialAttention", [&] { Compute(Ort::KernelContext(context)); });
}

void PartialAttentionKernel::Compute(const Ort::KernelContext& context) const {
  const auto q = Input<float>(context, kQ);
  ShapeTable table;
  const StepRows step = StepRows::FromInputs(context, kPositions, kRowOffsets, kSequences, table);
  table.Check("q", q.shape, {"R", int64_t{num_heads_} * layer_.head_size});
  const SequenceLease sequences = step.Lease(layer_);
  std::vector<KvLayerView> kv;
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    CheckWritten(sequences[s], layer_.layer, step.positions, step.row_offsets[s],
                 step.row_offsets[s + 1]);
    kv.push_back(sequences[s].View(layer_.layer));
  }
  float* out = Output<float>(context, 0, q.shape);
  PartialAttention({q.data, step.positions, step.row_offsets, kv.data(), step.num_sequences,
                    num_heads_, layer_.num_kv_heads, layer_.head_size, window_, scale_, out},
                   ThreadsOf(context));
}

OrtStatusPtr PartialAttentionOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo* info,
                                                void** kernel) const {
  return ToStatus(GetName(),
                  [&] { *kernel = new PartialAttentionKernel(Ort::ConstKernelInfo(info)); });
}

}  // namespace cacheblend
