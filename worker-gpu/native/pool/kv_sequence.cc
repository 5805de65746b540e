#include "pool/kv_sequence.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

#include "kernels/cuda/injections.h"
#include "pool/kv_pool.h"
#include "pool/stored_chunk.h"
#include "pool/text.h"

namespace cacheblend {

int64_t KvSequence::Injection::end() const { return first + chunk->token_count(); }

KvSequence::KvSequence(std::shared_ptr<KvPool> pool, int64_t handle, std::vector<int64_t> blocks,
                       std::vector<int64_t> shared, int64_t max_token_count)
    : pool_(std::move(pool)),
      handle_(handle),
      blocks_(std::move(blocks)),
      shared_(std::move(shared)),
      max_token_count_(max_token_count),
      layers_(pool_->shape().layer_count) {
  for (LayerState& layer : layers_) {
    layer.covered = read_only_token_count();
    layer.cleared_blocks = shared_.size();
  }
  if (!pool_->layout().storage.on_host()) {
    const std::vector<int32_t> table(blocks_.begin(), blocks_.end());
    block_table_ = pool_->TakeTable(table.data(), table.size() * sizeof(table[0]));
    return;
  }
  key_blocks_.reserve(layers_.size() * blocks_.size());
  value_blocks_.reserve(layers_.size() * blocks_.size());
  for (int layer = 0; layer < pool_->shape().layer_count; ++layer) {
    for (int64_t block : blocks_) {
      key_blocks_.push_back(static_cast<float*>(pool_->Keys(block, layer)));
      value_blocks_.push_back(static_cast<float*>(pool_->Values(block, layer)));
    }
  }
}

// Blocks, tables and chunks may be reused as soon as this returns.
KvSequence::~KvSequence() {
  try {
    AwaitDeviceSteps();
  } catch (const std::exception&) {
    // A failed device does no more work.
  }
  pool_->ReturnTable(std::move(block_table_));
  pool_->ReturnTable(std::move(injection_table_));
  pool_->ReleaseSequence(blocks_, shared_, handle_);
}

int64_t KvSequence::read_only_token_count() const {
  return static_cast<int64_t>(shared_.size()) * kBlockTokens;
}

void KvSequence::Publish(const std::vector<BlockKey>& keys) {
  const int64_t token_count = static_cast<int64_t>(keys.size()) * kBlockTokens;
  for (size_t layer = 0; layer < layers_.size(); ++layer) {
    if (layers_[layer].covered >= token_count) continue;
    throw std::logic_error(Text(keys.size(), " blocks hold ", token_count, " tokens, but layer ",
                                layer, " covers ", layers_[layer].covered));
  }
  pool_->Publish(keys, blocks_, shared_, handle_);
}

void KvSequence::BeginDeviceStep() {
  if (device_step_open_) AwaitDeviceSteps();
  device_step_open_ = true;
}

void KvSequence::EndDeviceStep(std::shared_ptr<const Fence> end) {
  last_device_step_ = std::move(end);
  device_step_open_ = false;
}

void KvSequence::AwaitDeviceSteps() {
  // A step that failed midway has no fence, but may have enqueued work.
  if (device_step_open_) pool_->device().Synchronize();
  if (last_device_step_ != nullptr) last_device_step_->Wait();
  device_step_open_ = false;
  last_device_step_ = nullptr;
}

const KvShape& KvSequence::shape() const { return pool_->shape(); }

void KvSequence::AllocateAttention() {
  if (attention_ != nullptr) return;
  const int kv_heads = pool_->shape().kv_head_count;
  const int64_t stride = BlocksFor(max_token_count_) * kBlockTokens;
  attention_ = std::make_unique<AttentionMass>(
      pool_->device().AllocatePooled(kv_heads * stride * int64_t{sizeof(float)},
                                     "the attention of a prompt"),
      kv_heads, stride);
}

KvLayerView KvSequence::View(int layer) const {
  const size_t first = layer * blocks_.size();
  return {key_blocks_.data() + first, value_blocks_.data() + first};
}

const void* KvSequence::injection_table() const {
  return injection_table_ == nullptr ? nullptr : injection_table_->memory->data();
}

void KvSequence::WriteInjectionTable() {
  if (pool_->layout().storage.on_host() || injections_.empty() || injection_table_ != nullptr)
    return;
  std::vector<cuda::Injection> table;
  for (const Injection& injection : injections_) {
    table.push_back({injection.first, injection.end(), injection.chunk->Rows(0, false, 0)});
  }
  injection_table_ = pool_->TakeTable(table.data(), table.size() * sizeof(table[0]));
}

KvLoad KvSequence::kv_load() {
  const std::lock_guard<std::mutex> lock(kv_load_mutex_);
  while (!pending_kv_loads_.empty()) {
    kv_load_ += pending_kv_loads_.back()->Wait();
    pending_kv_loads_.pop_back();
  }
  return kv_load_;
}

void KvSequence::AddKvLoad(const KvLoad& load) {
  const std::lock_guard<std::mutex> lock(kv_load_mutex_);
  kv_load_ += load;
}

void KvSequence::AddKvLoad(std::unique_ptr<PendingKvLoad> load) {
  const std::lock_guard<std::mutex> lock(kv_load_mutex_);
  pending_kv_loads_.push_back(std::move(load));
}

void KvSequence::ReadRows(int layer, bool values, int64_t position, int64_t count,
                          void* to_host) const {
  if (!pool_->layout().storage.on_host()) {
    ReadDeviceRows(layer, values, position, count, static_cast<std::byte*>(to_host));
    return;
  }
  auto* rows = static_cast<float*>(to_host);
  for (int64_t i = 0; i < count; ++i) {
    ReadHostRow(layer, values, position + i, rows + i * shape().RowSize());
  }
}

// A block holds keys transposed and values row by row: see KvLayerView.
void KvSequence::ReadHostRow(int layer, bool values, int64_t position, float* row) const {
  const KvLayerView view = View(layer);
  const int64_t block = position / kBlockTokens, slot = position % kBlockTokens;
  for (int64_t i = 0; i < shape().RowSize(); ++i) {
    const int64_t head = i / shape().head_size, d = i % shape().head_size;
    row[i] =
        values
            ? view.value_blocks[block]
                               [(head * kBlockTokens + slot) * ValueStride(shape().head_size) + d]
            : view.key_blocks[block][i * kBlockTokens + slot];
  }
}

// A block on the device is [KV heads, kBlockTokens, head size]; it is copied as a whole, because
// every copy waits for the device.
void KvSequence::ReadDeviceRows(int layer, bool values, int64_t position, int64_t count,
                                std::byte* rows) const {
  const int64_t head_bytes = shape().head_size * ElementBytes(pool_->layout().storage.type);
  std::vector<std::byte> copy(shape().kv_head_count * kBlockTokens * head_bytes);
  for (int64_t p = position; p < position + count; ++p) {
    const int64_t slot = p % kBlockTokens;
    if (p == position || slot == 0) {
      const int64_t block = blocks_[p / kBlockTokens];
      pool_->device().Read(copy.data(),
                           values ? pool_->Values(block, layer) : pool_->Keys(block, layer),
                           copy.size());
    }
    for (int64_t head = 0; head < shape().kv_head_count; ++head, rows += head_bytes) {
      std::memcpy(rows, copy.data() + (head * kBlockTokens + slot) * head_bytes, head_bytes);
    }
  }
}

void KvSequence::CheckFits(const StoredChunk& chunk, int64_t first_position) const {
  const KvShape &ours = shape(), &its = chunk.shape();
  if (ours.layer_count != its.layer_count || ours.kv_head_count != its.kv_head_count ||
      ours.head_size != its.head_size) {
    throw std::invalid_argument("the stored chunk has another KV shape than the sequence");
  }
  if (first_position < 0 || first_position > max_token_count_ - chunk.token_count()) {
    throw std::invalid_argument(Text("a chunk of ", chunk.token_count(), " tokens at position ",
                                     first_position, " does not fit a reservation of ",
                                     max_token_count_, " tokens"));
  }
  if (!shared_.empty()) {
    throw std::logic_error("a sequence that shares blocks injects and captures no chunks");
  }
  for (const LayerState& layer : layers_) {
    if (layer.started) {
      throw std::logic_error("a sequence injects and captures chunks before its first step only");
    }
  }
}

void KvSequence::Inject(std::shared_ptr<StoredChunk> chunk, int64_t first_position) {
  CheckFits(*chunk, first_position);
  if (!chunk->complete() && chunk->load() == nullptr) {
    throw std::logic_error("a stored chunk can be injected only when all its KV is captured");
  }
  const int64_t end = first_position + chunk->token_count();
  auto next = injections_.begin();
  while (next != injections_.end() && next->first < first_position) ++next;
  const auto check = [&](const Injection& other) {
    if (other.first >= end || other.end() <= first_position) return;
    throw std::invalid_argument(Text("positions ", first_position, " to ", end - 1,
                                     " overlap the chunk at positions ", other.first, " to ",
                                     other.end() - 1));
  };
  for (const Injection& other : injections_) check(other);
  injections_.insert(next, {first_position, std::move(chunk)});
  if (injection_table_ != nullptr) {  // a step failed; its work may still read the table
    AwaitDeviceSteps();
    pool_->ReturnTable(std::move(injection_table_));
  }
}

void KvSequence::Capture(std::shared_ptr<StoredChunk> chunk, int64_t first_position) {
  CheckFits(*chunk, first_position);
  if (capture_.chunk != nullptr) {
    throw std::logic_error("the sequence captures a chunk already");
  }
  chunk->BeginCapture();
  capture_ = {first_position, std::move(chunk)};
}

const KvSequence::Injection* KvSequence::InjectionAt(int64_t position) const {
  auto after =
      std::upper_bound(injections_.begin(), injections_.end(), position,
                       [](int64_t p, const Injection& injection) { return p < injection.first; });
  if (after == injections_.begin()) return nullptr;
  const Injection& candidate = *std::prev(after);
  return position < candidate.end() ? &candidate : nullptr;
}

SequenceLease::SequenceLease(std::vector<std::shared_ptr<KvSequence>> sequences)
    : sequences_(std::move(sequences)) {
  for (size_t taken = 0; taken < sequences_.size(); ++taken) {
    if (!sequences_[taken]->in_use_.exchange(true)) continue;
    const int64_t handle = sequences_[taken]->handle();
    while (taken-- > 0) sequences_[taken]->in_use_ = false;
    throw std::invalid_argument(
        Text("sequence ", handle, " is named twice or in use by another call"));
  }
}

SequenceLease::~SequenceLease() {
  for (const auto& sequence : sequences_) sequence->in_use_ = false;
}

}  // namespace cacheblend
