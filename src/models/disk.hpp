// The few things a store of large files asks of the disk: locks between processes, writes that survive a power cut, free space.
//
//   const FolderLock lock = TRY(FolderLock::take(folder / "lock", stop, [] { … another process holds it … }));
//   TRY(replace_durably(data / "models.lock", text));
//
// Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string_view>
#include <utility>

#include "models/error.hpp"

namespace demarc::models {

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// Held by one process (and one owner within it) at a time; the kernel releases it when the process ends, however it ends.
class FolderLock {
 public:
  // Waits until it is free or `stop` is asked; `on_wait` is called once if it must wait.
  static ModelResult<FolderLock> take(const std::filesystem::path& file, const std::stop_token& stop, const std::function<void()>& on_wait);

 private:
  explicit FolderLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

ModelResult<void> make_folder(const std::filesystem::path& folder);
ModelResult<void> write_all(int fd, std::string_view bytes, const std::filesystem::path& name_for_errors);
ModelResult<void> write_new_file(const std::filesystem::path& to, std::string_view bytes);
ModelResult<void> sync_folder(const std::filesystem::path& folder);
// Old text or new text, never a mixture: temporary file, fsync, rename, fsync of the folder.
ModelResult<void> replace_durably(const std::filesystem::path& file, std::string_view text);
// At most `limit_bytes`; a missing file is `not_found`.
ModelResult<std::string> read_small_file(const std::filesystem::path& file, std::uint64_t limit_bytes);
ModelResult<void> need_free_space(const std::filesystem::path& folder, std::uint64_t bytes);

}  // namespace demarc::models
