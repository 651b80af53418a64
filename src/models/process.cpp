#include "models/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/strings.hpp"
#include "models/disk.hpp"

namespace demarc::models {
namespace {

constexpr int kTickMs = 200;
constexpr std::size_t kKeptOutputBytes = 4096, kShownOutputBytes = 600;

// What a package manager needs to find itself, its settings, a proxy and certificates. Keys of providers and of the hub are not among it.
constexpr std::array<std::string_view, 14> kPassedOn = {"PATH",
                                                        "HOME",
                                                        "LANG",
                                                        "USER",
                                                        "VIRTUAL_ENV",
                                                        "SSL_CERT_FILE",
                                                        "SSL_CERT_DIR",
                                                        "NO_PROXY",
                                                        "REQUESTS_CA_BUNDLE",
                                                        "NODE_EXTRA_CA_CERTS",
                                                        "http_proxy",
                                                        "https_proxy",
                                                        "no_proxy",
                                                        "HTTPS_PROXY"};
constexpr std::array<std::string_view, 6> kPassedOnPrefixes = {"PIP_", "npm_config_", "NPM_CONFIG_", "PYENV_", "LC_", "XDG_"};

bool is_passed_on(std::string_view variable) {
  const std::string_view name = variable.substr(0, variable.find('='));
  return std::ranges::find(kPassedOn, name) != kPassedOn.end() ||
         std::ranges::any_of(kPassedOnPrefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

std::vector<std::string> environment_with(const std::filesystem::path& temporary) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (is_passed_on(*variable)) variables.emplace_back(*variable);
  variables.push_back("TMPDIR=" + temporary.native());
  return variables;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));  // posix_spawn does not write to them
  pointers.push_back(nullptr);
  return pointers;
}

class Tool {  // a process group of its own, so that its children end with it
 public:
  static ModelResult<Tool> start(const std::vector<std::string>& argv, const std::filesystem::path& temporary);
  Tool(Tool&& other) noexcept : pid_(std::exchange(other.pid_, -1)), output_(std::move(other.output_)) {}
  Tool& operator=(Tool&&) = delete;
  ~Tool() {
    if (pid_ <= 0) return;
    kill(-pid_, SIGKILL);
    wait_for_end();
  }

  // Reads what there is for at most one tick; false once the output has ended.
  bool read_output(std::string& into) const {
    pollfd ready{output_.get(), POLLIN, 0};
    if (poll(&ready, 1, kTickMs) <= 0) return true;
    char buffer[4096];
    const ssize_t got = read(output_.get(), buffer, sizeof buffer);
    if (got <= 0) return got < 0 && errno == EINTR;
    into.append(buffer, static_cast<std::size_t>(got));
    if (into.size() > kKeptOutputBytes) into.erase(0, into.size() - kKeptOutputBytes);
    return true;
  }

  int wait_for_end() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

 private:
  Tool(pid_t pid, Fd output) : pid_(pid), output_(std::move(output)) {}
  pid_t pid_;
  Fd output_;
};

ModelResult<Tool> Tool::start(const std::vector<std::string>& argv, const std::filesystem::path& temporary) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(disk_error("start", argv[0], errno));
  Fd output(ends[0]);
  const Fd input(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, input.get(), 1);
  posix_spawn_file_actions_adddup2(&actions, input.get(), 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  const std::vector<std::string> environment = environment_with(temporary);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0].c_str(), &actions, &attributes, pointers(argv).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error == ENOENT) return fail(ModelError{ModelErrorKind::tool_missing, argv[0] + " is not installed", "install it, or use another source"});
  if (error != 0) return fail(disk_error("start", argv[0], error));
  return Tool(pid, std::move(output));
}

std::string last_lines(std::string_view output) {
  output = trim(output);
  if (output.size() > kShownOutputBytes) output.remove_prefix(output.size() - kShownOutputBytes);
  return output.empty() ? "no message" : std::string(output);
}

}  // namespace

ModelResult<void> run_tool(const std::vector<std::string>& argv, const ToolPlace& place, const std::stop_token& stop,
                           const std::function<void()>& on_tick) {
  CHECK(!argv.empty());
  Tool tool = TRY(Tool::start(argv, place.temporary));
  const auto last_moment = std::chrono::steady_clock::now() + place.time_limit;
  std::string output;
  while (tool.read_output(output)) {
    if (stop.stop_requested()) return fail(ModelError{ModelErrorKind::cancelled, "cancelled"});
    if (std::chrono::steady_clock::now() > last_moment)
      return fail(ModelError{ModelErrorKind::unreachable, argv[0] + " took too long and was ended"});
    if (on_tick) on_tick();
  }
  const int status = tool.wait_for_end();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(ModelError{ModelErrorKind::unreachable, argv[0] + " failed: " + last_lines(output)});
}

}  // namespace demarc::models
