#include "ops/choose_rows.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "kernels/keep_rows.h"
#include "ops/choices.h"
#include "ops/step_tokens.h"

namespace cacheblend {

namespace {

using namespace choose_rows;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Attention of the rows [begin, end) of a sequence; -1 for forced rows, and for all rows if there
// is no attention. The last row is forced.
void ScoreRows(const KvSequence& sequence, const int64_t* positions, int64_t begin, int64_t end,
               float* scores) {
  const AttentionMass* mass = sequence.attention();
  const bool probed = mass != nullptr && mass->probed();
  for (int64_t row = begin; row < end; ++row) {
    const bool candidate =
        probed && row + 1 < end && sequence.InjectionAt(positions[row]) != nullptr;
    scores[row] = candidate ? mass->At(positions[row]) : -1.0f;
  }
}

// Scores, with infinity for the rows that are chosen whatever their attention.
void RankRows(const Choices& choices, int64_t s, const KvSequence& sequence,
              const int64_t* positions, int64_t begin, int64_t end, const float* scores,
              float* ranks) {
  for (int64_t row = begin; row < end; ++row) {
    ranks[row] = scores[row];
    if (scores[row] < 0) continue;
    const int64_t index = positions[row] - sequence.InjectionAt(positions[row])->first;
    if (choices.IsHead(s, index, positions[row])) ranks[row] = kInfinity;
  }
  if (choices.Expands(s)) {
    ExpandRows(
        {ranks + begin, end - begin, choices.At(Choices::kAnchorCount, s), choices.Count(s)});
  }
}

}  // namespace

OrtStatusPtr ChooseRowsKernel::ComputeV2(OrtKernelContext* context) {
  return ToStatus("ChooseRows", [&] { Compute(Ort::KernelContext(context)); });
}

void ChooseRowsKernel::Compute(const Ort::KernelContext& context) const {
  const auto token_ids = Input<int64_t>(context, kTokenIds);
  ShapeTable table;
  const StepRows step =
      StepRows::FromInputs(context, kPositions, kRowOffsets, kSequences, layer_, table);
  table.Check("token_ids", token_ids.shape, {"R"});
  const Choices choices = Choices::FromInput(context, kChoices, table);
  const ProbeLayers probes = ProbeLayers::FromInput(context, kProbeLayers, table);
  probes.CheckOrder();

  const SequenceLease sequences = step.Lease();
  const auto positions_of = [&](int64_t s) { return step.positions + step.row_offsets[s]; };
  const auto row_count_of = [&](int64_t s) {
    return step.row_offsets[s + 1] - step.row_offsets[s];
  };
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    choices.Check(s, sequences[s], positions_of(s), row_count_of(s));
  }
  float* scores = Output<float>(context, kAttention, {step.num_rows});
  std::vector<float> ranks(step.num_rows);
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    const int64_t begin = step.row_offsets[s], end = step.row_offsets[s + 1];
    ScoreRows(sequences[s], step.positions, begin, end, scores);
    if (choices.Count(s) >= 0) {
      RankRows(choices, s, sequences[s], step.positions, begin, end, scores, ranks.data());
    }
    sequences[s].step().layer_end = probes.LayerEnd(s);
    const int layer_count = probes.LayerCount(s);
    if (layer_count == 0) continue;
    BeginProbe(sequences[s], positions_of(s), row_count_of(s), layer_count);
    AttentionMass& mass = *sequences[s].attention();
    std::fill_n(mass.data(), mass.kv_head_count() * mass.stride(), 0.0f);
  }
  std::vector<int64_t> rows(step.num_rows);
  int64_t* offsets = Output<int64_t>(context, kChosenRowOffsets, {step.num_sequences + 1});
  KeepRows(
      {ranks.data(), step.row_offsets, step.num_sequences, choices.data, rows.data(), offsets});
  const int64_t num_chosen = offsets[step.num_sequences];
  int64_t* chosen_ids = Output<int64_t>(context, kChosenTokenIds, {num_chosen});
  int64_t* chosen_positions = Output<int64_t>(context, kChosenPositions, {num_chosen});
  const auto earlier = StepTokensInput(context, kStepTokens, StepTokensRole::kEarlier, true);
  for (int64_t i = 0; i < num_chosen; ++i) {
    chosen_ids[i] = token_ids.data[rows[i]];
    const int64_t token = EarlierTokenIndex(chosen_ids[i]);
    if (earlier != nullptr && token >= 0 && token < kMaxStepSequences) {
      chosen_ids[i] = earlier->device_ids()[token];
    }
    chosen_positions[i] = step.positions[rows[i]];
  }
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    sequences[s].step().active_row_count = offsets[s + 1] - offsets[s];
  }
}

OrtStatusPtr ChooseRowsOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo* info,
                                          void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new ChooseRowsKernel(Ort::ConstKernelInfo(info)); });
}

}  // namespace cacheblend
