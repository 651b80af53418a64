#include "config/environment.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace demarc::config {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

ReadError to_read_error(int error) {
  if (error == ENOENT || error == ENOTDIR) return ReadError::not_found;
  if (error == EACCES || error == EPERM) return ReadError::denied;
  return ReadError::io;
}

class ProcessEnvironment final : public Environment {
 public:
  std::optional<std::string> variable(const std::string& name) const override {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return {};
    return value;
  }

  Result<SmallFile, ReadError> read(const std::string& path, std::size_t limit_bytes) const override {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a FIFO must not hang the start
    if (file.get() < 0) return fail(to_read_error(errno));
    struct stat facts{};
    if (fstat(file.get(), &facts) != 0) return fail(ReadError::io);
    if (!S_ISREG(facts.st_mode)) return fail(ReadError::not_a_file);
    SmallFile out;
    out.world_readable = (facts.st_mode & S_IROTH) != 0;
    char buffer[16 * 1024];
    for (;;) {
      const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
      if (got == 0) return out;
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(ReadError::io);
      if (out.text.size() + static_cast<std::size_t>(got) > limit_bytes) return fail(ReadError::too_large);
      out.text.append(buffer, static_cast<std::size_t>(got));
    }
  }

  bool exists(const std::string& path) const override { return access(path.c_str(), F_OK) == 0; }

  std::string working_folder() const override {
    std::error_code error;
    const std::string folder = std::filesystem::current_path(error).string();
    return error ? "/" : folder;
  }
};

}  // namespace

std::string_view to_string(ReadError error) {
  switch (error) {
    case ReadError::not_found: return "no such file";
    case ReadError::denied: return "permission denied";
    case ReadError::too_large: return "too large";
    case ReadError::not_a_file: return "not a regular file";
    case ReadError::io: return "cannot be read";
  }
  return "cannot be read";
}

const Environment& process_environment() {
  static const ProcessEnvironment environment;
  return environment;
}

}  // namespace demarc::config
