#include "ops/choices.h"

#include <limits>
#include <stdexcept>

#include "pool/kv_sequence.h"
#include "pool/text.h"

namespace cacheblend {

Choices Choices::FromInput(const Ort::KernelContext& context, size_t index, ShapeTable& table) {
  const auto choices = Input<int64_t>(context, index);
  table.Check("choices", choices.shape, {int64_t{kFieldCount}, "S"});
  return {choices.data, table["S"]};
}

void Choices::Check(int64_t s, const KvSequence& sequence, const int64_t* positions,
                    int64_t row_count) const {
  const int64_t count = Count(s), anchors = At(kAnchorCount, s);
  if (count == -1) return;
  if (count < -1 || anchors < 0 || anchors > count) {
    throw std::invalid_argument(
        Text("choices: ", count, " rows and ", anchors, " anchors for sequence ", s,
             " of the step, must be -1 rows (all stay), or 0 or more with at"
             " most as many anchors"));
  }
  const AttentionMass* mass = sequence.attention();
  if (mass == nullptr || !mass->probed()) {
    throw std::invalid_argument(
        Text("choices: sequence ", s, " of the step has no attention; run a probe first"));
  }
  if (positions[row_count - 1] - positions[0] + 1 != row_count) {
    throw std::invalid_argument(Text("positions: ", row_count, " rows from position ", positions[0],
                                     " to ", positions[row_count - 1], " in sequence ",
                                     sequence.handle(),
                                     ", must be all between them to choose from"));
  }
}

ProbeLayers ProbeLayers::FromInput(const Ort::KernelContext& context, size_t index,
                                   ShapeTable& table) {
  const auto layers = Input<int64_t>(context, index);
  table.Check("probe_layers", layers.shape, {Dim::AtLeast(1), "S"});
  const int64_t num_layers = layers.shape[0];
  for (int64_t i = 0; i < num_layers * table["S"]; ++i) {
    if (layers.data[i] == 0 || layers.data[i] == 1) continue;
    throw std::invalid_argument(
        Text("probe_layers: ", layers.data[i], " for layer ", i / table["S"], ", must be 0 or 1"));
  }
  return {layers.data, num_layers, table["S"]};
}

int ProbeLayers::LayerCount(int64_t s) const {
  int count = 0;
  for (int64_t layer = 0; layer < num_layers; ++layer) count += At(layer, s);
  return count;
}

int ProbeLayers::LayerEnd(int64_t s) const {
  for (int64_t layer = num_layers; layer > 0; --layer) {
    if (At(layer - 1, s)) return static_cast<int>(layer);
  }
  return std::numeric_limits<int>::max();
}

void ProbeLayers::CheckOrder() const {
  for (int64_t s = 1; s < num_sequences; ++s) {
    if (LayerEnd(s) <= LayerEnd(s - 1)) continue;
    throw std::invalid_argument(
        Text("probe_layers: sequence ", s, " of the step needs more layers than the one before it;",
             " put probes behind all other sequences, those with more layers first"));
  }
}

}  // namespace cacheblend
