#pragma once

#include <cstdint>

namespace cacheblend {

// Runs tasks on threads of the caller, so that kernels own no threads and depend on no runtime.
// `run` calls body(arg, task) once for each task in [0, num_tasks), in any order, and returns when
// all tasks have completed.
struct ParallelFor {
  void* context;
  void (*run)(void* context, int64_t num_tasks, void (*body)(void* arg, int64_t task), void* arg);
  int64_t num_threads;  // tasks that can run at the same time; a hint, not a limit

  // Body: void(int64_t task). It must not throw: tasks run behind a C callback.
  template <typename Body>
  void operator()(int64_t num_tasks, const Body& body) const {
    run(
        context, num_tasks, [](void* arg, int64_t task) { (*static_cast<const Body*>(arg))(task); },
        const_cast<Body*>(&body));
  }
};

// All tasks in order on the calling thread.
inline ParallelFor SerialFor() {
  return {nullptr,
          [](void*, int64_t num_tasks, void (*body)(void*, int64_t), void* arg) {
            for (int64_t task = 0; task < num_tasks; ++task) body(arg, task);
          },
          1};
}

}  // namespace cacheblend
