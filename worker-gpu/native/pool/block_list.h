#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cacheblend {

// Ownership of blocks, without their memory. An owner is a sequence, or the cache. Not thread-safe.
class BlockList {
 public:
  static constexpr int64_t kFree = 0;
  static constexpr int64_t kCache = -1;  // owner of the blocks of a BlockCache

  explicit BlockList(int64_t block_count);

  // Gives `count` blocks to an owner (not 0). Throws KvExhausted, and changes nothing, if fewer are
  // free.
  std::vector<int64_t> Take(int64_t count, int64_t owner);

  // Throws std::logic_error, and changes nothing, unless the owner has every block and each is
  // named once.
  void Release(const std::vector<int64_t>& blocks, int64_t owner);

  // Gives a block of one owner to another. Throws std::logic_error unless it is of the first.
  void Transfer(int64_t block, int64_t from_owner, int64_t to_owner);

  int64_t total_count() const { return owners_.size(); }
  int64_t free_count() const { return free_.size(); }
  const std::vector<int64_t>& owners() const { return owners_; }
  const std::vector<int64_t>& free_blocks() const { return free_; }

 private:
  std::vector<int64_t> owners_;  // of each block
  std::vector<int64_t> free_;    // a stack: the last released block is taken first
};

// Contradictions between the two views of ownership that a BlockList keeps.
std::vector<std::string> Violations(const std::vector<int64_t>& owners,
                                    const std::vector<int64_t>& free_blocks);

}  // namespace cacheblend
