#pragma once

// ONNX Runtime's C++ API, bound to the runtime that loads the library (see registry.cc).
#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>
#undef ORT_API_MANUAL_INIT

#include <exception>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/parallel.h"
#include "pool/text.h"

namespace cacheblend {

inline OrtStatusPtr NewStatus(OrtErrorCode code, const char* op, const char* what) noexcept {
  try {
    return Ort::GetApi().CreateStatus(code, Text(op, ": ", what).c_str());
  } catch (...) {  // out of memory
    return Ort::GetApi().CreateStatus(code, op);
  }
}

// Turns an exception of an op into a status that starts with the op's name.
template <typename Body>
OrtStatusPtr ToStatus(const char* op, const Body& body) noexcept {
  try {
    body();
    return nullptr;
  } catch (const Ort::Exception& e) {
    return NewStatus(e.GetOrtErrorCode(), op, e.what());
  } catch (const std::invalid_argument& e) {
    return NewStatus(ORT_INVALID_ARGUMENT, op, e.what());
  } catch (const std::exception& e) {
    return NewStatus(ORT_FAIL, op, e.what());
  } catch (...) {
    return NewStatus(ORT_FAIL, op, "unexpected error");
  }
}

template <typename T>
struct Tensor {
  const T* data;
  std::vector<int64_t> shape;
};

template <typename T>
Tensor<T> Input(const Ort::KernelContext& context, size_t index) {
  const Ort::ConstValue value = context.GetInput(index);
  return {value.GetTensorData<T>(), value.GetTensorTypeAndShapeInfo().GetShape()};
}

// Whether an optional input is present.
inline bool IsGiven(const Ort::KernelContext& context, size_t index) {
  return context.GetInputCount() > index && context.GetInput(index) != nullptr;
}

template <typename T>
T* Output(const Ort::KernelContext& context, size_t index, const std::vector<int64_t>& shape) {
  return context.GetOutput(index, shape).GetTensorMutableData<T>();
}

// ONNX Runtime's intra-op threads if moving `float_count` floats is worth waking them, else the
// calling thread.
ParallelFor ThreadsFor(const Ort::KernelContext& context, int64_t float_count);

inline ParallelFor ThreadsOf(const Ort::KernelContext& context) {
  return ThreadsFor(context, std::numeric_limits<int64_t>::max());
}

// An attribute of `smallest` or more; throws std::invalid_argument with its name and value.
int IntAttribute(const Ort::ConstKernelInfo& info, const char* name, int smallest);

}  // namespace cacheblend
