#pragma once

namespace cacheblend::cuda {

// A range of key blocks of one tile of 16 pairs, for every KV head: work of the decoding kernel in
// a step of several sequences. The host divides the keys of all sequences into items of similar
// size.
struct AttentionItem {
  int sequence;
  int first_block, end_block;
  // Index of the first (KV head, pair) among the partial results, -1: results go to `out`.
  int partial;
};

// Items of one sequence whose partial results are merged: they follow each other.
struct AttentionMerge {
  int sequence;
  int first_partial, count;
};

}  // namespace cacheblend::cuda
