#pragma once

#include <cstdint>
#include <vector>

#include "kernels/copy_rows.h"
#include "kernels/kv_write.h"
#include "pool/kv_sequence.h"
#include "pool/layer_fill.h"

namespace cacheblend {

// Rows of a step before rotation, [rows, stride] each.
struct FreshKv {
  const float* keys;
  int64_t key_stride;
  const float* values;
  int64_t value_stride;
};

struct RotationTables {
  const float* cos;  // [position_count, head_size / 2]
  const float* sin;
  int64_t position_count;
};

// Row lists for the CPU kernels of one layer. Add checks one sequence at a time. Nothing is written
// before the kernels run, and nothing counts as written before Commit.
class InjectPlan {
 public:
  InjectPlan(int layer, KvShape shape, FreshKv fresh, RotationTables tables);

  // Rows [first_row, last_row) of the step belong to the sequence.
  void Add(KvSequence& sequence, const int64_t* positions, int64_t first_row, int64_t last_row);

  const std::vector<KvRow>& rows() const { return rows_; }
  const std::vector<KvBlockWrite>& blocks() const { return blocks_; }
  const std::vector<RowCopy>& captures() const { return captures_; }

  // After the kernels. Each sequence is charged for its share of the rows: write_nanos times rows
  // of its chunks over all rows.
  void Commit(int64_t write_nanos);

 private:
  struct Part {
    KvSequence* sequence;
    LayerFill fill;
    int64_t fresh_row_count;
    int64_t injected_row_count;  // without those that are fresh
    int64_t captured_row_count;
    int64_t await_nanos;  // for chunks that are being loaded
  };

  int64_t AddCaptures(const KvSequence& sequence, const int64_t* positions, int64_t first_row,
                      int64_t last_row);
  void AddRow(const KvSequence& sequence, int64_t position, const float* key, const float* value);

  const int layer_;
  const KvShape shape_;
  const FreshKv fresh_;
  const RotationTables tables_;
  const std::vector<float> zeros_;  // [RowSize]
  std::vector<KvRow> rows_;
  std::vector<KvBlockWrite> blocks_;
  std::vector<RowCopy> captures_;
  std::vector<Part> parts_;
};

}  // namespace cacheblend
