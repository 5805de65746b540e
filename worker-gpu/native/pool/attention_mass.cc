#include "pool/attention_mass.h"

#include <algorithm>
#include <stdexcept>

#include "pool/kv_sequence.h"
#include "pool/stored_chunk.h"
#include "pool/text.h"

namespace cacheblend {

float AttentionMass::At(int64_t position) const {
  float sum = 0;
  for (int head = 0; head < kv_head_count_; ++head) sum += data()[head * stride_ + position];
  return sum;
}

void BeginProbe(KvSequence& sequence, const int64_t* positions, int64_t row_count,
                int layer_count) {
  AttentionMass* const mass = sequence.attention();
  if (mass == nullptr) {
    throw std::invalid_argument(Text("probe_layers: sequence ", sequence.handle(),
                                     " has no memory for attention; allocate it first"));
  }
  const int64_t last = positions[row_count - 1];
  const auto& injections = sequence.injections();
  const int64_t key_end = std::min(injections.empty() ? 0 : injections.back().end(), last);
  const int64_t query_count = last + 1 - key_end;
  if (query_count > row_count || positions[row_count - query_count] != key_end) {
    throw std::invalid_argument(Text("positions: the probe of sequence ", sequence.handle(),
                                     " needs all rows from position ", key_end, " to ", last));
  }
  mass->key_end_ = key_end;
  mass->query_count_ = query_count;
  mass->layer_count_ = layer_count;
}

}  // namespace cacheblend
