#include "kernels/kv_write.h"

#include <cstdint>
#include <cstring>

#include "kernels/cpu/lanes.h"
#include "kernels/kv_view.h"

namespace cacheblend::CACHEBLEND_ISA {

namespace {

// Keys of one head: reads rows[i].key + column, writes the panel [head_size][kBlockTokens].
struct Panel {
  float* keys;
  int64_t column;
  int half;
};

inline void RotateElement(const Panel& panel, const KvRow& row, int d) {
  const float* key = row.key + panel.column;
  const float a = key[d], b = key[panel.half + d];
  panel.keys[d * kBlockTokens + row.slot] = a * row.cos[d] - b * row.sin[d];
  panel.keys[(panel.half + d) * kBlockTokens + row.slot] = b * row.cos[d] + a * row.sin[d];
}

// W rows in consecutive slots x W elements: rotated by row, transposed, stored by column.
template <int W>
inline void RotateTile(const Panel& panel, const KvRow* rows, int d) {
  using Vec = typename Lanes<W>::Vec;
  Vec first[W], second[W];
#pragma GCC unroll 16
  for (int i = 0; i < W; ++i) {
    const float* key = rows[i].key + panel.column + d;
    const Vec a = Load<W>(key), b = Load<W>(key + panel.half);
    const Vec cos = Load<W>(rows[i].cos + d), sin = Load<W>(rows[i].sin + d);
    first[i] = a * cos - b * sin;
    second[i] = b * cos + a * sin;
  }
  Transpose<W>(first);
  Transpose<W>(second);
  float* to = panel.keys + d * kBlockTokens + rows[0].slot;
#pragma GCC unroll 16
  for (int i = 0; i < W; ++i) {
    Store<W>(to + i * kBlockTokens, first[i]);
    Store<W>(to + (panel.half + i) * kBlockTokens, second[i]);
  }
}

// Elements [d, end) of rows in consecutive slots. Remainders go to tiles of half the width.
template <int W>
void RotateRun(const Panel& panel, const KvRow* rows, int64_t count, int d, int end) {
  int64_t row = 0;
  for (; row + W <= count; row += W) {
    int i = d;
    for (; i + W <= end; i += W) RotateTile<W>(panel, rows + row, i);
    if (i < end) RotateRun<W / 2>(panel, rows + row, W, i, end);
  }
  if (row < count) RotateRun<W / 2>(panel, rows + row, count - row, d, end);
}

template <>
void RotateRun<2>(const Panel& panel, const KvRow* rows, int64_t count, int d, int end) {
  for (int64_t row = 0; row < count; ++row) {
    for (int i = d; i < end; ++i) RotateElement(panel, rows[row], i);
  }
}

int64_t RunLength(const KvRow* rows, int64_t count) {
  int64_t length = 1;
  while (length < count && rows[length].slot == rows[0].slot + length) ++length;
  return length;
}

void WriteKeys(const Panel& panel, const KvRow* rows, int64_t count) {
  for (int64_t row = 0; row < count;) {
    const int64_t length = RunLength(rows + row, count - row);
    RotateRun<kMaxLanes>(panel, rows + row, length, 0, panel.half);
    row += length;
  }
}

void WriteValues(float* values, int head_size, int64_t column, const KvRow* rows, int64_t count) {
  const int stride = ValueStride(head_size);
  for (int64_t row = 0; row < count; ++row) {
    float* to = values + rows[row].slot * stride;
    std::memcpy(to, rows[row].value + column, head_size * sizeof(float));
    std::memset(to + head_size, 0, (stride - head_size) * sizeof(float));
  }
}

}  // namespace

void WriteKv(const KvWriteParams& p, const ParallelFor& parallel) {
  const int64_t panel_size = int64_t{p.head_size} * kBlockTokens;
  const int64_t value_size = int64_t{kBlockTokens} * ValueStride(p.head_size);
  parallel(p.num_blocks * p.num_kv_heads, [&](int64_t task) {
    const KvBlockWrite& block = p.blocks[task / p.num_kv_heads];
    const int64_t head = task % p.num_kv_heads;
    const int64_t column = head * p.head_size;
    const KvRow* rows = p.rows + block.first_row;
    WriteKeys({block.keys + head * panel_size, column, p.head_size / 2}, rows, block.row_count);
    WriteValues(block.values + head * value_size, p.head_size, column, rows, block.row_count);
  });
}

}  // namespace cacheblend::CACHEBLEND_ISA
