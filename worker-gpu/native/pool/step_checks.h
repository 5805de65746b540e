#pragma once

#include <cstdint>

namespace cacheblend {

class KvSequence;

// Positions of a step in one sequence must ascend, and lie within the reservation and the rotation
// tables. Throws std::invalid_argument.
void CheckPositions(const KvSequence& sequence, int64_t position_count, const int64_t* positions,
                    int64_t count);

// Every position before the last active one must be active, injected, or written in the layer by an
// earlier step.
void CheckCovered(const KvSequence& sequence, int layer, const int64_t* positions, int64_t count);

// Number of rows that the sequence captures; they must continue where the chunk ends so far.
int64_t CheckCaptured(const KvSequence& sequence, int layer, const int64_t* positions,
                      int64_t count);

}  // namespace cacheblend
