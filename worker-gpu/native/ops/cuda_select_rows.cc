#include "ops/cuda_select_rows.h"

#include "ops/select_rows.h"
#include "pool/cuda/cuda_event.h"
#include "pool/layer_fill.h"
#include "pool/sequence_step.h"

namespace cacheblend {

using namespace select_rows;

CudaSelectRows::CudaSelectRows(const Ort::ConstKernelInfo& info, ElementType type)
    : layer_(LayerKv::FromAttributes(info)),
      type_(type),
      k_offset_(IntAttribute(info, "k_offset", 0)),
      v_offset_(IntAttribute(info, "v_offset", 0)),
      check_(IntAttribute(info, "check", 0)) {}

OrtStatusPtr CudaSelectRows::ComputeV2(OrtKernelContext* context) {
  return ToStatus("SelectRows", [&] { Compute(Ort::KernelContext(context)); });
}

void CudaSelectRows::Compute(const Ort::KernelContext& context) {
  const DeviceTensor k = DeviceInput(context, kK), v = DeviceInput(context, kV);
  ShapeTable table;
  const CudaStepRows step =
      CudaStepRows::FromInputs(context, kPositions, kRowOffsets, kSequences, layer_, table);
  table.Check("k", k.shape, {"R", Dim::AtLeast(k_offset_ + layer_.RowSize())});
  table.Check("v", v.shape, {"R", Dim::AtLeast(v_offset_ + layer_.RowSize())});
  const Comparison comparison = Comparison::FromInputs(context, check_, table);
  const int64_t num_rows = step.RowCount(table);
  const SequenceLease sequences = step.Lease(type_);
  comparison.Check(sequences);
  CheckRowCount(sequences, &SequenceStep::active_row_count, num_rows);
  cuda::SelectRowsParams params{};
  params.k = RowsFrom(k, k_offset_, type_);
  params.v = RowsFrom(v, v_offset_, type_);
  std::vector<cuda::SequenceChoice> choices;
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    const int64_t keep = comparison.keep_counts[s];
    choices.push_back({InjectionsOf(sequences[s]), keep, params.num_kept_rows,
                       comparison.compare_keys[s] != 0,
                       comparison.Weighs(s) ? MassesOf(sequences[s]) : cuda::Masses{}});
    params.num_kept_rows += KeepRows(sequences[s], keep);
  }
  params.choices = choices.data();
  params.positions = step.positions;
  params.row_offsets = step.row_offsets;
  params.type = type_;
  params.layer = layer_.layer;
  params.row_size = layer_.RowSize();
  params.num_rows = num_rows;
  params.num_sequences = static_cast<int>(step.num_sequences);
  params.scores = Output<float>(context, kScores, {num_rows});
  params.kept_rows = Output<int64_t>(context, kKeptRows, {params.num_kept_rows});
  params.kept_positions = Output<int64_t>(context, kKeptPositions, {params.num_kept_rows});
  params.kept_row_offsets = Output<int64_t>(context, kKeptRowOffsets, {step.num_sequences + 1});
  if (num_rows == 0) return;
  const cudaStream_t stream = StreamOf(context);
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    if (comparison.keep_counts[s] < 0) continue;  // compares nothing
    for (const auto& fence :
         AwaitChunks(sequences[s], layer_.layer, 0, sequences[s].max_token_count())) {
      static_cast<const CudaEvent&>(*fence).Join(stream);
    }
  }
  cuda::SelectRows(params, *tables_.Of(stream), stream);
}

OrtStatusPtr CudaSelectRowsOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo* info,
                                              void** kernel) const {
  return ToStatus(GetName(),
                  [&] { *kernel = new CudaSelectRows(Ort::ConstKernelInfo(info), type_); });
}

OrtMemType CudaSelectRowsOp::GetInputMemoryType(size_t index) const {
  return index >= kSequences ? OrtMemTypeCPUInput : OrtMemTypeDefault;
}

}  // namespace cacheblend
