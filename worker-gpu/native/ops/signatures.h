#pragma once

// Inputs and outputs of the ops, the same for every execution provider; README.md describes them.
// step_positions and step_row_offsets repeat positions and row_offsets in host memory, where CUDA
// ops check them.

#include <cstddef>

#include "ops/ort.h"

namespace cacheblend {

namespace choose_rows {
enum InputIndex {
  kTokenIds,
  kPositions,
  kRowOffsets,
  kSequences,
  kChoices,
  kProbeLayers,
  kStepPositions,
  kStepRowOffsets,
  kStepTokens,
  kInputCount
};
enum OutputIndex { kChosenTokenIds, kChosenPositions, kChosenRowOffsets, kAttention, kOutputCount };
}  // namespace choose_rows

namespace kv_inject {
enum InputIndex {
  kQ,
  kK,
  kV,
  kPositions,
  kRowOffsets,
  kSequences,
  kCos,
  kSin,
  kQueryRows,
  kStepPositions,
  kStepRowOffsets,
  kInputCount
};
}  // namespace kv_inject

namespace select_rows {
enum InputIndex {
  kK,
  kV,
  kPositions,
  kRowOffsets,
  kSequences,
  kKeepCounts,
  kCompareKeys,
  kWeighByAttention,
  kInputCount
};
enum OutputIndex { kKeptRows, kKeptPositions, kKeptRowOffsets, kScores, kOutputCount };
}  // namespace select_rows

namespace partial_attention {
enum InputIndex {
  kQ,
  kPositions,
  kRowOffsets,
  kSequences,
  kProbeLayers,
  kQueryCounts,
  kInputCount
};
}  // namespace partial_attention

namespace last_rows {
enum InputIndex { kPositions, kRowOffsets, kSequences, kQueryCounts, kInputCount };
enum OutputIndex { kQueryRows, kQueryPositions, kQueryRowOffsets, kEnds, kLastRows, kOutputCount };
}  // namespace last_rows

namespace greedy_token {
enum InputIndex { kLogits, kStepTokens, kInputCount };
}  // namespace greedy_token

namespace linear {
enum InputIndex { kX, kWeight, kBias, kNormWeight, kResidual, kInputCount };
}  // namespace linear

namespace rms_norm {
enum InputIndex { kX, kWeight, kResidual, kInputCount };
}  // namespace rms_norm

namespace first_rows {
enum InputIndex { kTable, kLike, kInputCount };
}  // namespace first_rows

namespace take_rows {
enum InputIndex { kTable, kRows, kInputCount };
}  // namespace take_rows

// Types of inputs and outputs; `type` is the type of queries, keys and values.
ONNXTensorElementDataType ChooseRowsOutputType(size_t index);
ONNXTensorElementDataType KvInjectInputType(size_t index, ONNXTensorElementDataType type);
ONNXTensorElementDataType SelectRowsInputType(size_t index, ONNXTensorElementDataType type);
ONNXTensorElementDataType SelectRowsOutputType(size_t index);
ONNXTensorElementDataType PartialAttentionInputType(size_t index, ONNXTensorElementDataType type);

OrtCustomOpInputOutputCharacteristic ChooseRowsInputCharacteristic(size_t index);
OrtCustomOpInputOutputCharacteristic KvInjectInputCharacteristic(size_t index);
OrtCustomOpInputOutputCharacteristic SelectRowsInputCharacteristic(size_t index);
OrtCustomOpInputOutputCharacteristic PartialAttentionInputCharacteristic(size_t index);
OrtCustomOpInputOutputCharacteristic GreedyTokenInputCharacteristic(size_t index);
OrtCustomOpInputOutputCharacteristic LinearInputCharacteristic(size_t index);
OrtCustomOpInputOutputCharacteristic RmsNormInputCharacteristic(size_t index);

}  // namespace cacheblend
