#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "core/io/disk.hpp"

namespace demarc {
namespace {

DiskError disk_error(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return DiskError::not_found;
    case EEXIST: return DiskError::exists;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return DiskError::full;
    case EACCES:
    case EPERM:
    case EROFS: return DiskError::denied;
    case EWOULDBLOCK: return DiskError::locked;
    default: return DiskError::io;
  }
}

Result<void, DiskError> outcome(int returned) {
  if (returned != 0) return fail(disk_error(errno));
  return {};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(fd_); }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

class PosixFile final : public File {
 public:
  explicit PosixFile(int fd) : fd_(fd) {}

  Result<std::string, DiskError> read(std::uint64_t offset, std::size_t size_bytes) override {
    std::string out(size_bytes, '\0');
    std::size_t done = 0;
    while (done < size_bytes) {
      const ssize_t got = ::pread(fd_.get(), out.data() + done, size_bytes - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(disk_error(errno));
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    out.resize(done);
    return out;
  }

  Result<void, DiskError> pwrite(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t put = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return fail(disk_error(errno));
      offset += static_cast<std::uint64_t>(put);
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
  }

  Result<void, DiskError> append(std::string_view bytes) override { return pwrite(TRY(size()), bytes); }
  Result<void, DiskError> sync() override { return outcome(::fdatasync(fd_.get())); }

  Result<void, DiskError> preallocate(std::uint64_t size_bytes) override {
    const int error = ::posix_fallocate(fd_.get(), 0, static_cast<off_t>(size_bytes));
    if (error != 0) return fail(disk_error(error));
    return {};
  }

  Result<std::uint64_t, DiskError> size() override {
    struct stat status{};
    if (::fstat(fd_.get(), &status) != 0) return fail(disk_error(errno));
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  Descriptor fd_;
};

class PosixLock final : public DiskLock {
 public:
  explicit PosixLock(int fd) : fd_(fd) {}

 private:
  Descriptor fd_;
};

class PosixDisk final : public Disk {
 public:
  Result<std::unique_ptr<File>, DiskError> open(const std::string& path, OpenMode mode, unsigned permissions) override {
    const int flags = mode == OpenMode::read ? O_RDONLY : mode == OpenMode::update ? O_RDWR : O_RDWR | O_CREAT | O_EXCL;
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, permissions & 0600U);
    if (fd < 0) return fail(disk_error(errno));
    auto file = std::make_unique<PosixFile>(fd);
    if (mode == OpenMode::create && ::fchmod(fd, permissions) != 0) return fail(disk_error(errno));
    return std::unique_ptr<File>(std::move(file));
  }

  Result<void, DiskError> rename(const std::string& from, const std::string& to) override { return outcome(::rename(from.c_str(), to.c_str())); }
  Result<void, DiskError> remove(const std::string& path) override { return outcome(std::remove(path.c_str())); }

  Result<void, DiskError> make_directory(const std::string& path, unsigned permissions) override {
    return outcome(::mkdir(path.c_str(), permissions));
  }

  Result<void, DiskError> sync_directory(const std::string& path) override {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail(disk_error(errno));
    const Descriptor directory(fd);
    return outcome(::fsync(fd));
  }

  Result<std::vector<DirectoryEntry>, DiskError> list(const std::string& path) override {
    DIR* directory = ::opendir(path.c_str());
    if (directory == nullptr) return fail(disk_error(errno));
    std::vector<DirectoryEntry> entries;
    errno = 0;
    while (const dirent* entry = ::readdir(directory)) {
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      struct stat status{};
      if (::stat(std::string(path).append("/").append(name).c_str(), &status) != 0)
        status.st_mode = 0;  // a dangling link is a file that cannot be opened
      entries.push_back({name, S_ISDIR(status.st_mode)});
      errno = 0;
    }
    const int error = errno;
    ::closedir(directory);
    if (error != 0) return fail(disk_error(error));
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return entries;
  }

  Result<std::unique_ptr<DiskLock>, DiskError> lock(const std::string& path) override {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return fail(disk_error(errno));
    auto lock = std::make_unique<PosixLock>(fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return fail(disk_error(errno));
    return std::unique_ptr<DiskLock>(std::move(lock));
  }
};

}  // namespace

Disk& real_disk() {
  static PosixDisk disk;
  return disk;
}

}  // namespace demarc
