#include "pool/handles.h"

#include "pool/buffer.h"
#include "pool/chunk_load.h"
#include "pool/kv_pool.h"
#include "pool/kv_sequence.h"
#include "pool/step_tokens.h"
#include "pool/stored_chunk.h"

namespace cacheblend {

Handles<KvPool>& Pools() {
  static auto* pools = new Handles<KvPool>("KV pool");
  return *pools;
}

Handles<KvSequence>& Sequences() {
  static auto* sequences = new Handles<KvSequence>("sequence");
  return *sequences;
}

Handles<StoredChunk>& Chunks() {
  static auto* chunks = new Handles<StoredChunk>("stored chunk");
  return *chunks;
}

Handles<Buffer>& HostBuffers() {
  static auto* buffers = new Handles<Buffer>("host memory");
  return *buffers;
}

Handles<ChunkLoad>& ChunkLoads() {
  static auto* loads = new Handles<ChunkLoad>("load");
  return *loads;
}

Handles<StepTokens>& TokensOfSteps() {
  static auto* tokens = new Handles<StepTokens>("tokens of steps");
  return *tokens;
}

}  // namespace cacheblend
