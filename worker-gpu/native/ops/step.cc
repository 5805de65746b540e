#include "ops/step.h"

#include <algorithm>
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

SequencesInLayer FindInLayer(const int64_t* handles, int64_t count, const LayerKv& layer) {
  SequencesInLayer sequences = FindSequences(handles, count, layer);
  const auto ended = std::find_if(sequences.begin(), sequences.end(), [&](const auto& sequence) {
    return !sequence->step().InLayer(layer.layer);
  });
  sequences.erase(ended, sequences.end());
  return sequences;
}

int64_t CountContinuing(const SequenceLease& sequences, int layer) {
  int64_t count = 0;
  while (count < sequences.size() && !sequences[count].step().EndsIn(layer)) ++count;
  return count;
}

StepRows StepRows::FromInputs(const Ort::KernelContext& context, size_t positions,
                              size_t row_offsets, size_t sequences, const LayerKv& layer,
                              ShapeTable& table) {
  const auto p = Input<int64_t>(context, positions);
  const auto o = Input<int64_t>(context, row_offsets);
  const auto s = Input<int64_t>(context, sequences);
  table.Check("sequences", s.shape, {"S"});
  CheckSequenceCount(table["S"]);
  StepRows step{p.data, o.data, FindInLayer(s.data, table["S"], layer), 0, 0};
  step.num_sequences = static_cast<int64_t>(step.sequences.size());
  if (step.num_sequences == table["S"]) {
    table.Check("positions", p.shape, {"R"});
    table.Check("row_offsets", o.shape, {Dim("S", 1)});
  } else {
    table.Check("row_offsets", o.shape, {Dim::AtLeast(step.num_sequences + 1)});
    table.Bind("R", o.data[step.num_sequences]);
    table.Check("positions", p.shape, {Dim::AtLeast(table["R"])});
  }
  step.num_rows = table["R"];
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
