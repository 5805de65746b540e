#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "kernels/cuda/check.h"
#include "kernels/cuda/partial_attention.h"
#include "test/cuda/device.h"

namespace cacheblend::cuda {

struct StepShape {
  int kv_heads, group, head_size;
  int64_t window;
  ElementType type;
  float soft_cap = 0;

  int Heads() const { return kv_heads * group; }
  int64_t RowSize() const { return int64_t{Heads()} * head_size; }
};

// A step of several sequences over random KV in the blocks of one pool, in random order. Slots that
// no sequence covers hold NaN or infinity. `positions[s]` ascend.
class PagedStep {
 public:
  PagedStep(const StepShape& shape, std::vector<std::vector<int64_t>> positions,
            float query_size = 1.0f)
      : shape_(shape), random_(20261122) {
    for (const auto& sequence : positions) {
      positions_.insert(positions_.end(), sequence.begin(), sequence.end());
      row_offsets_.push_back(Rows());
      ends_.push_back(sequence.back() + 1);
      host_rows_.push_back({static_cast<int64_t>(sequence.size()), ends_.back()});
    }
    AssignBlocks();
    FillKv();
    q_.resize(Rows() * shape.RowSize() * ElementBytes(shape.type));
    for (int64_t i = 0; i < Rows() * shape.RowSize(); ++i) {
      Encode(shape.type, query_size * Normal(), q_.data(), i);
    }
    Upload();
  }

  const StepShape& shape() const { return shape_; }
  int64_t Rows() const { return static_cast<int64_t>(positions_.size()); }
  int Sequences() const { return static_cast<int>(ends_.size()); }
  int64_t Position(int64_t row) const { return positions_[row]; }
  int SequenceOf(int64_t row) const {
    int s = 0;
    while (row_offsets_[s + 1] <= row) ++s;
    return s;
  }
  // What the host knows of the rows.
  const std::vector<SequenceRows>& HostRows() const { return host_rows_; }
  int64_t FirstKey(int64_t row) const {
    return shape_.window > 0 ? std::max<int64_t>(0, positions_[row] - shape_.window + 1) : 0;
  }
  // Of a product of a query and a key.
  double Score(double product) const {
    const double score = product / std::sqrt(static_cast<double>(shape_.head_size));
    const double cap = shape_.soft_cap;
    return cap > 0 ? cap * std::tanh(score / cap) : score;
  }
  float Query(int64_t row, int head, int d) const {
    return Decode(shape_.type, q_.data(), row * shape_.RowSize() + head * shape_.head_size + d);
  }
  float Key(int s, int kv_head, int64_t position, int d) const {
    return Decode(shape_.type, keys_.data(), KvIndex(s, kv_head, position) + d);
  }
  float Value(int s, int kv_head, int64_t position, int d) const {
    return Decode(shape_.type, values_.data(), KvIndex(s, kv_head, position) + d);
  }
  void SetKey(int s, int kv_head, int64_t position, int d, float x) {
    Encode(shape_.type, x, keys_.data(), KvIndex(s, kv_head, position) + d);
    Upload();
  }
  void SetValue(int s, int kv_head, int64_t position, int d, float x) {
    Encode(shape_.type, x, values_.data(), KvIndex(s, kv_head, position) + d);
    Upload();
  }

  PartialAttentionParams Params() const {  // without the host's rows
    PartialAttentionParams params = {};
    params.q = device_q_[0].data();
    params.positions = device_positions_[0].data();
    params.row_offsets = device_row_offsets_[0].data();
    params.kv = {device_keys_[0].data(), device_values_[0].data(), BlockStride(), num_blocks_,
                 shape_.kv_heads,        shape_.head_size,         shape_.type};
    params.block_tables = block_tables_.data();
    params.tables = tables_of_stream_.get();
    params.num_rows = Rows();
    params.num_sequences = Sequences();
    params.num_heads = shape_.Heads();
    params.window = shape_.window;
    params.scale = 1.0f / std::sqrt(static_cast<float>(shape_.head_size));
    params.soft_cap = shape_.soft_cap;
    params.position_end = *std::max_element(ends_.begin(), ends_.end());
    params.out = device_out_[0].data();
    params.workspace = device_workspace_[0].data();
    return params;
  }

  // The output of `launch(params, stream)`. It is NaN before; writes past its end throw.
  template <typename Launch>
  std::vector<float> Run(const Launch& launch) const {
    device_out_[0].Fill(0xff);
    device_workspace_[0].Fill(0xff);
    launch(Params(), nullptr);
    Check(cudaDeviceSynchronize(), "PartialAttention");
    const std::vector<uint8_t> bytes = device_out_[0].ToHost();
    const int64_t end = Rows() * shape_.RowSize() * ElementBytes(shape_.type);
    if (std::any_of(bytes.begin() + end, bytes.end(), [](uint8_t byte) { return byte != 0xff; })) {
      throw std::runtime_error("written past the output");
    }
    std::vector<float> out(Rows() * shape_.RowSize());
    for (size_t i = 0; i < out.size(); ++i) out[i] = Decode(shape_.type, bytes.data(), i);
    return out;
  }

