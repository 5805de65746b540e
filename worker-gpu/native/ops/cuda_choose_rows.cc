#include "ops/cuda_choose_rows.h"

#include "kernels/cuda/check.h"
#include "kernels/cuda/choose_rows.h"
#include "kernels/cuda/keep_rows.h"
#include "ops/step_tokens.h"
#include "pool/kv_pool.h"
#include "pool/layer_fill.h"
#include "pool/sequence_step.h"

namespace cacheblend {

namespace {

using namespace choose_rows;

// Bytes of the workspace: the ranks, then the workspaces of the sequences that expand.
int64_t RankBytes(int64_t num_rows) { return (num_rows + 1) / 2 * 2 * int64_t{sizeof(float)}; }

int64_t ExpandBytes(const Choices& choices, int64_t s, int64_t num_rows) {
  return choices.Expands(s) ? cuda::ExpandRowsBytes(choices.AnchorCount(s, num_rows)) : 0;
}

// A step that decodes enters a block in all layers. Filling it here saves a launch in each layer.
void Enter(KvSequence& sequence, cudaStream_t stream) {
  const int64_t block = EnterBlock(sequence, sequence.step().end);
  if (block < 0) return;
  const KvPool& pool = sequence.pool();
  cuda::Check(cudaMemsetAsync(pool.Keys(block, 0), 0, pool.layout().BlockBytes(), stream),
              "cudaMemsetAsync of a block");
}

}  // namespace

OrtStatusPtr CudaChooseRows::ComputeV2(OrtKernelContext* context) {
  return ToStatus("ChooseRows", [&] { Compute(Ort::KernelContext(context)); });
}

void CudaChooseRows::Rank(const CudaStepRows& step, const SequenceLease& sequences,
                          const Choices& choices, float* scores, float* ranks, void* workspace,
                          cudaStream_t stream) {
  cuda::RankRowsParams rank{};
  cuda::ExpandRowsParams expand{};
  std::vector<cuda::RankRowsParams::Sequence> ranked;
  std::vector<cuda::ExpandRowsParams::Sequence> expanded;
  bool any_expands = false;
  int64_t workspace_offset = 0;
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    KvSequence& sequence = sequences[s];
    ranked.push_back({InjectionsOf(sequence), MassesOf(sequence),
                      choices.At(Choices::kHeadDepth, s), choices.At(Choices::kHeadEnd, s)});
    expanded.emplace_back();
    if (!choices.Expands(s)) continue;
    any_expands = true;
    const int64_t num_rows = sequence.step().row_count;
    expanded[s] = {choices.AnchorCount(s, num_rows), choices.Count(s), workspace_offset};
    workspace_offset += ExpandBytes(choices, s, num_rows);
  }
  rank.positions = step.positions;
  rank.row_offsets = expand.row_offsets = step.row_offsets;
  rank.num_rows = step.position_count;
  rank.sequences = ranked.data();
  expand.sequences = expanded.data();
  rank.num_sequences = expand.num_sequences = static_cast<int>(step.num_sequences);
  rank.scores = scores;
  rank.ranks = expand.ranks = ranks;
  expand.workspace = workspace;
  cuda::StepTables& tables = *tables_.Of(stream);
  cuda::RankRows(rank, tables, stream);
  if (any_expands) cuda::ExpandRows(expand, tables, stream);
}

// A step begins here: its rows are checked in host memory, before anything is written.
void CudaChooseRows::Compute(const Ort::KernelContext& context) {
  const auto token_ids = Input<int64_t>(context, kTokenIds);
  ShapeTable table;
  const CudaStepRows step =
      CudaStepRows::FromInputs(context, kPositions, kRowOffsets, kSequences, layer_, table);
  table.Check("token_ids", token_ids.shape, {"R"});
  const Choices choices = Choices::FromInput(context, kChoices, table);
  const ProbeLayers probes = ProbeLayers::FromInput(context, kProbeLayers, table);
  probes.CheckOrder();
  ShapeTable host_table;
  const StepRows rows = StepRows::FromInputs(context, kStepPositions, kStepRowOffsets, kSequences,
                                             layer_, host_table);
  const int64_t num_rows = step.RowCount(table);
  if (rows.num_rows != num_rows) {
    throw std::invalid_argument(
        Text("step_positions: ", rows.num_rows, " rows, but positions has ", num_rows));
  }
  const auto positions_of = [&](int64_t s) { return rows.positions + rows.row_offsets[s]; };
  const auto row_count_of = [&](int64_t s) {
    return rows.row_offsets[s + 1] - rows.row_offsets[s];
  };

  const SequenceLease sequences = step.Lease();
  const cudaStream_t stream = StreamOf(context);
  cuda::KeepRowsParams keep{};
  std::vector<cuda::KeepRowsParams::Keep> keeps;
  int64_t workspace_bytes = RankBytes(num_rows);
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    choices.Check(s, sequences[s], positions_of(s), row_count_of(s));
    workspace_bytes += ExpandBytes(choices, s, row_count_of(s));
  }
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    BeginStep(sequences[s], layer_.layer, positions_of(s), row_count_of(s),
              sequences[s].max_token_count());
    Enter(sequences[s], stream);
    keeps.push_back({choices.Count(s), keep.num_kept_rows});
    keep.num_kept_rows += ChooseRows(sequences[s], choices.Count(s));
  }
  char* const workspace = static_cast<char*>(workspace_.Of(stream)->Get(workspace_bytes));
  float* const ranks = reinterpret_cast<float*>(workspace);
  Rank(step, sequences, choices, Output<float>(context, kAttention, {num_rows}), ranks,
       workspace + RankBytes(num_rows), stream);
  keep.keeps = keeps.data();
  keep.ranks = ranks;
  keep.row_offsets = step.row_offsets;
  keep.num_sequences = static_cast<int>(step.num_sequences);
  keep.positions = step.positions;
  keep.token_ids = token_ids.data;
  const auto earlier = StepTokensInput(context, kStepTokens, StepTokensRole::kEarlier, false);
  if (earlier != nullptr) {
    keep.earlier_tokens = earlier->device_ids();
    keep.num_earlier_tokens = kMaxStepSequences;
  }
  keep.kept_token_ids = Output<int64_t>(context, kChosenTokenIds, {keep.num_kept_rows});
  keep.kept_positions = Output<int64_t>(context, kChosenPositions, {keep.num_kept_rows});
  keep.kept_row_offsets = Output<int64_t>(context, kChosenRowOffsets, {step.num_sequences + 1});
  cuda::KeepRows(keep, *tables_.Of(stream), stream);
  // After the ranks, which are those of an earlier probe.
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    sequences[s].step().layer_end = probes.LayerEnd(s);
    const int layer_count = probes.LayerCount(s);
    if (layer_count == 0) continue;
    BeginProbe(sequences[s], positions_of(s), row_count_of(s), layer_count);
    const AttentionMass& mass = *sequences[s].attention();
    cuda::Check(cudaMemsetAsync(mass.data(), 0, mass.byte_count(), stream),
                "cudaMemsetAsync of the attention of a prompt");
  }
}

OrtStatusPtr CudaChooseRowsOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo* info,
                                              void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new CudaChooseRows(Ort::ConstKernelInfo(info)); });
}

}  // namespace cacheblend
