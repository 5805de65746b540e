#include "ops/signatures.h"

namespace cacheblend {

namespace {

constexpr auto kInt64 = ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
constexpr auto kFloat = ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;

}  // namespace

ONNXTensorElementDataType ChooseRowsOutputType(size_t index) {
  return index == choose_rows::kAttention ? kFloat : kInt64;
}

ONNXTensorElementDataType KvInjectInputType(size_t index, ONNXTensorElementDataType type) {
  using namespace kv_inject;
  if (index <= kV) return type;
  return index == kCos || index == kSin ? kFloat : kInt64;
}

ONNXTensorElementDataType SelectRowsInputType(size_t index, ONNXTensorElementDataType type) {
  return index <= select_rows::kV ? type : kInt64;
}

ONNXTensorElementDataType SelectRowsOutputType(size_t index) {
  return index == select_rows::kScores ? kFloat : kInt64;
}

ONNXTensorElementDataType PartialAttentionInputType(size_t index, ONNXTensorElementDataType type) {
  return index == partial_attention::kQ ? type : kInt64;
}

OrtCustomOpInputOutputCharacteristic ChooseRowsInputCharacteristic(size_t index) {
  return index >= choose_rows::kStepTokens ? INPUT_OUTPUT_OPTIONAL : INPUT_OUTPUT_REQUIRED;
}

OrtCustomOpInputOutputCharacteristic KvInjectInputCharacteristic(size_t index) {
  return index >= kv_inject::kQueryRows ? INPUT_OUTPUT_OPTIONAL : INPUT_OUTPUT_REQUIRED;
}

OrtCustomOpInputOutputCharacteristic SelectRowsInputCharacteristic(size_t index) {
  return index >= select_rows::kWeighByAttention ? INPUT_OUTPUT_OPTIONAL : INPUT_OUTPUT_REQUIRED;
}

OrtCustomOpInputOutputCharacteristic PartialAttentionInputCharacteristic(size_t index) {
  return index >= partial_attention::kProbeLayers ? INPUT_OUTPUT_OPTIONAL : INPUT_OUTPUT_REQUIRED;
}

OrtCustomOpInputOutputCharacteristic GreedyTokenInputCharacteristic(size_t index) {
  return index >= greedy_token::kStepTokens ? INPUT_OUTPUT_OPTIONAL : INPUT_OUTPUT_REQUIRED;
}

OrtCustomOpInputOutputCharacteristic LinearInputCharacteristic(size_t index) {
  return index >= linear::kBias ? INPUT_OUTPUT_OPTIONAL : INPUT_OUTPUT_REQUIRED;
}

OrtCustomOpInputOutputCharacteristic RmsNormInputCharacteristic(size_t index) {
  return index == rms_norm::kResidual ? INPUT_OUTPUT_OPTIONAL : INPUT_OUTPUT_REQUIRED;
}

}  // namespace cacheblend
