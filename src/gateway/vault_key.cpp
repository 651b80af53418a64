#include "gateway/vault_key.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <vector>

#include "core/io/disk.hpp"
#include "privacy/vault_file.hpp"

namespace demarc::gateway {
namespace {

constexpr std::size_t kMostBytes = 4096;
constexpr std::chrono::seconds kPatience{10};
constexpr std::string_view kForm = "32 bytes in hex or base64, as `openssl rand -base64 32` writes them";

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// What the child writes, to its end or until patience or room runs out.
Result<std::string, std::string> read_all_of(int fd) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  std::string out;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return fail(std::string("did not end within ten seconds"));
    std::array<char, 512> buffer{};
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0) return fail(std::string("cannot be read from"));
    if (got == 0) return out;
    out.append(buffer.data(), static_cast<std::size_t>(got));
    OPENSSL_cleanse(buffer.data(), buffer.size());
    if (out.size() > kMostBytes) return fail(std::string("writes more than a key"));
  }
}

// In the environment of demarc itself: where credentials of a key service are.
Result<std::string, std::string> output_of(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail(std::string("cannot be run: no pipe"));
  const Descriptor output(ends[0]);
  Descriptor input(ends[1]);
  std::vector<char*> arguments;
  for (const std::string& text : command) arguments.push_back(const_cast<char*>(text.c_str()));  // posix_spawn does not write to them
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, input.get(), 1);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  pid_t child = 0;
  const int spawned = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  input.close();
  if (spawned != 0) return fail(std::string("cannot be run"));
  auto out = read_all_of(output.get());
  if (!out) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (out && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
    return fail("failed" + (WIFEXITED(status) ? " with exit code " + std::to_string(WEXITSTATUS(status)) : std::string()));
  return out;
}

Result<privacy::Digest, std::string> key_of(Result<std::string, std::string> text, const std::string& source) {
  if (!text)
    return fail("vault.key: " + source + " " + text.error() +
                ". Without the key the vault's file cannot be read; give it, or set vault: {keep: memory}.");
  const auto key = privacy::parse_vault_key(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!key) return fail("vault.key: " + source + " does not hold " + std::string(kForm));
  return *key;
}

}  // namespace

Result<privacy::Digest, std::string> read_vault_key(const config::VaultSettings& settings) {
  if (!settings.key_command.empty()) return key_of(output_of(settings.key_command), "the command " + settings.key_command[0]);
  struct stat about{};
  if (stat(settings.key_file.c_str(), &about) == 0 && (about.st_mode & S_IROTH) != 0)
    return fail("vault.key: " + settings.key_file + " is readable by everybody; chmod 600 it");
  auto read = read_file(real_disk(), settings.key_file, kMostBytes);
  return key_of(std::move(read).map_error([](DiskError error) { return "cannot be read (" + std::string(to_string(error)) + ")"; }),
                settings.key_file);
}

}  // namespace demarc::gateway
