#include "kernels/keep_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace cacheblend {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Candidate {
  float rank;
  int64_t row;
};

bool RanksHigher(const Candidate& a, const Candidate& b) {
  return a.rank != b.rank ? a.rank > b.rank : a.row < b.row;
}

// The `count` highest-ranked rows of [begin, end), ascending.
std::vector<int64_t> BestRows(const float* ranks, int64_t begin, int64_t end, int64_t count) {
  std::vector<Candidate> candidates;
  for (int64_t row = begin; row < end; ++row) {
    const float rank = ranks[row];
    if (rank < 0) continue;
    candidates.push_back({std::isnan(rank) ? kInfinity : rank, row});
  }
  count = std::min<int64_t>(count, candidates.size());
  std::nth_element(candidates.begin(), candidates.begin() + count, candidates.end(), RanksHigher);
  std::vector<int64_t> best;
  best.reserve(count);
  for (int64_t i = 0; i < count; ++i) best.push_back(candidates[i].row);
  std::sort(best.begin(), best.end());
  return best;
}

int64_t KeepRowsOf(const KeepRowsParams& p, int64_t sequence, int64_t kept) {
  const int64_t begin = p.row_offsets[sequence], end = p.row_offsets[sequence + 1];
  const bool keep_all = p.keep_counts[sequence] < 0;
  const std::vector<int64_t> best =
      keep_all ? std::vector<int64_t>() : BestRows(p.ranks, begin, end, p.keep_counts[sequence]);
  auto next_best = best.begin();
  for (int64_t row = begin; row < end; ++row) {
    const bool is_best = next_best != best.end() && *next_best == row;
    if (is_best) ++next_best;
    if (keep_all || is_best || p.ranks[row] < 0) p.kept_rows[kept++] = row;
  }
  return kept;
}

struct Segment {
  int64_t last;    // anchor
  int64_t length;  // anchors
  float sum;       // of ranks

  // In fp32, as on CUDA, so that both rank close scores alike. NaN ranks as infinity.
  float Score() const {
    const float score = sum / std::sqrt(static_cast<float>(length));
    return std::isnan(score) ? kInfinity : score;
  }
};

constexpr int64_t kMaxGap = 3;

std::vector<Segment> SegmentsOf(const float* ranks, const std::vector<int64_t>& anchors) {
  std::vector<Segment> segments;
  for (int64_t row : anchors) {
    if (segments.empty() || row - segments.back().last > kMaxGap) segments.push_back({row, 0, 0});
    Segment& segment = segments.back();
    segment.last = row;
    ++segment.length;
    segment.sum += ranks[row];
  }
  return segments;
}

int64_t Reach(const Segment& segment) {
  const auto rows = std::lround(8 * std::sqrt(static_cast<double>(segment.length)));
  return std::clamp<int64_t>(rows, 8, 64);
}

}  // namespace

void KeepRows(const KeepRowsParams& p) {
  int64_t kept = 0;
  p.kept_row_offsets[0] = 0;
  for (int64_t s = 0; s < p.num_sequences; ++s) {
    kept = KeepRowsOf(p, s, kept);
    p.kept_row_offsets[s + 1] = kept;
  }
}

void ExpandRows(const ExpandRowsParams& p) {
  const std::vector<int64_t> anchors = BestRows(p.ranks, 0, p.row_count, p.anchor_count);
  std::vector<Segment> segments = SegmentsOf(p.ranks, anchors);
  std::stable_sort(segments.begin(), segments.end(),
                   [](const Segment& a, const Segment& b) { return a.Score() > b.Score(); });
  for (int64_t row : anchors) p.ranks[row] = kInfinity;
  auto chosen = static_cast<int64_t>(anchors.size());
  for (const Segment& segment : segments) {
    const int64_t end = std::min(segment.last + 1 + Reach(segment), p.row_count);
    for (int64_t row = segment.last + 1; row < end && chosen < p.count; ++row) {
      if (p.ranks[row] < 0) break;
      chosen += p.ranks[row] != kInfinity;
      p.ranks[row] = kInfinity;
    }
  }
}

}  // namespace cacheblend
