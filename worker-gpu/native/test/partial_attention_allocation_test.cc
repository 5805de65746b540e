// Tasks of a ParallelFor run behind a C callback, so they must not throw, and therefore must not
// allocate. This program replaces operator new and counts allocations inside tasks.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>
#include <vector>

#include "kernels/cpu/partial_attention.h"
#include "test/partial_attention_step.h"
#include "test/testing.h"

namespace {

thread_local bool in_task = false;
std::atomic<int> allocations_in_tasks{0};

void* Allocate(std::size_t size, std::size_t alignment) {
  if (in_task) ++allocations_in_tasks;
  void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return Allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return Allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace cacheblend {
namespace {

// Each task on a new thread, so that no thread has memory of an earlier call.
ParallelFor NewThreadPerTask() {
  return {nullptr,
          [](void*, int64_t num_tasks, void (*body)(void*, int64_t), void* arg) {
            for (int64_t task = 0; task < num_tasks; ++task) {
              std::thread([=] {
                in_task = true;
                body(arg, task);
                in_task = false;
              }).join();
            }
          },
          3};
}

class PartialAttentionAllocationTest : public testing::TestWithParam<Isa> {};

INSTANTIATE_TEST_SUITE_P(Isas, PartialAttentionAllocationTest, testing::ValuesIn(SupportedIsas()));

TEST_P(PartialAttentionAllocationTest, TasksDoNotAllocate) {
  const Shape shape = {2, 4, 64, 0};
  const AttentionStep prefill(shape, {Range(0, 600)});  // a task per tile
  const AttentionStep decode(shape, {{5000}});          // a task per span of keys
  for (const AttentionStep* step : {&prefill, &decode}) {
    allocations_in_tasks = 0;
    step->RunOn(GetParam(), NewThreadPerTask());
    EXPECT_EQ(0, allocations_in_tasks);
  }
}

}  // namespace
}  // namespace cacheblend
