#include "models/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "models/disk.hpp"

namespace demarc::models {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBufferBytes = 1 << 20;
constexpr std::uint64_t kMaxInnerBytes = 64ULL << 30;
constexpr int kMaxMembers = 100'000;

struct Close {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, Close>;

Failure<ModelError> broken(const fs::path& file, archive* reader) {
  const char* why = archive_error_string(reader);
  return fail(ModelError{ModelErrorKind::bad_archive, file.filename().native() + ": " + (why != nullptr ? why : "unreadable")});
}

ModelResult<Reader> open_archive(const fs::path& file) {
  Reader reader(archive_read_new());
  CHECK(reader != nullptr);
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_format_tar(reader.get());
  archive_read_support_format_zip_seekable(reader.get());
  if (archive_read_open_filename(reader.get(), file.c_str(), kBufferBytes) != ARCHIVE_OK) return broken(file, reader.get());
  return reader;
}

ModelResult<void> go_to(archive* reader, const fs::path& file, std::string_view member) {
  archive_entry* entry = nullptr;
  for (int seen = 0; seen < kMaxMembers; ++seen) {
    const int status = archive_read_next_header(reader, &entry);
    if (status == ARCHIVE_EOF) break;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return broken(file, reader);
    const char* name = archive_entry_pathname_utf8(entry);
    if (name == nullptr) name = archive_entry_pathname(entry);
    if (name != nullptr && member == name && archive_entry_filetype(entry) == AE_IFREG) return {};
  }
  return fail(ModelError{ModelErrorKind::bad_archive, file.filename().native() + " has no member " + std::string(member)});
}

ModelResult<void> read_direct_member(const fs::path& file, std::string_view member, const Sink& sink, const std::stop_token& stop) {
  const Reader reader = TRY(open_archive(file));
  TRY(go_to(reader.get(), file, member));
  std::vector<char> buffer(kBufferBytes);
  while (true) {
    if (stop.stop_requested()) return fail(ModelError{ModelErrorKind::cancelled, "cancelled"});
    const la_ssize_t got = archive_read_data(reader.get(), buffer.data(), buffer.size());
    if (got < 0) return broken(file, reader.get());
    if (got == 0) return {};
    TRY(sink({buffer.data(), static_cast<std::size_t>(got)}));
  }
}

ModelResult<void> unpack(const fs::path& file, std::string_view member, const fs::path& to, const std::stop_token& stop) {
  const Fd out(open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (out.get() < 0) return fail(disk_error("create", to.native(), errno));
  std::uint64_t written = 0;
  return read_direct_member(
      file, member,
      [&](std::string_view bytes) -> ModelResult<void> {
        written += bytes.size();
        if (written > kMaxInnerBytes) return fail(ModelError{ModelErrorKind::bad_archive, std::string(member) + " is larger than 64 GiB"});
        return write_all(out.get(), bytes, to);
      },
      stop);
}

}  // namespace

ModelResult<void> read_member(const fs::path& archive, std::span<const std::string> members, const fs::path& scratch, const Sink& sink,
                              const std::stop_token& stop) {
  CHECK(!members.empty());
  fs::path from = archive;
  std::vector<fs::path> inner;
  ModelResult<void> result;
  for (; members.size() > 1 && result.ok(); members = members.subspan(1)) {
    inner.push_back(scratch / ("inner-" + std::to_string(inner.size())));
    result = unpack(from, members.front(), inner.back(), stop);
    from = inner.back();
  }
  if (result.ok()) result = read_direct_member(from, members.front(), sink, stop);
  std::error_code ignored;
  for (const fs::path& file : inner) fs::remove(file, ignored);
  return result;
}

}  // namespace demarc::models
