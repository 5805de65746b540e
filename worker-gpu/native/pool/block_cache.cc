#include "pool/block_cache.h"

#include <cstring>
#include <iterator>
#include <stdexcept>

#include "pool/text.h"

namespace cacheblend {

size_t BlockCache::Hash::operator()(const BlockKey& key) const {
  size_t hash;
  std::memcpy(&hash, key.data(), sizeof(hash));
  return hash;
}

std::vector<int64_t> BlockCache::Find(const std::vector<BlockKey>& keys) const {
  std::vector<int64_t> blocks;
  for (const BlockKey& key : keys) {
    const int64_t block = Find(key);
    if (block < 0) break;
    blocks.push_back(block);
  }
  return blocks;
}

int64_t BlockCache::Find(const BlockKey& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? -1 : found->second;
}

int64_t BlockCache::CountIdle(const std::vector<int64_t>& blocks) const {
  int64_t count = 0;
  for (int64_t block : blocks) count += entries_[block].user_count == 0;
  return count;
}

void BlockCache::Use(const std::vector<int64_t>& blocks) {
  for (int64_t block : blocks) {
    Entry& entry = entries_[block];
    if (entry.user_count++ == 0) idle_.erase(entry.idle);
  }
}

void BlockCache::Add(const BlockKey& key, int64_t block) {
  by_key_.emplace(key, block);
  entries_[block] = {key, true, 1, idle_.end()};
}

std::vector<int64_t> BlockCache::Release(const std::vector<int64_t>& blocks) {
  std::vector<int64_t> dropped;
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
    Entry& entry = entries_[*block];
    if (--entry.user_count > 0) continue;
    if (entry.found) {
      entry.idle = idle_.insert(idle_.end(), *block);
    } else {
      dropped.push_back(*block);
    }
  }
  return dropped;
}

int64_t BlockCache::Evict() {
  if (idle_.empty()) throw std::logic_error("no cached block is idle");
  const int64_t block = idle_.front();
  idle_.pop_front();
  by_key_.erase(entries_[block].key);
  entries_[block] = {};
  ++evicted_count_;
  return block;
}

std::vector<int64_t> BlockCache::DropAll() {
  const std::vector<int64_t> dropped(idle_.begin(), idle_.end());
  for (const auto& [unused, block] : by_key_) entries_[block].found = false;
  by_key_.clear();
  idle_.clear();
  return dropped;
}

std::vector<std::string> BlockCache::Violations(const std::vector<bool>& cached) const {
  std::vector<std::string> violations;
  std::vector<bool> idle(entries_.size(), false);
  for (int64_t block : idle_) idle[block] = true;
  int64_t found_count = 0;
  for (size_t block = 0; block < entries_.size(); ++block) {
    const Entry& entry = entries_[block];
    found_count += entry.found;
    if (cached[block] != (entry.found || entry.user_count > 0)) {
      violations.push_back(Text("block ", block, cached[block] ? " belongs to" : " is not of",
                                " the cache, and has ", entry.user_count, " users"));
    }
    if (idle[block] != (entry.found && entry.user_count == 0)) {
      violations.push_back(Text("cached block ", block, " has ", entry.user_count, " users and is ",
                                idle[block] ? "idle" : "in use"));
    }
    if (entry.found && Find(entry.key) != static_cast<int64_t>(block)) {
      violations.push_back(Text("the key of cached block ", block, " leads to another block"));
    }
  }
  if (found_count != this->found_count()) {
    violations.push_back(Text(this->found_count(), " keys lead to ", found_count, " blocks"));
  }
  if (idle_count() > found_count) {
    violations.push_back(Text(idle_count(), " blocks are idle, ", found_count, " are cached"));
  }
  return violations;
}

}  // namespace cacheblend
