#include "ops/last_rows.h"

namespace cacheblend {

using namespace last_rows;

LastRowsInputs LastRowsInputs::From(const Ort::KernelContext& context, const LayerKv& layer) {
  const auto positions = Input<int64_t>(context, kPositions);
  const auto offsets = Input<int64_t>(context, kRowOffsets);
  const auto handles = Input<int64_t>(context, kSequences);
  const auto counts = Input<int64_t>(context, kQueryCounts);
  ShapeTable table;
  table.Check("positions", positions.shape, {"R"});
  table.Check("query_counts", counts.shape, {"S"});
  table.Check("sequences", handles.shape, {"S"});
  CheckSequenceCount(table["S"]);
  const SequenceLease sequences(FindInLayer(handles.data, table["S"], layer));
  LastRowsInputs inputs{positions.data,
                        offsets.data,
                        counts.data,
                        table["R"],
                        sequences.size(),
                        CountContinuing(sequences, layer.layer),
                        0};
  if (sequences.size() == table["S"]) {
    table.Check("row_offsets", offsets.shape, {Dim("S", 1)});
  } else {
    table.Check("row_offsets", offsets.shape, {Dim::AtLeast(sequences.size() + 1)});
  }
  for (int64_t s = 0; s < inputs.num_sequences; ++s) {
    if (counts.data[s] < 1) {
      throw std::invalid_argument(Text("query_counts: ", counts.data[s], " for sequence ", s,
                                       " of the step, must be 1 or more"));
    }
    if (counts.data[s] > inputs.num_rows - inputs.total) {
      throw std::invalid_argument(Text("query_counts: ", counts.data[s], " for sequence ", s,
                                       " of the step, which has at most ",
                                       inputs.num_rows - inputs.total, " active rows"));
    }
    inputs.total += counts.data[s];
  }
  return inputs;
}

OrtStatusPtr LastRowsKernel::ComputeV2(OrtKernelContext* context) {
  return ToStatus("LastRows", [&] { Compute(Ort::KernelContext(context)); });
}

void LastRowsKernel::Compute(const Ort::KernelContext& context) const {
  const LastRowsInputs in = LastRowsInputs::From(context, layer_);
  int64_t* query_rows = Output<int64_t>(context, kQueryRows, {in.total});
  int64_t* query_positions = Output<int64_t>(context, kQueryPositions, {in.total});
  int64_t* query_offsets = Output<int64_t>(context, kQueryRowOffsets, {in.num_sequences + 1});
  int64_t* ends = Output<int64_t>(context, kEnds, {in.num_continuing});
  int64_t* last_rows = Output<int64_t>(context, kLastRows, {in.num_continuing});
  int64_t query = 0;
  query_offsets[0] = 0;
  for (int64_t s = 0; s < in.num_sequences; ++s) {
    const int64_t begin = in.row_offsets[s], end = in.row_offsets[s + 1];
    const int64_t first = end - in.query_counts[s];
    if (begin < 0 || first < begin || end > in.num_rows) {
      throw std::invalid_argument(Text("query_counts: ", in.query_counts[s], " for sequence ", s,
                                       " of the step, which has ", end - begin, " active rows"));
    }
    for (int64_t row = first; row < end; ++row, ++query) {
      query_rows[query] = row;
      query_positions[query] = in.positions[row];
    }
    query_offsets[s + 1] = query;
    if (s >= in.num_continuing) continue;
    ends[s] = query - 1;
    last_rows[s] = end - 1;
  }
}

OrtStatusPtr LastRowsOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo* info,
                                        void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new LastRowsKernel(Ort::ConstKernelInfo(info)); });
}

}  // namespace cacheblend