  // FLOPs of visible keys.
  double UsefulFlops() const {
    double keys = 0;
    for (int64_t row = 0; row < Rows(); ++row) keys += positions_[row] + 1 - FirstKey(row);
    return keys * shape_.Heads() * shape_.head_size * 4;
  }
  // Bytes of keys and values, each counted once.
  double KvBytes() const {
    const double positions = std::accumulate(ends_.begin(), ends_.end(), 0.0);
    return positions * shape_.kv_heads * shape_.head_size * 2 * ElementBytes(shape_.type);
  }

 private:
  static constexpr int64_t kGuardBytes = 4096;

  // As in a pool, where blocks of other layers lie between those of this one.
  int64_t BlockStride() const {
    return int64_t{shape_.kv_heads} * kBlockTokens * shape_.head_size + 64;
  }

  int64_t KvIndex(int s, int kv_head, int64_t position) const {
    return tables_[s][position / kBlockTokens] * BlockStride() +
           (kv_head * kBlockTokens + position % kBlockTokens) * shape_.head_size;
  }

  float Normal() {
    // Sum of four uniform numbers, variance 1; faster than std::normal_distribution.
    const uint64_t bits = random_();
    int sum = 0;
    for (int i = 0; i < 4; ++i) sum += static_cast<int>(bits >> (16 * i) & 0xffff);
    return (sum - 2 * 65535) / 37837.0f;
  }

  void AssignBlocks() {
    constexpr int64_t kSpareBlocks = 3;
    num_blocks_ = kSpareBlocks;
    for (int64_t end : ends_) num_blocks_ += (end + kBlockTokens - 1) / kBlockTokens;
    std::vector<int32_t> blocks(num_blocks_);
    std::iota(blocks.begin(), blocks.end(), 0);
    std::shuffle(blocks.begin(), blocks.end(), random_);
    auto next = blocks.begin();
    for (int64_t end : ends_) {
      const auto count = (end + kBlockTokens - 1) / kBlockTokens;
      tables_.emplace_back(next, next + count);
      next += count;
    }
  }

  void FillKv() {
    const float infinity = std::numeric_limits<float>::infinity();
    const float poisons[] = {std::nanf(""), infinity, -infinity};
    const int64_t count = num_blocks_ * BlockStride();
    for (std::vector<uint8_t>* kv : {&keys_, &values_}) {
      kv->resize(count * ElementBytes(shape_.type));
      for (int64_t i = 0; i < count; ++i) Encode(shape_.type, poisons[i % 3], kv->data(), i);
      for (int s = 0; s < Sequences(); ++s) {
        for (int64_t position = 0; position < ends_[s]; ++position) {
          for (int head = 0; head < shape_.kv_heads; ++head) {
            const int64_t index = KvIndex(s, head, position);
            for (int d = 0; d < shape_.head_size; ++d) {
              Encode(shape_.type, Normal(), kv->data(), index + d);
            }
          }
        }
      }
    }
  }

  void Upload() {
    device_keys_.clear();
    device_keys_.emplace_back(keys_);
    device_values_.clear();
    device_values_.emplace_back(values_);
    if (!device_q_.empty()) return;
    device_q_.emplace_back(q_);
    device_positions_.emplace_back(positions_);
    device_row_offsets_.emplace_back(row_offsets_);
    for (const auto& table : tables_) {
      device_tables_.emplace_back(table);
      block_tables_.push_back(device_tables_.back().data());
    }
    device_out_.emplace_back(static_cast<int64_t>(q_.size()) + kGuardBytes);
    device_workspace_.emplace_back(PartialAttentionWorkspaceBytes(shape_.head_size));
  }

  StepShape shape_;
  std::mt19937_64 random_;
  std::vector<int64_t> positions_, row_offsets_ = {0}, ends_;
  std::vector<std::vector<int32_t>> tables_;
  int64_t num_blocks_ = 0;
  std::vector<SequenceRows> host_rows_;
  std::vector<uint8_t> keys_, values_, q_;
  std::vector<DeviceArray<uint8_t>> device_keys_, device_values_, device_q_, device_out_,
      device_workspace_;
  std::vector<DeviceArray<int64_t>> device_positions_, device_row_offsets_;
  std::vector<DeviceArray<int32_t>> device_tables_;
  std::vector<BlockTable> block_tables_;
  std::unique_ptr<StepTables> tables_of_stream_ = std::make_unique<StepTables>();
};

inline std::vector<int64_t> Range(int64_t first, int64_t end) {
  std::vector<int64_t> positions(end - first);
  std::iota(positions.begin(), positions.end(), first);
  return positions;
}

// About `fraction` of [0, end) with density rising linearly from 0, and the last `suffix`
// positions.
inline std::vector<int64_t> Scattered(int64_t end, double fraction, int64_t suffix) {
  std::mt19937_64 random(end);
  std::uniform_real_distribution<double> uniform;
  std::vector<int64_t> positions;
  for (int64_t position = 0; position < end - suffix; ++position) {
    if (uniform(random) < 2 * fraction * position / end) positions.push_back(position);
  }
  for (int64_t position = std::max<int64_t>(0, end - suffix); position < end; ++position) {
    positions.push_back(position);
  }
  return positions;
}

}  // namespace cacheblend::cuda
