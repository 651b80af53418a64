#include "governance/wal.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "base/check.hpp"
#include "governance/crc32c.hpp"
#include "governance/tiles.hpp"

namespace demarc::governance {
namespace {

constexpr std::size_t kHeaderBytes = 16, kAlignBytes = 8, kScanBytes = 1U << 20;
constexpr std::string_view kMagic = "demarcW1";

template <class Int>
void append_int(std::string& out, Int n) {
  for (std::size_t i = 0; i < sizeof n; ++i) out += static_cast<char>(n >> (8 * i));
}

template <class Int>
Int read_int(std::string_view bytes) {
  Int n = 0;
  for (std::size_t i = sizeof n; i-- > 0;) n = static_cast<Int>(n << 8 | static_cast<unsigned char>(bytes[i]));
  return n;
}

std::uint64_t aligned(std::uint64_t bytes) { return (bytes + kAlignBytes - 1) / kAlignBytes * kAlignBytes; }

// len | crc | first | payload | zeros
void print_frame(std::string& out, std::uint64_t first_index, std::string_view payload) {
  std::string first;
  append_int(first, first_index);
  out.clear();
  append_int(out, static_cast<std::uint32_t>(payload.size()));
  append_int(out, crc32c(payload, crc32c(first)));
  out += first, out += payload;
  out.resize(aligned(out.size()), '\0');
}

bool all_zero(std::string_view bytes) { return bytes.find_first_not_of('\0') == std::string_view::npos; }

}  // namespace

std::string wal_segment_name(std::uint64_t first_index) {
  char name[32];
  std::snprintf(name, sizeof name, "%020llu.wal", static_cast<unsigned long long>(first_index));
  return name;
}

std::optional<std::uint64_t> parse_wal_segment_name(std::string_view name) {
  std::uint64_t index = 0;
  if (name.size() != 24) return {};
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size() - 4, index);
  if (error != std::errc{} || end != name.data() + 20 || wal_segment_name(index) != name) return {};
  return index;
}

Result<std::vector<std::uint64_t>, DiskError> list_wal_segments(Disk& disk, const std::string& wal_dir) {
  std::vector<std::uint64_t> segments;
  for (const DirectoryEntry& entry : TRY(disk.list(wal_dir)))
    if (const auto first = parse_wal_segment_name(entry.name); first && !entry.is_directory) segments.push_back(*first);
  return segments;
}

Result<WalReader, DiskError> WalReader::open(Disk& disk, const std::string& wal_dir, std::uint64_t first_index) {
  WalReader reader(TRY(disk.open(wal_dir + "/" + wal_segment_name(first_index), OpenMode::read)));
  reader.size_bytes_ = TRY(reader.file_->size());
  std::uint64_t first = 0;
  std::string head;
  if (!TRY(reader.read_frame(0, first, head)) || first != first_index || !head.starts_with(kMagic) || head.size() % 8 != 0)
    return fail(DiskError::io);
  for (std::size_t at = kMagic.size(); at < head.size(); at += 8)
    reader.open_intents_.insert(read_int<std::uint64_t>(std::string_view(head).substr(at, 8)));
  reader.offset_ = aligned(kHeaderBytes + head.size());
  reader.first_ = reader.end_index_ = first_index;
  return reader;
}

// true: a whole frame stands there, and its padding is zero.
Result<bool, DiskError> WalReader::read_frame(std::uint64_t offset, std::uint64_t& first, std::string& payload) {
  if (offset + kHeaderBytes > size_bytes_) return false;
  const std::string header = TRY(file_->read(offset, kHeaderBytes));
  if (header.size() < kHeaderBytes) return false;
  const auto length = read_int<std::uint32_t>(header);
  if (length == 0 || length > kMaxFramePayloadBytes || offset + aligned(kHeaderBytes + length) > size_bytes_) return false;
  payload = TRY(file_->read(offset + kHeaderBytes, aligned(kHeaderBytes + length) - kHeaderBytes));
  if (payload.size() < length || !all_zero(std::string_view(payload).substr(length))) return false;
  payload.resize(length);
  first = read_int<std::uint64_t>(std::string_view(header).substr(8));
  return crc32c(payload, crc32c(std::string_view(header).substr(8))) == read_int<std::uint32_t>(std::string_view(header).substr(4));
}

Result<WalReader::Next, DiskError> WalReader::next(std::uint64_t limit) {
  if (end_index_ >= limit) return Next::end;
  std::uint64_t first = 0;
  if (!TRY(read_frame(offset_, first, payload_))) return judge_tail();
  const auto entries = parse_bundle(payload_);
  if (first != end_index_ || !entries || entries->empty()) return Next::damaged;  // whole, and yet not what a writer writes
  entries_ = *entries;
  first_ = first, end_index_ = first + entries_.size();
  offset_ += aligned(kHeaderBytes + payload_.size());
  return Next::frame;
}

Result<WalReader::Next, DiskError> WalReader::judge_tail() {
  tail_bytes_ = 0;
  std::string later;
  for (std::uint64_t at = offset_; at < size_bytes_; at += kScanBytes) {
    const std::string window = TRY(file_->read(at, kScanBytes + kHeaderBytes));
    const std::string_view own = std::string_view(window).substr(0, kScanBytes);
    if (all_zero(own)) continue;
    tail_bytes_ = at + own.find_last_not_of('\0') + 1 - offset_;
    for (std::size_t i = 0; i + kHeaderBytes <= window.size() && i < kScanBytes; i += kAlignBytes) {
      const auto length = read_int<std::uint32_t>(std::string_view(window).substr(i));
      const auto claimed = read_int<std::uint64_t>(std::string_view(window).substr(i + 8));
      if (at + i == offset_ || length == 0 || length > kMaxFramePayloadBytes || claimed <= end_index_ || claimed > end_index_ + size_bytes_) continue;
      std::uint64_t first = 0;
      if (TRY(read_frame(at + i, first, later))) return Next::damaged;
    }
  }
  return tail_bytes_ == 0 ? Next::end : Next::torn;
}

Result<void, DiskError> WalWriter::begin_segment(std::uint64_t next_index, const std::set<std::uint64_t>& open_intents) {
  std::string head(kMagic);
  for (const std::uint64_t intent : open_intents) append_int(head, intent);
  print_frame(frame_, next_index, head);
  const std::string path = dir_ + "/" + wal_segment_name(next_index), fresh = path + ".tmp";
  auto file = TRY(disk_.open(fresh, OpenMode::create, 0644));
  TRY(file->preallocate(std::max<std::uint64_t>(segment_bytes_, frame_.size())));
  TRY(file->pwrite(0, frame_));
  TRY(file->sync());
  TRY(disk_.rename(fresh, path));
  TRY(disk_.sync_directory(dir_));
  file_ = std::move(file), offset_ = frame_.size();
  return {};
}

Result<void, DiskError> WalWriter::commit(std::uint64_t first_index, std::string_view payload, const std::set<std::uint64_t>& open_intents) {
  CHECK(!payload.empty() && payload.size() <= kMaxFramePayloadBytes);
  const std::uint64_t frame_bytes = aligned(kHeaderBytes + payload.size());
  if (offset_ + frame_bytes > segment_bytes_) {
    TRY(begin_segment(first_index, open_intents));
    if (offset_ + frame_bytes > segment_bytes_) TRY(file_->preallocate(offset_ + frame_bytes));  // one commit larger than a segment
  }
  print_frame(frame_, first_index, payload);
  TRY(file_->pwrite(offset_, frame_));
  TRY(file_->sync());
  offset_ += frame_.size();
  return {};
}

}  // namespace demarc::governance
