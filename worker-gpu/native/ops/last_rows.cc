#include "ops/last_rows.h"

namespace cacheblend {

using namespace last_rows;

int64_t TotalQueryCount(const int64_t* query_counts, int64_t num_sequences) {
  int64_t total = 0;
  for (int64_t s = 0; s < num_sequences; ++s) {
    if (query_counts[s] < 1) {
      throw std::invalid_argument(Text("query_counts: ", query_counts[s], " for sequence ", s,
                                       " of the step, must be 1 or more"));
    }
    total += query_counts[s];
  }
  return total;
}

OrtStatusPtr LastRowsKernel::ComputeV2(OrtKernelContext* context) {
  return ToStatus("LastRows", [&] { Compute(Ort::KernelContext(context)); });
}

void LastRowsKernel::Compute(const Ort::KernelContext& context) const {
  const auto positions = Input<int64_t>(context, kPositions);
  const auto offsets = Input<int64_t>(context, kRowOffsets);
  const auto counts = Input<int64_t>(context, kQueryCounts);
  ShapeTable table;
  table.Check("positions", positions.shape, {"R"});
  table.Check("query_counts", counts.shape, {"S"});
  table.Check("row_offsets", offsets.shape, {Dim("S", 1)});
  const int64_t num_sequences = table["S"], total = TotalQueryCount(counts.data, num_sequences);
  int64_t* query_rows = Output<int64_t>(context, kQueryRows, {total});
  int64_t* query_positions = Output<int64_t>(context, kQueryPositions, {total});
  int64_t* query_offsets = Output<int64_t>(context, kQueryRowOffsets, {num_sequences + 1});
  int64_t* ends = Output<int64_t>(context, kEnds, {num_sequences});
  int64_t* last_rows = Output<int64_t>(context, kLastRows, {num_sequences});
  int64_t query = 0;
  query_offsets[0] = 0;
  for (int64_t s = 0; s < num_sequences; ++s) {
    const int64_t end = offsets.data[s + 1], first = end - counts.data[s];
    if (first < offsets.data[s] || end > table["R"]) {
      throw std::invalid_argument(Text("query_counts: ", counts.data[s], " for sequence ", s,
                                       " of the step, which has ", end - offsets.data[s],
                                       " active rows"));
    }
    for (int64_t row = first; row < end; ++row, ++query) {
      query_rows[query] = row;
      query_positions[query] = positions.data[row];
    }
    query_offsets[s + 1] = query;
    ends[s] = query - 1;
    last_rows[s] = end - 1;
  }
}

OrtStatusPtr LastRowsOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo*, void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new LastRowsKernel; });
}

}  // namespace cacheblend
