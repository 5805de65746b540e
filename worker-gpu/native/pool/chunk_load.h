#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "pool/buffer.h"

namespace cacheblend {

class StoredChunk;

// A load of chunks from host memory, layer by layer: the first layer of every chunk, then the
// second, as a step needs them. Used by one thread at a time.
class ChunkLoad {
 public:
  static constexpr int64_t kFailed = -1;

  // The chunks are empty ones of one pool. Throws std::invalid_argument or std::logic_error.
  ChunkLoad(std::shared_ptr<const Buffer> from, std::vector<std::shared_ptr<StoredChunk>> chunks);
  // Fails the layers that have not been loaded, and returns when the host memory is unused.
  ~ChunkLoad();
  ChunkLoad(const ChunkLoad&) = delete;
  ChunkLoad& operator=(const ChunkLoad&) = delete;

  // Enqueues the copy of the next layer of every chunk, from these offsets in the host memory.
  // kFailed: the rest of that chunk will not arrive. Throws std::invalid_argument, and then has
  // loaded nothing.
  void NextLayer(const std::vector<int64_t>& offsets);

 private:
  const std::shared_ptr<const Buffer> from_;
  const std::vector<std::shared_ptr<StoredChunk>> chunks_;
  std::vector<bool> failed_;
  int layer_ = 0;
};

}  // namespace cacheblend
