#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <unordered_map>

#include "pool/text.h"

namespace cacheblend {

// Handles are never reused, so a stale one is always recognized.
inline int64_t NextHandle() {
  static std::atomic<int64_t> next{1};
  return next.fetch_add(1);
}

// Objects that Java and graphs name by handle. Thread-safe; the result of Get keeps an object
// alive.
template <typename T>
class Handles {
 public:
  explicit Handles(const char* noun) : noun_(noun) {}

  int64_t Add(int64_t handle, std::shared_ptr<T> object) {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    objects_.emplace(handle, std::move(object));
    return handle;
  }

  std::shared_ptr<T> Get(int64_t handle) const {
    const std::shared_lock<std::shared_mutex> lock(mutex_);
    const auto found = objects_.find(handle);
    if (found == objects_.end()) {
      throw std::invalid_argument(Text(noun_, " ", handle, " is unknown or closed"));
    }
    return found->second;
  }

  // Ignores an unknown handle: closing twice is not an error.
  void Remove(int64_t handle) {
    std::shared_ptr<T> last;  // destroyed after the lock is released
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    const auto found = objects_.find(handle);
    if (found == objects_.end()) return;
    last = std::move(found->second);
    objects_.erase(found);
  }

 private:
  const char* noun_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<int64_t, std::shared_ptr<T>> objects_;
};

class Buffer;
class ChunkLoad;
class KvPool;
class KvSequence;
class StepTokens;
class StoredChunk;

// The one registry that the JVM and ONNX Runtime share. Never destroyed: threads may outlive main.
Handles<KvPool>& Pools();
Handles<KvSequence>& Sequences();
Handles<StoredChunk>& Chunks();
Handles<Buffer>& HostBuffers();
Handles<ChunkLoad>& ChunkLoads();
Handles<StepTokens>& TokensOfSteps();

}  // namespace cacheblend
