#include "ops/select_rows.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "pool/layer_fill.h"
#include "pool/stored_chunk.h"

namespace cacheblend {

namespace {

using namespace select_rows;

struct Columns {
  const float* data;  // of the first row
  int64_t stride;
};

}  // namespace

Comparison Comparison::FromInputs(const Ort::KernelContext& context, int check, ShapeTable& table) {
  const auto keep_counts = Input<int64_t>(context, kKeepCounts);
  const auto compare_keys = Input<int64_t>(context, kCompareKeys);
  table.Check("keep_counts", keep_counts.shape, {Dim::AtLeast(check + 1), "S"});
  table.Check("compare_keys", compare_keys.shape, {"S"});
  const int64_t* weigh = nullptr;
  if (IsGiven(context, kWeighByAttention)) {
    const auto input = Input<int64_t>(context, kWeighByAttention);
    table.Check("weigh_by_attention", input.shape, {"S"});
    weigh = input.data;
  }
  return {keep_counts.data + check * table["S"], compare_keys.data, weigh};
}

void Comparison::Check(const SequenceLease& sequences) const {
  const auto check_flag = [](const char* input, int64_t flag, int64_t s, const char* meaning) {
    if (flag == 0 || flag == 1) return;
    throw std::invalid_argument(
        Text(input, ": ", flag, " for sequence ", s, " of the step, must be ", meaning));
  };
  for (int64_t s = 0; s < sequences.size(); ++s) {
    if (keep_counts[s] < -1) {
      throw std::invalid_argument(Text("keep_counts: ", keep_counts[s], " for sequence ", s,
                                       " of the step, must be -1 (keeps all rows) or more"));
    }
    check_flag("compare_keys", compare_keys[s], s, "0 (values) or 1 (keys)");
    if (weigh != nullptr) check_flag("weigh_by_attention", weigh[s], s, "0 or 1");
    const AttentionMass* mass = sequences[s].attention();
    if (Weighs(s) && (mass == nullptr || !mass->probed())) {
      throw std::invalid_argument(Text("weigh_by_attention: sequence ", s,
                                       " of the step has no attention; run a probe first"));
    }
  }
}

namespace {

// Pairs the rows [begin, end) of one sequence with their cached rows; the last row is forced.
// `mass` weighs the scores, if given.
void PairRows(const KvSequence& sequence, int layer, bool keys, Columns fresh,
              const AttentionMass* mass, const int64_t* positions, int64_t begin, int64_t end,
              RowPair* pairs) {
  for (int64_t row = begin; row < end; ++row) {
    const auto* injection = row + 1 < end ? sequence.InjectionAt(positions[row]) : nullptr;
    const float* cached = nullptr;
    if (injection != nullptr) {
      const int64_t chunk_row = positions[row] - injection->first;
      cached = keys ? injection->chunk->Key(layer, chunk_row)
                    : injection->chunk->Value(layer, chunk_row);
    }
    const bool weighs = cached != nullptr && mass != nullptr;
    pairs[row] = {fresh.data + row * fresh.stride, cached,
                  weighs ? mass->At(positions[row]) : 1.0f};
  }
}

}  // namespace

SelectRowsKernel::SelectRowsKernel(const Ort::ConstKernelInfo& info)
    : layer_(LayerKv::FromAttributes(info)),
      k_offset_(IntAttribute(info, "k_offset", 0)),
      v_offset_(IntAttribute(info, "v_offset", 0)),
      check_(IntAttribute(info, "check", 0)) {}

OrtStatusPtr SelectRowsKernel::ComputeV2(OrtKernelContext* context) {
  return ToStatus("SelectRows", [&] { Compute(Ort::KernelContext(context)); });
}

void SelectRowsKernel::Compute(const Ort::KernelContext& context) const {
  const auto k = Input<float>(context, kK), v = Input<float>(context, kV);
  ShapeTable table;
  const StepRows step =
      StepRows::FromInputs(context, kPositions, kRowOffsets, kSequences, layer_, table);
  table.Check("k", k.shape, {"R", Dim::AtLeast(k_offset_ + layer_.RowSize())});
  table.Check("v", v.shape, {"R", Dim::AtLeast(v_offset_ + layer_.RowSize())});
  const Comparison comparison = Comparison::FromInputs(context, check_, table);
  const SequenceLease sequences = step.Lease();
  comparison.Check(sequences);
  std::vector<RowPair> pairs(step.num_rows);
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    const bool keys = comparison.compare_keys[s] != 0;
    const Columns fresh =
        keys ? Columns{k.data + k_offset_, k.shape[1]} : Columns{v.data + v_offset_, v.shape[1]};
    if (Loads(sequences[s])) {
      const auto start = std::chrono::steady_clock::now();
      AwaitChunks(sequences[s], layer_.layer, 0, sequences[s].max_token_count());
      const std::chrono::nanoseconds waited = std::chrono::steady_clock::now() - start;
      sequences[s].AddKvLoad({waited.count(), waited.count()});
    }
    PairRows(sequences[s], layer_.layer, keys, fresh,
             comparison.Weighs(s) ? sequences[s].attention() : nullptr, step.positions,
             step.row_offsets[s], step.row_offsets[s + 1], pairs.data());
  }
  std::vector<int64_t> kept_rows(step.num_rows);
  int64_t* kept_row_offsets = Output<int64_t>(context, kKeptRowOffsets, {step.num_sequences + 1});
  SelectRows(
      {pairs.data(), step.row_offsets, step.num_sequences, comparison.keep_counts, layer_.RowSize(),
       Output<float>(context, kScores, {step.num_rows}), kept_rows.data(), kept_row_offsets},
      ThreadsOf(context));

  for (int64_t s = 0; s < step.num_sequences; ++s) {
    sequences[s].step().active_row_count = kept_row_offsets[s + 1] - kept_row_offsets[s];
  }
  const int64_t num_kept = kept_row_offsets[step.num_sequences];
  std::copy_n(kept_rows.begin(), num_kept, Output<int64_t>(context, kKeptRows, {num_kept}));
  int64_t* kept_positions = Output<int64_t>(context, kKeptPositions, {num_kept});
  for (int64_t i = 0; i < num_kept; ++i) kept_positions[i] = step.positions[kept_rows[i]];
}

OrtStatusPtr SelectRowsOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo* info,
                                          void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new SelectRowsKernel(Ort::ConstKernelInfo(info)); });
}

}  // namespace cacheblend
