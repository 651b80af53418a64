#include "models/disk.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

namespace demarc::models {
namespace fs = std::filesystem;
namespace {

constexpr auto kLockPoll = std::chrono::milliseconds(100);
constexpr std::uint64_t kSpareBytes = 64ULL << 20;  // what a pull leaves free for the log and the database

std::string megabytes(std::uint64_t bytes) { return std::to_string((bytes + 999'999) / 1'000'000) + " MB"; }

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

ModelResult<FolderLock> FolderLock::take(const fs::path& file, const std::stop_token& stop, const std::function<void()>& on_wait) {
  Fd fd(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (fd.get() < 0) return fail(disk_error("open", file.native(), errno));
  bool told = false;
  while (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return fail(disk_error("lock", file.native(), errno));
    if (stop.stop_requested()) return fail(ModelError{ModelErrorKind::cancelled, "cancelled while another process was changing the models"});
    if (!told && on_wait) on_wait();
    told = true;
    std::this_thread::sleep_for(kLockPoll);
  }
  return FolderLock(std::move(fd));
}

ModelResult<void> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(disk_error("create", folder.native(), error.value()));
  return {};
}

ModelResult<void> write_all(int fd, std::string_view bytes, const fs::path& name_for_errors) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(disk_error("write", name_for_errors.native(), errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

ModelResult<void> sync_folder(const fs::path& folder) {
  const Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || fsync(fd.get()) != 0) return fail(disk_error("sync", folder.native(), errno));
  return {};
}

ModelResult<void> replace_durably(const fs::path& file, std::string_view text) {
  const fs::path next = file.native() + ".new";
  {
    const Fd fd(open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (fd.get() < 0) return fail(disk_error("create", next.native(), errno));
    TRY(write_all(fd.get(), text, next));
    if (fsync(fd.get()) != 0) return fail(disk_error("sync", next.native(), errno));
  }
  if (rename(next.c_str(), file.c_str()) != 0) return fail(disk_error("replace", file.native(), errno));
  return sync_folder(file.parent_path());
}

ModelResult<std::string> read_small_file(const fs::path& file, std::uint64_t limit_bytes) {
  const Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0 && errno == ENOENT) return fail(ModelError{ModelErrorKind::not_found, file.native() + " does not exist"});
  if (fd.get() < 0) return fail(disk_error("open", file.native(), errno));
  std::string text;
  char buffer[65536];
  while (true) {
    const ssize_t got = read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(disk_error("read", file.native(), errno));
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > limit_bytes) return fail(ModelError{ModelErrorKind::disk, file.native() + " is larger than " + megabytes(limit_bytes)});
  }
}

ModelResult<void> need_free_space(const fs::path& folder, std::uint64_t bytes) {
  struct statvfs disk{};
  if (statvfs(folder.c_str(), &disk) != 0) return fail(disk_error("ask the free space of", folder.native(), errno));
  const std::uint64_t free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (free_bytes >= kSpareBytes && free_bytes - kSpareBytes >= bytes) return {};
  return fail(ModelError{ModelErrorKind::no_space,
                         folder.native() + " has " + megabytes(free_bytes) + " free, but " + megabytes(bytes) + " and 64 MB to spare are needed",
                         "free some space, or move the data folder to a larger disk"});
}

ModelResult<void> write_new_file(const std::filesystem::path& to, std::string_view bytes) {
  const Fd fd(open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (fd.get() < 0) return fail(disk_error("create", to.native(), errno));
  return write_all(fd.get(), bytes, to);
}

}  // namespace demarc::models
