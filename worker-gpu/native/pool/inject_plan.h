#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "kernels/copy_rows.h"
#include "kernels/kv_write.h"
#include "pool/kv_sequence.h"

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

// Which row goes where when a step reaches a layer. Sequences are added (and checked) one by one;
// nothing is written before the kernels run on the lists, nothing counts as written before Commit.
class InjectPlan {
 public:
  InjectPlan(int layer, KvShape shape, FreshKv fresh, RotationTables tables);

  // Rows [first_row, last_row) of the step belong to the sequence.
  void Add(KvSequence& sequence, const int64_t* positions, int64_t first_row, int64_t last_row);

  const std::vector<KvRow>& rows() const { return rows_; }
  const std::vector<KvBlockWrite>& blocks() const { return blocks_; }
  const std::vector<RowCopy>& captures() const { return captures_; }

  // After the kernels have run. Their time is shared out by rows that came from chunks.
  void Commit(int64_t write_nanos);

 private:
  struct Step {
    KvSequence* sequence;
    int64_t end;  // one past the last active position
    int64_t cleared_blocks;
    int64_t chunk_rows;
    int64_t captured_rows;
  };

  int64_t AddCaptures(const KvSequence& sequence, const int64_t* positions, int64_t first_row,
                      int64_t last_row);
  void AddRow(const KvSequence& sequence, int64_t position, const float* key, const float* value);

  const int layer_;
  const KvShape shape_;
  const FreshKv fresh_;
  const RotationTables tables_;
  const std::vector<float> zeros_;  // a row that clears a slot
  std::vector<KvRow> rows_;
  std::vector<KvBlockWrite> blocks_;
  std::vector<RowCopy> captures_;
  std::vector<Step> steps_;
};

}  // namespace cacheblend
