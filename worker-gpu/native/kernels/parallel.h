#pragma once

#include <cstdint>

namespace cacheblend {

// Spreads tasks over somebody else's threads, so that kernels own none and know no runtime.
// `run` calls body(arg, task) once for each task in [0, num_tasks), in any order, and returns when
// all are done.
struct ParallelFor {
  void* context;
  void (*run)(void* context, int64_t num_tasks, void (*body)(void* arg, int64_t task), void* arg);

  // Body: void(int64_t task); must not throw.
  template <typename Body>
  void operator()(int64_t num_tasks, const Body& body) const {
    run(
        context, num_tasks, [](void* arg, int64_t task) { (*static_cast<const Body*>(arg))(task); },
        const_cast<Body*>(&body));
  }
};

// All tasks one after another on the calling thread.
inline ParallelFor SerialFor() {
  return {nullptr, [](void*, int64_t num_tasks, void (*body)(void*, int64_t), void* arg) {
            for (int64_t task = 0; task < num_tasks; ++task) body(arg, task);
          }};
}

}  // namespace cacheblend
