#include "engine/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "engine/sandbox.hpp"

namespace demarc::engine {
namespace {

constexpr int kNiceness = 5;                                                              // the gateway and the log writer come first
constexpr const char* kPassedOn[] = {"CUDA_VISIBLE_DEVICES", "GGML_VK_VISIBLE_DEVICES"};  // which GPUs it may use

// Runs in the child between fork and exec: only async-signal-safe calls. Reports errno through `report_fd` and exits.
[[noreturn]] void become(const ChildSpec& spec, char* const* argv, char* const* env, const SeccompProgram& program, int output, int report_fd,
                         pid_t parent) {
  const auto give_up = [&](int error) {
    [[maybe_unused]] const ssize_t told = write(report_fd, &error, sizeof error);
    _exit(127);
  };
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // the parent died in between
  setpgid(0, 0);
  const int null = open("/dev/null", O_RDONLY);
  if (dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) give_up(errno);
  if (report_fd != 3 && dup3(report_fd, 3, O_CLOEXEC) < 0) give_up(errno);
  report_fd = 3;
  syscall(SYS_close_range, 4U, ~0U, 0U);
  rlimit limit{0, 0};
  setrlimit(RLIMIT_CORE, &limit);
  prctl(PR_SET_DUMPABLE, 0);
  if (spec.memory_limit_bytes > 0) {
    limit = {spec.memory_limit_bytes, spec.memory_limit_bytes};
    if (setrlimit(RLIMIT_DATA, &limit) != 0) give_up(errno);
  }
  setpriority(PRIO_PROCESS, 0, kNiceness);
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (spec.sandbox == Sandbox::no_network)
    if (const int error = install(program); error != 0) give_up(error);
  execve(argv[0], argv, env);
  give_up(errno);
  _exit(127);
}

}  // namespace

std::string Exit::describe() const { return code < 0 ? "killed by signal " + std::to_string(-code) : "exit status " + std::to_string(code); }

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pid_fd_(std::exchange(other.pid_fd_, -1)), output_fd_(std::exchange(other.output_fd_, -1)) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pid_fd_, other.pid_fd_);
  std::swap(output_fd_, other.output_fd_);
  return *this;
}

Child::~Child() {
  if (pid_ > 0) stop(0);
  if (pid_fd_ >= 0) close(pid_fd_);
  if (output_fd_ >= 0) close(output_fd_);
}

std::optional<Exit> Child::wait(int timeout_ms) {
  if (pid_ <= 0) return Exit{};
  pollfd ended{pid_fd_, POLLIN, 0};
  while (poll(&ended, 1, timeout_ms) < 0 && errno == EINTR) {
  }
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return {};
  pid_ = -1;
  return Exit{WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status)};
}

void Child::stop(int grace_ms) {
  if (pid_ <= 0) return;
  if (grace_ms > 0) {
    kill(pid_, SIGTERM);
    if (wait(grace_ms)) return;
  }
  kill(-pid_, SIGKILL);  // the whole group: what the engine started goes too
  kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

Result<Child, std::string> start_child(const ChildSpec& spec) {
  CHECK(!spec.argv.empty());
  SeccompProgram program;
  if (spec.sandbox == Sandbox::no_network) program = TRY(deny_network());
  std::vector<char*> argv;
  for (const std::string& argument : spec.argv) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::vector<std::string> variables = {"PATH=/usr/bin:/bin", "HOME=/nonexistent", "LANG=C.UTF-8"};
  for (const char* name : kPassedOn)
    if (const char* value = std::getenv(name); value != nullptr) variables.push_back(std::string(name) + "=" + value);
  std::vector<char*> env;
  for (std::string& variable : variables) env.push_back(variable.data());
  env.push_back(nullptr);

  int output[2], report[2];
  if (pipe2(output, O_CLOEXEC) != 0) return fail(std::string("pipe: ") + std::strerror(errno));
  if (pipe2(report, O_CLOEXEC) != 0) {
    close(output[0]), close(output[1]);
    return fail(std::string("pipe: ") + std::strerror(errno));
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) become(spec, argv.data(), env.data(), program, output[1], report[1], parent);
  const int fork_error = errno;
  close(output[1]), close(report[1]);
  int child_error = 0;
  const ssize_t told = pid < 0 ? 0 : read(report[0], &child_error, sizeof child_error);
  close(report[0]);
  Child child;
  child.pid_ = pid, child.output_fd_ = output[0];
  if (pid < 0) return fail(std::string("fork: ") + std::strerror(fork_error));
  child.pid_fd_ = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (told == sizeof child_error) return fail(spec.argv[0] + ": " + std::strerror(child_error));  // ~Child reaps
  fcntl(child.output_fd_, F_SETFL, O_NONBLOCK);
  return child;
}

}  // namespace demarc::engine
