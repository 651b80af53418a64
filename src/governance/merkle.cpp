#include "governance/merkle.hpp"

#include <openssl/evp.h>

#include <bit>
#include <memory>

#include "base/check.hpp"

namespace demarc::governance {
namespace {

// One context per thread: fetching SHA-256 anew costs more than hashing a record.
class Sha256 {
 public:
  Sha256() : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
    CHECK(algorithm_ != nullptr && context_ != nullptr && EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) == 1);
  }
  Hash operator()(std::string_view prefix, std::string_view a, std::string_view b) {
    Hash out{};
    CHECK(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1);
    for (const std::string_view part : {prefix, a, b}) CHECK(EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1);
    CHECK(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
    return out;
  }

 private:
  struct Free {
    void operator()(EVP_MD* md) const { EVP_MD_free(md); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD, Free> algorithm_;
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

Hash hash_of(std::string_view prefix, std::string_view a, std::string_view b) {
  thread_local Sha256 sha256;
  return sha256(prefix, a, b);
}

constexpr std::string_view kLeaf{"\x00", 1}, kNode{"\x01", 1};

std::uint64_t split_point(std::uint64_t count) { return std::bit_floor(count - 1); }  // the largest power of two below count; count >= 2

// begin is a multiple of the smallest power of two that is not below end - begin.
std::optional<Hash> range_hash(std::uint64_t begin, std::uint64_t end, const NodeHash& node) {
  const std::uint64_t count = end - begin;
  if (std::has_single_bit(count)) {
    const auto level = static_cast<unsigned>(std::countr_zero(count));
    return node(level, begin >> level);
  }
  const std::uint64_t middle = begin + split_point(count);
  const auto left = range_hash(begin, middle, node), right = range_hash(middle, end, node);
  if (!left || !right) return {};
  return node_hash(*left, *right);
}

}  // namespace

std::optional<Hash> to_hash(std::string_view bytes) {
  Hash out{};
  if (bytes.size() != out.size()) return {};
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

Hash sha256(std::string_view bytes) { return hash_of(bytes, {}, {}); }
Hash leaf_hash(std::string_view entry) { return hash_of(kLeaf, entry, {}); }
Hash node_hash(const Hash& left, const Hash& right) { return hash_of(kNode, as_bytes(left), as_bytes(right)); }
Hash empty_root() { return sha256({}); }

void CompactRange::append(const Hash& leaf) {
  Hash hash = leaf;
  for (std::uint64_t bits = size_; (bits & 1U) != 0; bits >>= 1) {
    hash = node_hash(peaks_.back(), hash);
    peaks_.pop_back();
  }
  peaks_.push_back(hash);
  ++size_;
}

Hash CompactRange::root() const {
  if (peaks_.empty()) return empty_root();
  Hash hash = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i-- > 0;) hash = node_hash(peaks_[i], hash);
  return hash;
}

Hash subtree_root(std::span<const Hash> hashes) {
  CHECK(std::has_single_bit(hashes.size()));
  if (hashes.size() == 1) return hashes[0];
  const std::size_t half = hashes.size() / 2;
  return node_hash(subtree_root(hashes.first(half)), subtree_root(hashes.subspan(half)));
}

std::optional<Hash> tree_root(std::uint64_t size, const NodeHash& node) { return size == 0 ? empty_root() : range_hash(0, size, node); }

std::optional<std::vector<Hash>> inclusion_path(std::uint64_t index, std::uint64_t size, const NodeHash& node) {
  CHECK(index < size);
  std::vector<Hash> path;
  std::uint64_t begin = 0, end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split_point(end - begin);
    const bool left = index < middle;
    const auto sibling = left ? range_hash(middle, end, node) : range_hash(begin, middle, node);
    if (!sibling) return {};
    path.insert(path.begin(), *sibling);
    (left ? end : begin) = middle;
  }
  return path;
}

std::optional<std::vector<Hash>> consistency_path(std::uint64_t old_size, std::uint64_t size, const NodeHash& node) {
  CHECK(old_size > 0 && old_size <= size);
  std::vector<Hash> path;
  std::uint64_t begin = 0, end = size;
  bool whole = true;  // [begin, old_size) is the old tree as it was, so its hash is known to the verifier
  while (end != old_size) {
    const std::uint64_t middle = begin + split_point(end - begin);
    const bool left = old_size <= middle;
    const auto sibling = left ? range_hash(middle, end, node) : range_hash(begin, middle, node);
    if (!sibling) return {};
    path.insert(path.begin(), *sibling);
    whole = whole && left;
    (left ? end : begin) = middle;
  }
  if (!whole) {
    const auto rest = range_hash(begin, end, node);
    if (!rest) return {};
    path.insert(path.begin(), *rest);
  }
  return path;
}

std::optional<Hash> root_from_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size, std::span<const Hash> path) {
  if (index >= size) return {};
  std::uint64_t fn = index, sn = size - 1;
  Hash r = leaf;
  for (const Hash& p : path) {
    if (sn == 0) return {};
    if ((fn & 1U) != 0 || fn == sn) {
      r = node_hash(p, r);
      while ((fn & 1U) == 0 && fn != 0) fn >>= 1, sn >>= 1;
    } else {
      r = node_hash(r, p);
    }
    fn >>= 1, sn >>= 1;
  }
  if (sn != 0) return {};
  return r;
}

bool is_consistent(std::uint64_t old_size, const Hash& old_root, std::uint64_t size, const Hash& root, std::span<const Hash> path) {
  if (old_size > size) return false;
  if (old_size == size) return path.empty() && old_root == root;
  if (old_size == 0) return path.empty() && old_root == empty_root();
  std::vector<Hash> hashes(path.begin(), path.end());
  if (std::has_single_bit(old_size)) hashes.insert(hashes.begin(), old_root);
  if (hashes.empty()) return false;
  std::uint64_t fn = old_size - 1, sn = size - 1;
  while ((fn & 1U) != 0) fn >>= 1, sn >>= 1;
  Hash fr = hashes[0], sr = hashes[0];
  for (std::size_t i = 1; i < hashes.size(); ++i) {
    if (sn == 0) return false;
    if ((fn & 1U) != 0 || fn == sn) {
      fr = node_hash(hashes[i], fr), sr = node_hash(hashes[i], sr);
      while ((fn & 1U) == 0 && fn != 0) fn >>= 1, sn >>= 1;
    } else {
      sr = node_hash(sr, hashes[i]);
    }
    fn >>= 1, sn >>= 1;
  }
  return sn == 0 && fr == old_root && sr == root;
}

}  // namespace demarc::governance
