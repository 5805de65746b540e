#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

namespace cacheblend {

// Names the KV of a block in its context: a cryptographic hash of the model, of the tokens of the
// block, and of all tokens before it.
using BlockKey = std::array<uint8_t, 32>;

// Blocks with the KV of the beginnings of prompts, by key. A block has users, the sequences that
// read it, or is idle. Idle blocks are evicted, the least recently used one first.
//
// A sequence that uses a block uses the blocks of all tokens before it, too, and releases the last
// block first. So a block is idle only if those that continue it are, and it is evicted after them.
// Not thread-safe.
class BlockCache {
 public:
  explicit BlockCache(int64_t block_count) : entries_(block_count) {}

  // Blocks of the longest run of cached keys, from the first key on.
  std::vector<int64_t> Find(const std::vector<BlockKey>& keys) const;
  // -1: the key is not cached.
  int64_t Find(const BlockKey& key) const;
  // Whether a key leads to the block.
  bool Finds(int64_t block) const { return entries_[block].found; }
  int64_t CountIdle(const std::vector<int64_t>& blocks) const;

  // Adds a user to each block. The blocks are cached.
  void Use(const std::vector<int64_t>& blocks);
  // Caches a block, with one user. The key is not cached.
  void Add(const BlockKey& key, int64_t block);
  // Removes a user of each block, given in the order of their positions. Returns the blocks that
  // are no longer cached: they were dropped meanwhile.
  std::vector<int64_t> Release(const std::vector<int64_t>& blocks);

  // Removes the least recently used idle block. There is one.
  int64_t Evict();
  // Removes all keys. Returns the blocks without users; the others follow with their last user.
  std::vector<int64_t> DropAll();

  int64_t idle_count() const { return idle_.size(); }
  int64_t found_count() const { return by_key_.size(); }  // blocks that a key leads to
  int64_t evicted_count() const { return evicted_count_; }

  // Contradictions, where `cached` tells for each block whether its owner is the cache.
  std::vector<std::string> Violations(const std::vector<bool>& cached) const;

 private:
  struct Entry {
    BlockKey key{};
    bool found = false;
    int64_t user_count = 0;
    std::list<int64_t>::iterator idle;  // valid if found, without users
  };
  // Keys are hashes already.
  struct Hash {
    size_t operator()(const BlockKey& key) const;
  };

  std::vector<Entry> entries_;  // of each block
  std::unordered_map<BlockKey, int64_t, Hash> by_key_;
  std::list<int64_t> idle_;  // the next to evict is the first
  int64_t evicted_count_ = 0;
};

}  // namespace cacheblend
