#pragma once

#include <cstdint>

namespace cacheblend {

class KvSequence;

// Positions of a step in one sequence must ascend, and lie within the reservation and the rotation
// tables. Throws std::invalid_argument.
void CheckPositions(const KvSequence& sequence, int64_t position_count, const int64_t* positions,
                    int64_t count);

// Every position before the last active one must be active, placed, or written before in the layer.
void CheckCovered(KvSequence& sequence, int layer, const int64_t* positions, int64_t count);

// How many of the rows the sequence captures; they must come next, one after another.
int64_t CheckCaptured(const KvSequence& sequence, int layer, const int64_t* positions,
                      int64_t count);

// Blocks that hold the positions [0, positions).
int64_t BlocksFor(int64_t positions);

}  // namespace cacheblend
