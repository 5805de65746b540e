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

// No two things ever share a handle, so a stale one is always told from a live one.
inline int64_t NextHandle() {
  static std::atomic<int64_t> next{1};
  return next.fetch_add(1);
}

// Things that Java and graphs name by number. Thread-safe; who has looked a thing up keeps it
// alive.
template <typename T>
class Handles {
 public:
  explicit Handles(const char* noun) : noun_(noun) {}

  int64_t Add(int64_t handle, std::shared_ptr<T> thing) {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    things_.emplace(handle, std::move(thing));
    return handle;
  }

  std::shared_ptr<T> Get(int64_t handle) const {
    const std::shared_lock<std::shared_mutex> lock(mutex_);
    const auto found = things_.find(handle);
    if (found == things_.end()) {
      throw std::invalid_argument(Text(noun_, " ", handle, " is unknown or closed"));
    }
    return found->second;
  }

  // Nothing happens where the handle is unknown: closing twice is no error.
  void Remove(int64_t handle) {
    std::shared_ptr<T> last;  // destroyed after the lock is gone
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    const auto found = things_.find(handle);
    if (found == things_.end()) return;
    last = std::move(found->second);
    things_.erase(found);
  }

 private:
  const char* noun_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<int64_t, std::shared_ptr<T>> things_;
};

class KvPool;
class KvSequence;
class StoredChunk;

// The one registry that the JVM and ONNX Runtime share. Never destroyed: threads may outlive main.
Handles<KvPool>& Pools();
Handles<KvSequence>& Sequences();
Handles<StoredChunk>& Chunks();

}  // namespace cacheblend
