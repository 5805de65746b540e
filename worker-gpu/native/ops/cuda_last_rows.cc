#include "ops/cuda_last_rows.h"

#include "kernels/cuda/last_rows.h"
#include "ops/last_rows.h"

namespace cacheblend {

using namespace last_rows;

OrtStatusPtr CudaLastRows::ComputeV2(OrtKernelContext* context) {
  return ToStatus("LastRows", [&] { Compute(Ort::KernelContext(context)); });
}

void CudaLastRows::Compute(const Ort::KernelContext& context) {
  const LastRowsInputs in = LastRowsInputs::From(context, layer_);
  cuda::LastRowsParams params{};
  params.positions = in.positions;
  params.row_offsets = in.row_offsets;
  params.num_sequences = static_cast<int>(in.num_sequences);
  params.num_ends = static_cast<int>(in.num_continuing);
  params.total = in.total;
  std::vector<cuda::LastRowsParams::Sequence> last;
  int64_t offset = 0;
  for (int64_t s = 0; s < in.num_sequences; ++s) {
    last.push_back({in.query_counts[s], offset});
    offset += in.query_counts[s];
  }
  params.sequences = last.data();
  params.query_rows = Output<int64_t>(context, kQueryRows, {in.total});
  params.query_positions = Output<int64_t>(context, kQueryPositions, {in.total});
  params.query_row_offsets = Output<int64_t>(context, kQueryRowOffsets, {in.num_sequences + 1});
  params.ends = Output<int64_t>(context, kEnds, {in.num_continuing});
  params.last_rows = Output<int64_t>(context, kLastRows, {in.num_continuing});
  if (in.num_sequences == 0) return;
  const cudaStream_t stream = StreamOf(context);
  cuda::LastRows(params, *tables_.Of(stream), stream);
}

OrtStatusPtr CudaLastRowsOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo* info,
                                            void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new CudaLastRows(Ort::ConstKernelInfo(info)); });
}

}  // namespace cacheblend
