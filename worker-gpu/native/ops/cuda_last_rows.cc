#include "ops/cuda_last_rows.h"

#include "kernels/cuda/last_rows.h"
#include "ops/last_rows.h"

namespace cacheblend {

using namespace last_rows;

OrtStatusPtr CudaLastRows::ComputeV2(OrtKernelContext* context) {
  return ToStatus("LastRows", [&] { Compute(Ort::KernelContext(context)); });
}

void CudaLastRows::Compute(const Ort::KernelContext& context) const {
  const auto positions = Input<int64_t>(context, kPositions);
  const auto offsets = Input<int64_t>(context, kRowOffsets);
  const auto counts = Input<int64_t>(context, kQueryCounts);
  ShapeTable table;
  table.Check("positions", positions.shape, {"R"});
  table.Check("query_counts", counts.shape, {"S"});
  table.Check("row_offsets", offsets.shape, {Dim("S", 1)});
  const int64_t num_sequences = table["S"];
  CheckSequenceCount(num_sequences);
  cuda::LastRowsParams params{};
  params.positions = positions.data;
  params.row_offsets = offsets.data;
  params.num_sequences = static_cast<int>(num_sequences);
  params.total = TotalQueryCount(counts.data, num_sequences);
  if (params.total > table["R"]) {
    throw std::invalid_argument(Text("query_counts: ", params.total,
                                     " query rows, but the step has ", table["R"], " active rows"));
  }
  int64_t offset = 0;
  for (int64_t s = 0; s < num_sequences; ++s) {
    params.sequences[s] = {counts.data[s], offset};
    offset += counts.data[s];
  }
  params.query_rows = Output<int64_t>(context, kQueryRows, {params.total});
  params.query_positions = Output<int64_t>(context, kQueryPositions, {params.total});
  params.query_row_offsets = Output<int64_t>(context, kQueryRowOffsets, {num_sequences + 1});
  params.ends = Output<int64_t>(context, kEnds, {num_sequences});
  params.last_rows = Output<int64_t>(context, kLastRows, {num_sequences});
  cuda::LastRows(params, StreamOf(context));
}

OrtStatusPtr CudaLastRowsOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo*,
                                            void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new CudaLastRows; });
}

}  // namespace cacheblend
