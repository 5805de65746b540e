#include "ops/partial_attention.h"

#include <cmath>
#include <vector>

#include "kernels/partial_attention.h"
#include "kernels/probe_attention.h"
#include "ops/choices.h"

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

float SoftCapAttribute(const Ort::ConstKernelInfo& info) {
  const float cap = info.GetAttribute<float>("soft_cap");
  if (std::isfinite(cap) && cap >= 0) return cap;
  throw std::invalid_argument(Text("attribute soft_cap is ", cap, ", must be 0 or more"));
}

using namespace partial_attention;

std::vector<int64_t> ProbingSequences(const Ort::KernelContext& context, int layer,
                                      const SequenceLease& sequences, ShapeTable& table) {
  std::vector<int64_t> probing;
  if (!IsGiven(context, kProbeLayers)) return probing;
  const ProbeLayers probes = ProbeLayers::FromInput(context, kProbeLayers, table);
  if (layer >= probes.num_layers) {
    throw std::invalid_argument(Text("probe_layers: dimension 0 is ", probes.num_layers,
                                     ", but the op is for layer ", layer));
  }
  for (int64_t s = 0; s < sequences.size(); ++s) {
    if (!probes.At(layer, s)) continue;
    const AttentionMass* mass = sequences[s].attention();
    if (mass == nullptr || !mass->probed()) {
      throw std::invalid_argument(Text("probe_layers: sequence ", s,
                                       " of the step has not begun a probe; run ChooseRows first"));
    }
    probing.push_back(s);
  }
  return probing;
}

namespace {

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
      scale_(ScaleAttribute(info, layer_.head_size)),
      soft_cap_(SoftCapAttribute(info)) {}

OrtStatusPtr PartialAttentionKernel::ComputeV2(OrtKernelContext* context) {
  return ToStatus("PartialAttention", [&] { Compute(Ort::KernelContext(context)); });
}

void PartialAttentionKernel::Compute(const Ort::KernelContext& context) const {
  const auto q = Input<float>(context, kQ);
  ShapeTable table;
  const StepRows step =
      StepRows::FromInputs(context, kPositions, kRowOffsets, kSequences, layer_, table);
  table.Check("q", q.shape, {"R", int64_t{num_heads_} * layer_.head_size});
  const SequenceLease sequences = step.Lease();
  std::vector<KvLayerView> kv;
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    CheckWritten(sequences[s], layer_.layer, step.positions, step.row_offsets[s],
                 step.row_offsets[s + 1]);
    kv.push_back(sequences[s].View(layer_.layer));
  }
  const int64_t continuing = CountContinuing(sequences, layer_.layer);
  float* out = Output<float>(context, 0, {step.row_offsets[continuing], q.shape[1]});
  PartialAttention({q.data, step.positions, step.row_offsets, kv.data(), continuing, num_heads_,
                    layer_.num_kv_heads, layer_.head_size, window_, scale_, soft_cap_, out},
                   ThreadsOf(context));
  Probe(context, step, sequences, q.data, table);
}

void PartialAttentionKernel::Probe(const Ort::KernelContext& context, const StepRows& step,
                                   const SequenceLease& sequences, const float* q,
                                   ShapeTable& table) const {
  std::vector<ProbeSequence> probes;
  for (int64_t s : ProbingSequences(context, layer_.layer, sequences, table)) {
    const AttentionMass& mass = *sequences[s].attention();
    const int64_t end = step.row_offsets[s + 1], first = end - mass.query_count();
    if (first < step.row_offsets[s] || step.positions[first] != mass.key_end()) {
      throw std::invalid_argument(Text("positions: the probe of sequence ", sequences[s].handle(),
                                       " in layer ", layer_.layer, " needs ", mass.query_count(),
                                       " query rows from position ", mass.key_end()));
    }
    probes.push_back({sequences[s].View(layer_.layer), first, mass.query_count(), mass.key_end(),
                      mass.Weight(num_heads_), mass.data(), mass.stride()});
  }
  if (probes.empty()) return;
  ProbeAttention({q, step.positions, probes.data(), static_cast<int64_t>(probes.size()), num_heads_,
                  layer_.num_kv_heads, layer_.head_size, window_, scale_, soft_cap_},
                 ThreadsOf(context));
}

OrtStatusPtr PartialAttentionOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo* info,
                                                void** kernel) const {
  return ToStatus(GetName(),
                  [&] { *kernel = new PartialAttentionKernel(Ort::ConstKernelInfo(info)); });
}

}  // namespace cacheblend
