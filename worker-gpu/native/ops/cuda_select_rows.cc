#include "ops/cuda_select_rows.h"

#include "ops/select_rows.h"
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

void CudaSelectRows::Compute(const Ort::KernelContext& context) const {
  const DeviceTensor k = DeviceInput(context, kK), v = DeviceInput(context, kV);
  const auto keep_counts = Input<int64_t>(context, kKeepCounts);
  const auto compare_keys = Input<int64_t>(context, kCompareKeys);
  ShapeTable table;
  const CudaStepRows step =
      CudaStepRows::FromInputs(context, kPositions, kRowOffsets, kSequences, table);
  table.Check("k", k.shape, {"R", Dim::AtLeast(k_offset_ + layer_.RowSize())});
  table.Check("v", v.shape, {"R", Dim::AtLeast(v_offset_ + layer_.RowSize())});
  table.Check("keep_counts", keep_counts.shape, {Dim::AtLeast(check_ + 1), "S"});
  table.Check("compare_keys", compare_keys.shape, {"S"});
  const int64_t* keep = keep_counts.data + check_ * step.num_sequences;
  CheckChoices(keep, compare_keys.data, step.num_sequences);

  const SequenceLease sequences = step.Lease(layer_, type_);
  CheckRowCount(sequences, &SequenceStep::active_row_count, step.num_rows);
  cuda::SelectRowsParams params{};
  params.k = RowsFrom(k, k_offset_, type_);
  params.v = RowsFrom(v, v_offset_, type_);
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    KvSequence& sequence = sequences[s];
    const cuda::Injections chunks{static_cast<const cuda::Injection*>(sequence.injection_table()),
                                  static_cast<int>(sequence.injections().size())};
    params.choices[s] = {chunks, keep[s], params.num_kept_rows, compare_keys.data[s] != 0};
    params.num_kept_rows += KeepRows(sequence, keep[s]);
  }
  params.positions = step.positions;
  params.row_offsets = step.row_offsets;
  params.type = type_;
  params.layer = layer_.layer;
  params.row_size = layer_.RowSize();
  params.num_rows = step.num_rows;
  params.num_sequences = static_cast<int>(step.num_sequences);
  params.scores = Output<float>(context, kScores, {step.num_rows});
  params.kept_rows = Output<int64_t>(context, kKeptRows, {params.num_kept_rows});
  params.kept_positions = Output<int64_t>(context, kKeptPositions, {params.num_kept_rows});
  params.kept_row_offsets = Output<int64_t>(context, kKeptRowOffsets, {step.num_sequences + 1});
  cuda::SelectRows(params, StreamOf(context));
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
