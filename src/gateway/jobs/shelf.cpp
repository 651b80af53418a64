#include "gateway/jobs/shelf.hpp"

#include <algorithm>

namespace demarc::gateway {
namespace {

constexpr std::size_t kMostFrameBytes = std::size_t{1} << 30;
constexpr std::uint64_t kFullFrame = Shelf::kHeadBytes + Shelf::kFrameBytes + privacy::kSealBytes;

std::string place_of(const std::string& id, std::uint64_t at) { return "demarc file " + id + " " + std::to_string(at); }

std::string head(std::size_t size) {
  std::string out;
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(size >> shift & 0xff);
  return out;
}

std::size_t size_in(std::string_view head) {
  std::size_t size = 0;
  for (std::size_t i = Shelf::kHeadBytes; i-- > 0;) size = size << 8 | static_cast<unsigned char>(head[i]);
  return size;
}

}  // namespace

std::string parts_id(std::string_view job, std::int64_t piece) { return std::string(job) + "." + std::to_string(piece); }

std::string job_of_parts(std::string_view id) {
  const std::size_t dot = id.rfind('.');
  return std::string(dot == std::string_view::npos ? std::string_view() : id.substr(0, dot));
}

Result<Shelf, DiskError> Shelf::open(Disk& disk, std::string folder, const privacy::Digest& key, Random& random) {
  if (auto made = make_directories(disk, folder, 0700); !made && made.error() != DiskError::exists) return fail(made.error());
  return Shelf(disk, std::move(folder), key, random);
}

std::string Shelf::frame(const std::string& id, std::uint64_t at, std::string_view plain) const {
  return head(plain.size() + privacy::kSealBytes) + privacy::seal(key_, place_of(id, at), plain, *random_);
}

// A frame that does not open was changed by somebody: an error of the disk, for who reads.
Result<std::string, DiskError> Shelf::open_frame(File& file, const std::string& id, std::uint64_t at, std::uint64_t& next) const {
  const std::string head = TRY(file.read(at, kHeadBytes));
  if (head.empty()) return std::string();
  if (head.size() < kHeadBytes) return fail(DiskError::io);
  const std::size_t size = size_in(head);
  if (size < privacy::kSealBytes || size > kMostFrameBytes) return fail(DiskError::io);
  auto plain = privacy::unseal(key_, place_of(id, at), TRY(file.read(at + kHeadBytes, size)));
  if (!plain) return fail(DiskError::io);
  next = at + kHeadBytes + size;
  return *std::move(plain);
}

Result<void, DiskError> Shelf::store(const std::string& id, std::string_view bytes) {
  const auto write = [&]() -> Result<void, DiskError> {
    auto file = TRY(disk_->open(path(id), OpenMode::create, 0600));
    for (std::uint64_t at = 0; !bytes.empty(); at += kFullFrame) {
      TRY(file->pwrite(at, frame(id, at, bytes.substr(0, kFrameBytes))));
      bytes.remove_prefix(std::min(kFrameBytes, bytes.size()));
    }
    TRY(file->sync());
    return disk_->sync_directory(folder_);
  };
  auto written = write();
  if (!written) static_cast<void>(disk_->remove(path(id)));
  return written;
}

Result<std::string, DiskError> Shelf::read(const std::string& id, std::uint64_t offset, std::size_t size_bytes) {
  const auto file = TRY(disk_->open(path(id), OpenMode::read));
  std::string out;
  out.reserve(size_bytes + 64);  // for the parser's padding
  std::uint64_t at = offset / kFrameBytes * kFullFrame;
  for (std::size_t skip = offset % kFrameBytes; out.size() < size_bytes; skip = 0) {
    const std::string plain = TRY(open_frame(*file, id, at, at));
    if (plain.size() <= skip) return fail(DiskError::io);  // shorter than whoever asks knows it to be
    out.append(plain, skip, size_bytes - out.size());
  }
  return out;
}

Result<std::uint64_t, DiskError> Shelf::append(const std::string& id, std::uint64_t end, std::string_view plain) {
  auto opened = disk_->open(path(id), OpenMode::update);
  const bool fresh = !opened && opened.error() == DiskError::not_found;
  if (fresh) opened = disk_->open(path(id), OpenMode::create, 0600);
  const auto file = TRY(std::move(opened));
  const std::string framed = frame(id, end, plain);
  TRY(file->pwrite(end, framed));
  TRY(file->sync());
  if (fresh) TRY(disk_->sync_directory(folder_));
  return end + framed.size();
}

Result<std::int64_t, DiskError> Shelf::plain_bytes(const std::string& id, std::uint64_t end) {
  if (end == 0) return std::int64_t{0};
  const auto file = TRY(disk_->open(path(id), OpenMode::read));
  std::int64_t sum = 0;
  for (std::uint64_t at = 0; at < end;) {
    const std::string head = TRY(file->read(at, kHeadBytes));
    if (head.size() < kHeadBytes || size_in(head) < privacy::kSealBytes) return fail(DiskError::io);
    sum += static_cast<std::int64_t>(size_in(head) - privacy::kSealBytes);
    at += kHeadBytes + size_in(head);
  }
  return sum;
}

Result<void, DiskError> Shelf::remove(const std::string& id) {
  auto removed = disk_->remove(path(id));
  if (!removed && removed.error() == DiskError::not_found) return {};
  if (!removed) return removed;
  return disk_->sync_directory(folder_);
}

Result<std::vector<std::string>, DiskError> Shelf::ids() {
  std::vector<std::string> out;
  for (const DirectoryEntry& entry : TRY(disk_->list(folder_)))
    if (!entry.is_directory) out.push_back(entry.name);
  return out;
}

Result<ShelfReader, DiskError> ShelfReader::open(const Shelf& shelf, std::string id) {
  auto file = TRY(shelf.disk_->open(shelf.path(id), OpenMode::read));
  return ShelfReader(shelf, std::move(id), std::move(file));
}

Result<std::string, DiskError> ShelfReader::next() { return shelf_->open_frame(*file_, id_, at_, at_); }

}  // namespace demarc::gateway
