#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/kv_encoding.h"
#include "pool/buffer.h"
#include "pool/encoded_layers.h"

namespace cacheblend {

class StoredChunk;

// A load of chunks from host memory, layer by layer: the first layer of every chunk, then the
// second, as a step needs them. Used by one thread at a time.
class ChunkLoad {
 public:
  static constexpr int64_t kFailed = -1;

  // The chunks are empty ones of one pool, and encoded in host memory as StoredChunk::CopyToHost
  // writes them. Throws std::invalid_argument, std::logic_error or KvExhausted.
  ChunkLoad(std::shared_ptr<const Buffer> from, std::vector<std::shared_ptr<StoredChunk>> chunks,
            KvEncoding encoding = KvEncoding::kNative);
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
  const KvEncoding encoding_;
  std::unique_ptr<LayerDecoder> decoder_;  // null for kNative
  std::vector<bool> failed_;
  int layer_ = 0;
};

}  // namespace cacheblend
