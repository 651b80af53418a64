#include "governance/tiles.hpp"

#include <algorithm>
#include <charconv>

#include "base/check.hpp"

namespace demarc::governance {
namespace {

// N in groups of three digits, all but the last with an x in front: 1234067 → x001/x234/067.
std::string print_number(std::uint64_t n) {
  std::string out = std::to_string(1000 + n % 1000).substr(1);
  while (n >= 1000) {
    n /= 1000;
    out.insert(0, std::to_string(1000 + n % 1000).substr(1).append("/")).insert(0, "x");
  }
  return out;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return n;
}

}  // namespace

std::string tile_path(const TileName& name) {
  std::string path = "tile/" + (name.level ? std::to_string(*name.level) : "entries") + "/" + print_number(name.n);
  if (name.width < kTileWidth) path += ".p/" + std::to_string(name.width);
  return path;
}

std::optional<TileName> parse_tile_path(std::string_view path) {
  const std::string_view whole = path;
  if (!path.starts_with("tile/")) return {};
  path.remove_prefix(5);
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return {};
  TileName name;
  if (path.substr(0, slash) != "entries") {
    const auto level = parse_decimal(path.substr(0, slash));
    if (!level || *level >= kMaxTileLevels) return {};
    name.level = static_cast<unsigned>(*level);
  }
  path.remove_prefix(slash + 1);
  if (const auto partial = path.find(".p/"); partial != std::string_view::npos) {
    const auto width = parse_decimal(path.substr(partial + 3));
    if (!width || *width == 0 || *width >= kTileWidth) return {};
    name.width = *width;
    path = path.substr(0, partial);
  }
  if (path.size() > std::size_t{7} * 5) return {};
  std::string digits;
  for (const char c : path)
    if (c != 'x' && c != '/') digits += c;
  const auto n = parse_decimal(digits);
  if (!n) return {};
  name.n = *n;
  if (tile_path(name) != whole) return {};  // one path per tile
  return name;
}

std::uint64_t tile_width(unsigned level, std::uint64_t n, std::uint64_t size) {
  const std::uint64_t hashes = hashes_at(level, size), begin = n * kTileWidth;
  return begin >= hashes ? 0 : std::min(kTileWidth, hashes - begin);
}

void append_bundle_entry(std::string& bundle, std::string_view entry) {
  CHECK(entry.size() <= 65'535);
  bundle += static_cast<char>(entry.size() >> 8);
  bundle += static_cast<char>(entry.size() & 255U);
  bundle += entry;
}

std::optional<std::vector<std::string_view>> parse_bundle(std::string_view bundle) {
  std::vector<std::string_view> entries;
  while (!bundle.empty()) {
    if (bundle.size() < 2) return {};
    const std::size_t length = static_cast<std::size_t>(static_cast<unsigned char>(bundle[0])) << 8 | static_cast<unsigned char>(bundle[1]);
    if (bundle.size() < 2 + length) return {};
    entries.push_back(bundle.substr(2, length));
    bundle.remove_prefix(2 + length);
  }
  return entries;
}

Result<const std::vector<Hash>*, DiskError> TileReader::tile(unsigned level, std::uint64_t n) {
  const TileName name{level, n, tile_width(level, n, size_)};
  if (name.width == 0) return fail(DiskError::not_found);
  auto at = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.name.level == level; });
  if (at != kept_.end() && at->name == name) return &at->hashes;
  auto read = read_file(disk_, dir_ + "/" + tile_path(name), kTileWidth * sizeof(Hash));
  if (!read && read.error() == DiskError::not_found && name.width < kTileWidth)  // the log has grown since: its full tile stands there
    read = read_file(disk_, dir_ + "/" + tile_path({level, n, kTileWidth}), kTileWidth * sizeof(Hash));
  const std::string bytes = TRY(std::move(read));
  if (bytes.size() < name.width * sizeof(Hash) || bytes.size() % sizeof(Hash) != 0) return fail(DiskError::io);
  Kept kept{name, {}};
  for (std::uint64_t i = 0; i < name.width; ++i) kept.hashes.push_back(*to_hash(std::string_view(bytes).substr(i * sizeof(Hash), sizeof(Hash))));
  if (at == kept_.end()) at = kept_.insert(kept_.end(), Kept{});
  *at = std::move(kept);
  return &at->hashes;
}

Result<std::string, DiskError> TileReader::bundle(std::uint64_t n) {
  const std::uint64_t width = tile_width(0, n, size_);
  if (width == 0) return fail(DiskError::not_found);
  auto read = read_file(disk_, dir_ + "/" + tile_path(bundle_name(n, width)), kMaxBundleBytes);
  if (!read && read.error() == DiskError::not_found && width < kTileWidth)
    read = read_file(disk_, dir_ + "/" + tile_path(bundle_name(n, kTileWidth)), kMaxBundleBytes);
  std::string bytes = TRY(std::move(read));
  const auto entries = parse_bundle(bytes);
  if (!entries || entries->size() < width) return fail(DiskError::io);
  const std::string_view last = (*entries)[width - 1];
  bytes.resize(static_cast<std::size_t>(last.data() + last.size() - bytes.data()));
  return bytes;
}

std::optional<Hash> TileReader::node(unsigned tree_level, std::uint64_t i) {
  const unsigned level = tree_level / 8;
  const std::uint64_t count = std::uint64_t{1} << tree_level % 8, first = i * count;
  const auto hashes = tile(level, first / kTileWidth);
  if (!hashes || first % kTileWidth + count > hashes.value()->size()) return {};
  return subtree_root(std::span(*hashes.value()).subspan(first % kTileWidth, count));
}

}  // namespace demarc::governance
