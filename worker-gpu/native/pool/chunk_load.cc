#include "pool/chunk_load.h"

#include <cstddef>
#include <stdexcept>
#include <utility>

#include "pool/device.h"
#include "pool/kv_pool.h"
#include "pool/stored_chunk.h"
#include "pool/text.h"

namespace cacheblend {

ChunkLoad::ChunkLoad(std::shared_ptr<const Buffer> from,
                     std::vector<std::shared_ptr<StoredChunk>> chunks, KvEncoding encoding)
    : from_(std::move(from)),
      chunks_(std::move(chunks)),
      encoding_(encoding),
      failed_(chunks_.size(), false) {
  if (chunks_.empty()) throw std::invalid_argument("a load has no chunks");
  for (const auto& chunk : chunks_) {
    if (&chunk->pool() == &chunks_[0]->pool()) continue;
    throw std::invalid_argument("the chunks of a load are of several pools");
  }
  if (encoding != KvEncoding::kNative) {
    int64_t byte_count = 0;
    for (const auto& chunk : chunks_) byte_count += chunk->LayerBytes(encoding);
    const KvPool& pool = chunks_[0]->pool();
    decoder_ = pool.device().Decoder(pool.layout().HeadsIn(encoding), byte_count);
  }
  size_t begun = 0;
  try {
    for (; begun < chunks_.size(); ++begun) chunks_[begun]->BeginLoad();
  } catch (...) {
    while (begun-- > 0) chunks_[begun]->load()->Fail();
    throw;
  }
}

ChunkLoad::~ChunkLoad() {
  for (const auto& chunk : chunks_) {
    chunk->load()->Fail();
    try {
      chunk->load()->Settle();
    } catch (const std::exception&) {
      // The device has failed; the next step reports it.
    }
  }
}

void ChunkLoad::NextLayer(const std::vector<int64_t>& offsets) {
  if (offsets.size() != chunks_.size()) {
    throw std::invalid_argument(
        Text(offsets.size(), " offsets for a load of ", chunks_.size(), " chunks"));
  }
  if (layer_ == chunks_[0]->shape().layer_count) {
    throw std::invalid_argument("all layers of the load were loaded before");
  }
  std::vector<Upload> uploads;
  for (size_t i = 0; i < chunks_.size(); ++i) {
    if (failed_[i] || offsets[i] == kFailed) continue;
    const int64_t byte_count = chunks_[i]->LayerBytes(encoding_);
    if (offsets[i] < 0 || offsets[i] > from_->byte_count() - byte_count) {
      throw std::invalid_argument(Text("a layer of ", byte_count, " bytes at offset ", offsets[i],
                                       " exceeds the host memory of ", from_->byte_count(),
                                       " bytes"));
    }
    uploads.push_back({chunks_[i]->Rows(layer_, false, 0),
                       static_cast<const std::byte*>(from_->data()) + offsets[i], byte_count});
  }
  const std::shared_ptr<const Fence> fence = uploads.empty() ? nullptr
                                             : decoder_ != nullptr
                                                 ? decoder_->Enqueue(uploads)
                                                 : chunks_[0]->pool().device().Enqueue(uploads);
  for (size_t i = 0; i < chunks_.size(); ++i) {
    if (failed_[i]) continue;
    if (offsets[i] == kFailed) {
      failed_[i] = true;
      chunks_[i]->load()->Fail();
    } else {
      chunks_[i]->load()->Arrive(fence);
    }
  }
  ++layer_;
}

}  // namespace cacheblend
