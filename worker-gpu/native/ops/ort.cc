#include "ops/ort.h"

#include <algorithm>
#include <limits>
#include <thread>

namespace cacheblend {

namespace {

struct Loop {
  void (*body)(void*, int64_t);
  void* arg;
};

void RunOnThreads(void* context, int64_t num_tasks, void (*body)(void*, int64_t), void* arg) {
  if (num_tasks <= 0) return;
  if (num_tasks == 1) return body(arg, 0);
  Loop loop{body, arg};
  static_cast<const Ort::KernelContext*>(context)->ParallelFor(
      [](void* data, size_t task) {
        const Loop& l = *static_cast<Loop*>(data);
        l.body(l.arg, static_cast<int64_t>(task));
      },
      static_cast<size_t>(num_tasks), 0, &loop);
}

}  // namespace

ParallelFor ThreadsFor(const Ort::KernelContext& context, int64_t float_count) {
  // Moving this many floats takes a few microseconds, about as long as waking the threads.
  constexpr int64_t kMinFloatsForThreads = 1 << 14;
  if (float_count < kMinFloatsForThreads) return SerialFor();
  // A session may have fewer threads: it then runs several tasks on one of them.
  static const auto num_threads =
      std::max<int64_t>(1, static_cast<int64_t>(std::thread::hardware_concurrency()));
  return {const_cast<Ort::KernelContext*>(&context), RunOnThreads, num_threads};
}

int IntAttribute(const Ort::ConstKernelInfo& info, const char* name, int smallest) {
  const int64_t value = info.GetAttribute<int64_t>(name);
  if (value < smallest || value > std::numeric_limits<int>::max()) {
    throw std::invalid_argument(
        Text("attribute ", name, " is ", value, ", must be ", smallest, " or more"));
  }
  return static_cast<int>(value);
}

}  // namespace cacheblend
