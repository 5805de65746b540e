#include "pool/step_checks.h"

#include <algorithm>
#include <stdexcept>

#include "pool/kv_sequence.h"
#include "pool/stored_chunk.h"
#include "pool/text.h"

namespace cacheblend {

void CheckPositions(const KvSequence& sequence, int64_t position_count, const int64_t* positions,
                    int64_t count) {
  if (count > 0 && positions[0] >= 0 && positions[0] < sequence.read_only_token_count()) {
    throw std::invalid_argument(Text("positions: ", positions[0], " in sequence ",
                                     sequence.handle(), " lies in a shared block; write from ",
                                     sequence.read_only_token_count(), " on"));
  }
  const int64_t limit = std::min(sequence.max_token_count(), position_count);
  for (int64_t i = 0; i < count; ++i) {
    if (i > 0 && positions[i] <= positions[i - 1]) {
      throw std::invalid_argument(Text("positions: ", positions[i], " follows ", positions[i - 1],
                                       " in sequence ", sequence.handle(), ", must ascend"));
    }
    if (positions[i] >= 0 && positions[i] < limit) continue;
    throw std::invalid_argument(
        Text("positions: ", positions[i], " in sequence ", sequence.handle(), ", which reserves ",
             sequence.max_token_count(), " tokens; the rotation tables hold ", position_count,
             " positions"));
  }
}

void CheckCovered(const KvSequence& sequence, int layer, const int64_t* positions, int64_t count) {
  int64_t next = sequence.layer(layer).covered;  // first position without KV
  for (int64_t i = 0; i < count; ++i) {
    while (next < positions[i]) {
      const KvSequence::Injection* injection = sequence.InjectionAt(next);
      if (injection == nullptr) {
        throw std::invalid_argument(Text(
            "positions: sequence ", sequence.handle(), " has no KV at position ", next,
            " in layer ", layer, "; make it active, inject it, or write it in an earlier step"));
      }
      next = std::min(injection->end(), positions[i]);
    }
    next = std::max(next, positions[i] + 1);
  }
}

int64_t CheckCaptured(const KvSequence& sequence, int layer, const int64_t* positions,
                      int64_t count) {
  const KvSequence::Injection& capture = sequence.capture();
  if (capture.chunk == nullptr) return 0;
  const int64_t known = capture.chunk->captured_row_count(layer);
  int64_t next = known;
  for (int64_t i = 0; i < count; ++i) {
    if (positions[i] < capture.first || positions[i] >= capture.end()) continue;
    if (positions[i] != capture.first + next) {
      throw std::invalid_argument(Text("positions: sequence ", sequence.handle(),
                                       " captures position ", positions[i], " in layer ", layer,
                                       ", expected position ", capture.first + next));
    }
    ++next;
  }
  return next - known;
}

}  // namespace cacheblend
