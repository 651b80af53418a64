// The Merkle tree of RFC 6962 (as tlog-tiles uses it), in SHA-256: leaf = H(00 || entry), node = H(01 || left || right), empty = H("").
//
//   CompactRange range;                       // the whole tree as at most 64 hashes
//   range.append(leaf_hash(entry));
//   range.root();
//
// Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace demarc::governance {

using Hash = std::array<unsigned char, 32>;

inline std::string_view as_bytes(const Hash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }
std::optional<Hash> to_hash(std::string_view bytes);  // nullopt unless 32 bytes

Hash sha256(std::string_view bytes);
Hash leaf_hash(std::string_view entry);
Hash node_hash(const Hash& left, const Hash& right);
Hash empty_root();

class CompactRange {
 public:
  void append(const Hash& leaf);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] Hash root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> peaks_;  // one per set bit of size_, largest first
};

// The root of a full subtree over these hashes; their number is a power of two.
Hash subtree_root(std::span<const Hash> hashes);

// Hash of leaves [begin, end) as one tree; asked only for full, aligned subtrees: begin = i·2^level, end = begin + 2^level. nullopt: not to be had.
using NodeHash = std::function<std::optional<Hash>(unsigned level, std::uint64_t i)>;

std::optional<Hash> tree_root(std::uint64_t size, const NodeHash& node);
// RFC 6962, 2.1.1: from the leaf's sibling up. index < size.
std::optional<std::vector<Hash>> inclusion_path(std::uint64_t index, std::uint64_t size, const NodeHash& node);
// RFC 6962, 2.1.2. 0 < old_size <= size.
std::optional<std::vector<Hash>> consistency_path(std::uint64_t old_size, std::uint64_t size, const NodeHash& node);

// RFC 9162, 2.1.3.2 and 2.1.4.2.
std::optional<Hash> root_from_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size, std::span<const Hash> path);
bool is_consistent(std::uint64_t old_size, const Hash& old_root, std::uint64_t size, const Hash& root, std::span<const Hash> path);

}  // namespace demarc::governance
