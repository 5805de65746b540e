#include "kernels/keep_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

namespace cacheblend {

// A row is kept if fewer than keep_count rows rank higher.
void KeepRowsReference(const KeepRowsParams& p) {
  int64_t kept = 0;
  p.kept_row_offsets[0] = 0;
  for (int64_t s = 0; s < p.num_sequences; ++s) {
    const int64_t begin = p.row_offsets[s], end = p.row_offsets[s + 1];
    for (int64_t row = begin; row < end; ++row) {
      int64_t better = 0;
      for (int64_t other = begin; other < end; ++other) {
        if (p.ranks[other] < 0) continue;
        better += p.ranks[other] > p.ranks[row] || (p.ranks[other] == p.ranks[row] && other < row);
      }
      const bool all = p.keep_counts[s] < 0;
      if (all || p.ranks[row] < 0 || better < p.keep_counts[s]) p.kept_rows[kept++] = row;
    }
    p.kept_row_offsets[s + 1] = kept;
  }
}

// With sets of rows, one at a time.
void ExpandRowsReference(const ExpandRowsParams& p) {
  const auto ranks_before = [&](int64_t a, int64_t b) {
    return p.ranks[a] != p.ranks[b] ? p.ranks[a] > p.ranks[b] : a < b;
  };
  std::vector<int64_t> ranked;
  for (int64_t row = 0; row < p.row_count; ++row) {
    if (p.ranks[row] >= 0) ranked.push_back(row);
  }
  std::sort(ranked.begin(), ranked.end(), ranks_before);
  if (static_cast<int64_t>(ranked.size()) > p.anchor_count) ranked.resize(p.anchor_count);
  std::set<int64_t> chosen(ranked.begin(), ranked.end());
  std::vector<std::vector<int64_t>> segments;
  for (int64_t row : chosen) {
    if (segments.empty() || row - segments.back().back() > 3) segments.emplace_back();
    segments.back().push_back(row);
  }
  while (!segments.empty()) {
    size_t best = 0;
    double best_score = -1;
    for (size_t i = 0; i < segments.size(); ++i) {
      double sum = 0;
      for (int64_t row : segments[i]) sum += p.ranks[row];
      const double score = sum / std::sqrt(static_cast<double>(segments[i].size()));
      if (score > best_score) {
        best = i;
        best_score = score;
      }
    }
    const double reach = std::round(8 * std::sqrt(static_cast<double>(segments[best].size())));
    const int64_t last = segments[best].back();
    for (int64_t row = last + 1; row <= last + std::clamp(reach, 8.0, 64.0); ++row) {
      const bool full = static_cast<int64_t>(chosen.size()) >= p.count;
      if (full || row >= p.row_count || p.ranks[row] < 0) break;
      chosen.insert(row);
    }
    segments.erase(segments.begin() + best);
  }
  for (int64_t row : chosen) p.ranks[row] = std::numeric_limits<float>::infinity();
}

}  // namespace cacheblend
