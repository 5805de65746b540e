#include "ops/step.h"

#include <memory>
#include <stdexcept>

#include "kernels/kv_view.h"
#include "pool/handles.h"
#include "pool/text.h"

namespace cacheblend {

namespace {

// Elements of a key or value, far above any model; keeps sizes from overflowing.
constexpr int64_t kMaxRowSize = int64_t{1} << 24;

void CheckOffsets(const StepRows& step) {
  CheckSequenceCount(step.num_sequences);
  if (step.row_offsets[0] != 0) {
    throw std::invalid_argument(
        Text("row_offsets: starts at ", step.row_offsets[0], ", must start at 0"));
  }
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    if (step.row_offsets[s + 1] > step.row_offsets[s]) continue;
    throw std::invalid_argument(Text("row_offsets: sequence ", s, " of the step has no rows: ",
                                     step.row_offsets[s], " to ", step.row_offsets[s + 1]));
  }
  if (step.row_offsets[step.num_sequences] != step.num_rows) {
    throw std::invalid_argument(Text("row_offsets: ends at ", step.row_offsets[step.num_sequences],
                                     ", must end at ", step.num_rows, ", the number of rows"));
  }
}

void CheckShape(const KvSequence& sequence, const LayerKv& layer) {
  const KvShape& shape = sequence.shape();
  if (layer.layer < shape.layer_count && layer.num_kv_heads == shape.kv_head_count &&
      layer.head_size == shape.head_size) {
    return;
  }
  throw std::invalid_argument(
      Text("sequences: sequence ", sequence.handle(), " has ", shape.layer_count, " layers of ",
           shape.kv_head_count, " KV heads of ", shape.head_size, ", but the op is for layer ",
           layer.layer, ", ", layer.num_kv_heads, " KV heads of ", layer.head_size));
}

}  // namespace

LayerKv LayerKv::FromAttributes(const Ort::ConstKernelInfo& info) {
  const LayerKv kv{IntAttribute(info, "layer", 0), IntAttribute(info, "num_kv_heads", 1),
                   IntAttribute(info, "head_size", 2)};
  if (kv.head_size % 2 != 0 || kv.RowSize() > kMaxRowSize) {
    throw std::invalid_argument(
        Text("attributes num_kv_heads ", kv.num_kv_heads, " and head_size ", kv.head_size,
             ": head size must be even and the product at most ", kMaxRowSize));
  }
  return kv;
}

void CheckSequenceCount(int64_t count) {
  if (count >= 1 && count <= kMaxStepSequences) return;
  throw std::invalid_argument(Text("sequences: the step has ", count, " sequences, must be 1 to ",
                                   kMaxStepSequences, "; split it into several steps"));
}

StepRows StepRows::FromInputs(const Ort::KernelContext& context, size_t positions,
                              size_t row_offsets, size_t sequences, ShapeTable& table) {
  const auto p = Input<int64_t>(context, positions);
  const auto o = Input<int64_t>(context, row_offsets);
  const auto s = Input<int64_t>(context, sequences);
  table.Check("positions", p.shape, {"R"});
  table.Check("sequences", s.shape, {"S"});
  table.Check("row_offsets", o.shape, {Dim("S", 1)});
  const StepRows step{p.data, o.data, s.data, table["R"], table["S"]};
  CheckOffsets(step);
  return step;
}

std::vector<std::shared_ptr<KvSequence>> FindSequences(const int64_t* handles, int64_t count,
                                                       const LayerKv& layer) {
  std::vector<std::shared_ptr<KvSequence>> sequences;
  for (int64_t s = 0; s < count; ++s) {
    sequences.push_back(Sequences().Get(handles[s]));
    CheckShape(*sequences.back(), layer);
  }
  return sequences;
}

}  // namespace cacheblend
