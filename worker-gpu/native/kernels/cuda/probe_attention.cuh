#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/cuda/probe_attention.h"

namespace cacheblend::cuda {

using Probe = ProbeAttentionParams::Probe;

// (query row, head) pairs of all probes.
inline int64_t ProbePairs(const ProbeAttentionParams& p) {
  int64_t queries = 0;
  for (int i = 0; i < p.num_probes; ++i) queries += p.probes[i].query_count;
  return queries * p.num_heads;
}

inline int MaxKeyEnd(const ProbeAttentionParams& p) {
  int end = 0;
  for (int i = 0; i < p.num_probes; ++i)
    end = end < p.probes[i].key_end ? p.probes[i].key_end : end;
  return end;
}

inline int MaxQueryCount(const ProbeAttentionParams& p) {
  int count = 0;
  for (int i = 0; i < p.num_probes; ++i) {
    count = count < p.probes[i].query_count ? p.probes[i].query_count : count;
  }
  return count;
}

// First row of the step that is a query row of the probe; -1 if the sequence has too few rows,
// which only the device knows.
__device__ inline int64_t FirstRow(const int64_t* row_offsets, const Probe& probe) {
  const int64_t first = row_offsets[probe.sequence + 1] - probe.query_count;
  return first < row_offsets[probe.sequence] ? -1 : first;
}

// First key that a row at a position sees.
__device__ inline int FirstKey(int64_t window, int64_t position) {
  return window > 0 && position >= window ? static_cast<int>(position - window + 1) : 0;
}

}  // namespace cacheblend::cuda
