#include "pool/block_list.h"

#include <numeric>
#include <set>
#include <stdexcept>

#include "pool/errors.h"
#include "pool/text.h"

namespace cacheblend {

BlockList::BlockList(int64_t block_count) : owners_(block_count, kFree), free_(block_count) {
  std::iota(free_.rbegin(), free_.rend(), 0);
}

std::vector<int64_t> BlockList::Take(int64_t count, int64_t owner) {
  if (count > free_count()) {
    throw KvExhausted(
        Text("needs ", count, " KV blocks, ", free_count(), " of ", total_count(), " are free"));
  }
  std::vector<int64_t> blocks(free_.rbegin(), free_.rbegin() + count);
  free_.resize(free_.size() - count);
  for (int64_t block : blocks) owners_[block] = owner;
  return blocks;
}

void BlockList::Transfer(int64_t block, int64_t from_owner, int64_t to_owner) {
  if (owners_[block] != from_owner) {
    throw std::logic_error(
        Text("block ", block, " belongs to ", owners_[block], ", not to ", from_owner));
  }
  owners_[block] = to_owner;
}

void BlockList::Release(const std::vector<int64_t>& blocks, int64_t owner) {
  std::set<int64_t> seen;
  for (int64_t block : blocks) {
    if (block < 0 || block >= total_count()) {
      throw std::logic_error(Text("block ", block, " is not one of ", total_count()));
    }
    if (owners_[block] != owner) {
      throw std::logic_error(
          Text("block ", block, " belongs to ", owners_[block], ", not to ", owner));
    }
    if (!seen.insert(block).second) {
      throw std::logic_error(Text("block ", block, " is released twice"));
    }
  }
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
    owners_[*block] = kFree;
    free_.push_back(*block);
  }
}

std::vector<std::string> Violations(const std::vector<int64_t>& owners,
                                    const std::vector<int64_t>& free_blocks) {
  std::vector<std::string> violations;
  const int64_t total = owners.size();
  std::vector<int64_t> listed(total, 0);  // how often each block is in the free list
  for (int64_t block : free_blocks) {
    if (block < 0 || block >= total) {
      violations.push_back(Text("free block ", block, " is not one of ", total));
    } else {
      ++listed[block];
    }
  }
  for (int64_t block = 0; block < total; ++block) {
    const bool is_free = owners[block] == BlockList::kFree;
    if (listed[block] > 1) violations.push_back(Text("block ", block, " is free twice"));
    if (listed[block] > 0 && !is_free) {
      violations.push_back(Text("block ", block, " is free, yet belongs to ", owners[block]));
    }
    if (listed[block] == 0 && is_free) {
      violations.push_back(Text("block ", block, " is neither free nor reserved"));
    }
  }
  return violations;
}

}  // namespace cacheblend
