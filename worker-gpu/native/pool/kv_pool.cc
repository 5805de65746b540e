#include "pool/kv_pool.h"

#include <limits>
#include <stdexcept>

#include "kernels/kv_view.h"
#include "pool/errors.h"
#include "pool/handles.h"
#include "pool/kv_sequence.h"
#include "pool/stored_chunk.h"
#include "pool/text.h"

namespace cacheblend {

namespace {

void CheckPositive(const char* what, int64_t value) {
  if (value < 1) throw std::invalid_argument(Text(what, " is ", value, ", must be 1 or more"));
}

int64_t CheckedProduct(int64_t count, int64_t size) {
  if (count > std::numeric_limits<int64_t>::max() / 8 / size) {
    throw KvExhausted(Text("no memory for ", count, " times ", size, " floats of KV"));
  }
  return count * size;
}

}  // namespace

std::shared_ptr<KvPool> KvPool::Create(KvShape shape, int64_t block_count) {
  shape.Validate();
  CheckPositive("block count", block_count);
  return std::shared_ptr<KvPool>(new KvPool(shape, block_count));
}

KvPool::KvPool(KvShape shape, int64_t block_count)
    : shape_(shape), arena_(CheckedProduct(block_count, shape.BlockSize())), blocks_(block_count) {}

std::shared_ptr<KvSequence> KvPool::Reserve(int64_t max_token_count) {
  CheckPositive("max token count", max_token_count);
  const int64_t block_count = (max_token_count - 1) / kBlockTokens + 1;
  const int64_t handle = NextHandle();
  std::vector<int64_t> blocks;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    blocks = blocks_.Take(block_count, handle);
    ++sequence_count_;
  }
  try {
    return std::make_shared<KvSequence>(shared_from_this(), handle, blocks, max_token_count);
  } catch (...) {
    ReleaseSequence(blocks, handle);
    throw;
  }
}

std::shared_ptr<StoredChunk> KvPool::AllocateChunk(int64_t token_count) {
  CheckPositive("chunk token count", token_count);
  CheckedProduct(token_count, 2 * shape_.layer_count * shape_.RowSize());
  return std::make_shared<StoredChunk>(shared_from_this(), shape_, token_count);
}

float* KvPool::Keys(int64_t block, int layer) const {
  return arena_.data() + block * shape_.BlockSize() +
         layer * (shape_.KeyBlockSize() + shape_.ValueBlockSize());
}

float* KvPool::Values(int64_t block, int layer) const {
  return Keys(block, layer) + shape_.KeyBlockSize();
}

PoolSnapshot KvPool::Snapshot() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const int64_t total = blocks_.total_count(), free = blocks_.free_count();
  return {total,           free,         total - free,     arena_.byte_count(),
          sequence_count_, chunk_count_, chunk_byte_count_};
}

std::vector<std::string> KvPool::Violations() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return cacheblend::Violations(blocks_.owners(), blocks_.free_blocks());
}

void KvPool::ReleaseSequence(const std::vector<int64_t>& blocks, int64_t owner) {
  const std::lock_guard<std::mutex> lock(mutex_);
  blocks_.Release(blocks, owner);
  --sequence_count_;
}

void KvPool::CountChunk(int64_t chunks, int64_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  chunk_count_ += chunks;
  chunk_byte_count_ += bytes;
}

}  // namespace cacheblend
