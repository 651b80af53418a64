#include "governance/merkle.hpp"

#include <gtest/gtest.h>

#include "base/encode.hpp"
#include "governance/crc32c.hpp"
#include "governance/tiles.hpp"

namespace demarc::governance {
namespace {

std::vector<Hash> leaves(std::uint64_t count) {
  std::vector<Hash> out;
  for (std::uint64_t i = 0; i < count; ++i) out.push_back(leaf_hash(std::to_string(i)));
  return out;
}

// RFC 6962, section 2.1, word for word.
Hash reference_root(std::span<const Hash> hashes) {
  if (hashes.empty()) return empty_root();
  if (hashes.size() == 1) return hashes[0];
  std::size_t k = 1;
  while (k * 2 < hashes.size()) k *= 2;
  return node_hash(reference_root(hashes.first(k)), reference_root(hashes.subspan(k)));
}

NodeHash nodes_of(const std::vector<Hash>& all) {
  return [&all](unsigned level, std::uint64_t i) -> std::optional<Hash> {
    return subtree_root(std::span(all).subspan(i << level, std::size_t{1} << level));
  };
}

TEST(Merkle, HasTheKnownHashes) {
  EXPECT_EQ(to_hex(as_bytes(leaf_hash(""))), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(to_hex(as_bytes(empty_root())), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(as_bytes(node_hash(leaf_hash(""), leaf_hash(std::string_view("\0", 1))))).substr(0, 8), "fac54203");
}

TEST(Merkle, ACompactRangeHasTheRootOfTheWholeTree) {
  const auto all = leaves(70);
  CompactRange range;
  for (std::size_t n = 0; n <= all.size(); ++n) {
    EXPECT_EQ(range.root(), reference_root(std::span(all).first(n)));
    EXPECT_EQ(tree_root(n, nodes_of(all)), range.root());
    if (n < all.size()) range.append(all[n]);
  }
}

TEST(Merkle, EveryInclusionPathLeadsToTheRootAndToNoOther) {
  const auto all = leaves(33);
  for (std::uint64_t size = 1; size <= all.size(); ++size)
    for (std::uint64_t index = 0; index < size; ++index) {
      const Hash root = reference_root(std::span(all).first(size));
      auto path = inclusion_path(index, size, nodes_of(all)).value();
      EXPECT_EQ(root_from_inclusion(all[index], index, size, path), root);
      EXPECT_NE(root_from_inclusion(all[(index + 1) % all.size()], index, size, path), root);
      path.push_back(root);
      EXPECT_NE(root_from_inclusion(all[index], index, size, path), root);
    }
}

TEST(Merkle, EveryConsistencyPathHolds) {
  const auto all = leaves(33);
  for (std::uint64_t size = 1; size <= all.size(); ++size)
    for (std::uint64_t old_size = 1; old_size <= size; ++old_size) {
      const Hash root = reference_root(std::span(all).first(size)), old_root = reference_root(std::span(all).first(old_size));
      auto path = consistency_path(old_size, size, nodes_of(all)).value();
      EXPECT_TRUE(is_consistent(old_size, old_root, size, root, path)) << old_size << " " << size;
      EXPECT_FALSE(is_consistent(old_size, leaf_hash("other"), size, root, path));
      path.push_back(root);
      EXPECT_FALSE(is_consistent(old_size, old_root, size, root, path));
    }
}

TEST(Tiles, StandWhereTheConventionSays) {
  EXPECT_EQ(tile_path({0U, 1234067, 256}), "tile/0/x001/x234/067");
  EXPECT_EQ(tile_path(bundle_name(273, 112)), "tile/entries/273.p/112");
  EXPECT_EQ(tile_width(0, 273, 70000), 112U);
  EXPECT_EQ(tile_width(1, 1, 70000), 17U);
  EXPECT_EQ(tile_width(2, 0, 70000), 1U);
  EXPECT_EQ(tile_width(0, 272, 70000), 256U);
  EXPECT_EQ(tile_width(0, 274, 70000), 0U);
}

TEST(Tiles, APathIsReadBackOnlyInItsOneForm) {
  for (const TileName& name : {TileName{0U, 1234067, 256}, TileName{2U, 0, 1}, bundle_name(273, 112), bundle_name(1000, 256)})
    EXPECT_EQ(parse_tile_path(tile_path(name)), name);
  for (const std::string_view path : {"tile/0/1", "tile/0/0001", "tile/00/001", "tile/0/x000/001", "tile/8/001", "tile/0/001.p/0", "tile/0/001.p/256",
                                      "tile/0/001.p/01", "tile/entry/001", "tile/0/", "tile/0/001/", "0/001"})
    EXPECT_FALSE(parse_tile_path(path)) << path;
}

TEST(Tiles, ABundleThatEndsInTheMiddleIsNone) {
  std::string bundle;
  append_bundle_entry(bundle, "one");
  append_bundle_entry(bundle, "");
  EXPECT_EQ(parse_bundle(bundle)->size(), 2U);
  for (const std::size_t size : {1U, 3U, 6U}) EXPECT_FALSE(parse_bundle(std::string_view(bundle).substr(0, size)));
}

TEST(Crc32c, HasTheKnownValues) {  // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c("456789", crc32c("123")), 0xe3069283U);
}

}  // namespace
}  // namespace demarc::governance
