#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include "kernels/cpu/isa.h"
#include "kernels/parallel.h"

namespace cacheblend {

// Instruction sets that this machine supports.
inline std::vector<Isa> SupportedIsas() {
  std::vector<Isa> isas;
  for (Isa isa : {Isa::kBaseline, Isa::kAvx2, Isa::kAvx512}) {
    if (isa <= CurrentIsa()) isas.push_back(isa);
  }
  return isas;
}

// Odd tasks on one thread, even tasks in descending order on another.
inline ParallelFor TwoThreads() {
  return {nullptr,
          [](void*, int64_t num_tasks, void (*body)(void*, int64_t), void* arg) {
            std::thread odd([=] {
              for (int64_t task = 1; task < num_tasks; task += 2) body(arg, task);
            });
            for (int64_t task = (num_tasks - 1) / 2 * 2; task >= 0; task -= 2) {
              if (task < num_tasks) body(arg, task);
            }
            odd.join();
          },
          2};
}

inline std::vector<float> RandomFloats(int64_t count, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> floats(count);
  std::generate(floats.begin(), floats.end(), [&] { return normal(random); });
  return floats;
}

}  // namespace cacheblend
