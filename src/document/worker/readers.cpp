#include "document/worker/readers.hpp"

#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <optional>

#include "document/worker/limits.hpp"

namespace demarc::document::worker {
namespace {

// What passes between a reader and whoever waits for it: kind, length (4 bytes, of this machine), body.
//   'h' hello, body: its process id     's' a step begins, body: two ints     'r' the result     'e' code \0 message
// The other way goes one byte for each 's': it may begin.
constexpr int kPollMs = 200;
constexpr std::size_t kHeadBytes = 1 + sizeof(std::uint32_t);
constexpr char kReady = 'R', kFailed = 'F';

constexpr const char* kAllowed[] = {"read",         "write",          "exit_group", "exit",      "brk",          "mmap",          "munmap",
                                    "mremap",       "madvise",        "mprotect",   "futex",     "rt_sigreturn", "lseek",         "close",
                                    "rt_sigaction", "rt_sigprocmask", "gettid",     "getpid",    "tgkill",       "clock_gettime", "gettimeofday",
                                    "sched_yield",  "getrusage",      "fstat",      "newfstatat"};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

// Two file descriptors for the mother, of a job.
bool send_job(int control, int job, int talk) {
  char byte = 'j';
  iovec body{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(2 * sizeof(int))> space{};
  msghdr message{};
  message.msg_iov = &body, message.msg_iovlen = 1;
  message.msg_control = space.data(), message.msg_controllen = space.size();
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET, head->cmsg_type = SCM_RIGHTS, head->cmsg_len = CMSG_LEN(2 * sizeof(int));
  const int fds[2] = {job, talk};
  std::memcpy(CMSG_DATA(head), fds, sizeof fds);
  ssize_t sent = 0;
  while ((sent = sendmsg(control, &message, MSG_NOSIGNAL)) < 0 && errno == EINTR) {
  }
  return sent == 1;
}

struct JobFds {
  int job = -1, talk = -1;
};
std::optional<JobFds> receive_job(int control) {
  char byte = 0;
  iovec body{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(2 * sizeof(int))> space{};
  msghdr message{};
  message.msg_iov = &body, message.msg_iovlen = 1;
  message.msg_control = space.data(), message.msg_controllen = space.size();
  ssize_t got = 0;
  while ((got = recvmsg(control, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  const cmsghdr* head = got == 1 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (head == nullptr || head->cmsg_type != SCM_RIGHTS || head->cmsg_len != CMSG_LEN(2 * sizeof(int))) return {};
  int fds[2];
  std::memcpy(fds, CMSG_DATA(head), sizeof fds);
  return JobFds{fds[0], fds[1]};
}

[[noreturn]] void be_reader(const JobFds& fds, const Readers::Read& read, const Readers::Limits& limits) {
  Teller teller(fds.talk);
  struct stat found{};
  if (fstat(fds.job, &found) != 0 || found.st_size <= 0) _exit(1);
  const auto size_bytes = static_cast<std::size_t>(found.st_size);
  const void* at = mmap(nullptr, size_bytes, PROT_READ, MAP_PRIVATE, fds.job, 0);
  if (at == MAP_FAILED) _exit(1);
  teller.hello();
  restrict_self({.memory_bytes = limits.memory_bytes, .cpu_s = limits.document_cpu_ms / 1'000});
  try {
    read({static_cast<const char*>(at), size_bytes}, teller);
  } catch (const std::bad_alloc&) {
    teller.refuse("document_too_complex", "Reading the document takes more memory than its reader may have: " +
                                              limit_words("document_memory_mib", worker::limits().document_memory_mib) + " MiB.");
  } catch (const std::exception&) {
    teller.refuse("invalid_document", "The document is damaged in a way that its reader could not get over.");
  }
  _exit(teller.answered() ? 0 : 1);
}

[[noreturn]] void be_mother(int control, const Readers::Prepare& prepare, const Readers::Read& read, const Readers::Limits& limits) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct sigaction reap{};
  reap.sa_handler = SIG_IGN;  // and the kernel reaps who ended
  sigaction(SIGCHLD, &reap, nullptr);
  sigset_t none;
  sigemptyset(&none);
  const auto prepared = prepare();
  const std::string word = prepared ? std::string(1, kReady) : std::string(1, kFailed) + prepared.error();
  if (send(control, word.data(), word.size(), MSG_NOSIGNAL) < 0 || !prepared) _exit(1);
  const int null = open("/dev/null", O_WRONLY);
  while (const auto fds = receive_job(control)) {
    if (const pid_t reader = fork(); reader == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      sigprocmask(SIG_SETMASK, &none, nullptr);
      dup2(null, STDOUT_FILENO), dup2(null, STDERR_FILENO);  // libraries complain of documents in the documents' words
      close(control);
      be_reader(*fds, read, limits);
    }
    close(fds->job), close(fds->talk);
  }
  _exit(0);
}

class File {  // a descriptor that is closed
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() { reset(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  void reset() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

std::int64_t cpu_ms_of(clockid_t clock) {
  timespec spent{};
  return clock_gettime(clock, &spent) == 0 ? spent.tv_sec * 1'000 + spent.tv_nsec / 1'000'000 : 0;
}

// Listens to one reader until it has said its last word.
class Listening {
 public:
  Listening(int fd, const Readers::Limits& limits, const Readers::Talk& talk) : fd_(fd), limits_(limits), talk_(talk) {}

  Result<std::string, ReaderFault> run() {
    for (;;) {
      pollfd readable{fd_, POLLIN, 0};
      const int ready = poll(&readable, 1, kPollMs);
      if (ready < 0 && errno != EINTR) return fault(ReaderFault::Kind::system);
      if (!talk_.proceed()) return stop(ReaderFault::Kind::cancelled);
      if (is_over_time()) return stop(ReaderFault::Kind::too_long);
      if (ready <= 0) continue;
      std::array<char, 64 << 10> piece;
      const ssize_t got = ::read(fd_, piece.data(), piece.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return fault(ReaderFault::Kind::broken);
      buffer_.append(piece.data(), static_cast<std::size_t>(got));
      if (buffer_.size() > most_result_bytes() + kHeadBytes) return stop(ReaderFault::Kind::broken);
      if (auto over = take()) return std::move(*over);
    }
  }

 private:
  Failure<ReaderFault> fault(ReaderFault::Kind kind, std::string code = {}, std::string message = {}) const {
    return fail(ReaderFault{.kind = kind, .code = std::move(code), .message = std::move(message), .step = step_});
  }
  Failure<ReaderFault> stop(ReaderFault::Kind kind) const {
    if (pid_ > 0) kill(pid_, SIGKILL);
    return fault(kind);
  }
  [[nodiscard]] bool is_over_time() const {
    if (pid_ <= 0) return false;
    const std::int64_t spent = cpu_ms_of(clock_);
    return spent - step_began_ms_ > limits_.step_cpu_ms || spent > limits_.document_cpu_ms;
  }

  // The messages that have come whole; a result if one is the last.
  std::optional<Result<std::string, ReaderFault>> take() {
    for (;;) {
      std::uint32_t size = 0;
      if (buffer_.size() < 1 + sizeof size) return {};
      std::memcpy(&size, buffer_.data() + 1, sizeof size);
      if (size > most_result_bytes()) return stop(ReaderFault::Kind::broken);
      if (buffer_.size() < 1 + sizeof size + size) return {};
      const char kind = buffer_[0];
      std::string body = buffer_.substr(1 + sizeof size, size);
      buffer_.erase(0, 1 + sizeof size + size);
      switch (kind) {
        case 'h': know(body); break;
        case 's':
          if (!begin_step(body)) return stop(ReaderFault::Kind::cancelled);
          break;
        case 'r': return Result<std::string, ReaderFault>(std::move(body));
        case 'e': {
          const std::size_t zero = std::min(body.find('\0'), body.size());
          return fault(ReaderFault::Kind::refused, body.substr(0, zero), body.substr(std::min(zero + 1, body.size())));
        }
        default: return stop(ReaderFault::Kind::broken);
      }
    }
  }

  void know(const std::string& body) {
    if (pid_ > 0 || body.size() != sizeof pid_) return;
    std::memcpy(&pid_, body.data(), sizeof pid_);
    if (clock_getcpuclockid(pid_, &clock_) != 0) pid_ = -1;
  }

  bool begin_step(const std::string& body) {
    int numbers[2] = {};
    if (body.size() != sizeof numbers) return false;
    std::memcpy(numbers, body.data(), sizeof numbers);
    step_ = numbers[0];
    held_.reset();
    held_ = talk_.before_step(numbers[0], numbers[1]);
    step_began_ms_ = cpu_ms_of(clock_);
    return talk_.proceed() && write_all(fd_, "g");
  }

  const int fd_;
  const Readers::Limits& limits_;
  const Readers::Talk& talk_;
  std::string buffer_;
  pid_t pid_ = -1;
  clockid_t clock_ = CLOCK_MONOTONIC;
  std::int64_t step_began_ms_ = 0;
  int step_ = 0;
  std::shared_ptr<void> held_;
};

}  // namespace

void Teller::send(char kind, std::string_view body) {
  const auto size = static_cast<std::uint32_t>(body.size());
  std::array<char, 1 + sizeof size> head{kind};
  std::memcpy(head.data() + 1, &size, sizeof size);
  if (!write_all(fd_, {head.data(), head.size()}) || !write_all(fd_, body)) _exit(1);  // nobody listens
}

void Teller::hello() {
  const pid_t self = getpid();
  send('h', {reinterpret_cast<const char*>(&self), sizeof self});
}

void Teller::begin_step(int step, int of) {
  const int numbers[2] = {step, of};
  send('s', {reinterpret_cast<const char*>(numbers), sizeof numbers});
  char go = 0;
  ssize_t got = 0;
  while ((got = read(fd_, &go, 1)) < 0 && errno == EINTR) {
  }
  if (got != 1) _exit(1);
}

void Teller::result(std::string_view json) { send('r', json), answered_ = true; }

void Teller::refuse(std::string_view code, std::string_view message) {
  if (answered_) return;
  send('e', std::string(code) + '\0' + std::string(message)), answered_ = true;
}

void restrict_self(const Rights& rights) {
  rlimit held{};
  const auto lower = [&](decltype(RLIMIT_DATA) what, rlim_t to) {
    getrlimit(what, &held);
    const rlim_t limit = std::min(to, held.rlim_max);
    const rlimit wanted{limit, limit};
    return setrlimit(what, &wanted) == 0;
  };
  const bool limited = lower(RLIMIT_DATA, rights.memory_bytes) && lower(RLIMIT_CPU, static_cast<rlim_t>(rights.cpu_s) + 1) && lower(RLIMIT_CORE, 0) &&
                       lower(RLIMIT_FSIZE, rights.file_bytes) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  const scmp_filter_ctx filter = limited ? seccomp_init(SCMP_ACT_ERRNO(EPERM)) : nullptr;
  bool loaded = filter != nullptr;
  for (const char* call : kAllowed) loaded = loaded && seccomp_rule_add(filter, SCMP_ACT_ALLOW, seccomp_syscall_resolve_name(call), 0) == 0;
  if (!loaded || seccomp_load(filter) != 0) _exit(1);
  seccomp_release(filter);
}

Readers::Readers(Prepare prepare, Read read, Limits limits) : limits_(limits) {
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
  mother_ = fork();
  CHECK(mother_ >= 0);
  if (mother_ == 0) {
    close(ends[0]);
    be_mother(ends[1], prepare, read, limits_);
  }
  close(ends[1]);
  control_ = ends[0];
}

Readers::~Readers() {
  close(control_);
  kill(mother_, SIGKILL);
  int status = 0;
  while (waitpid(mother_, &status, 0) < 0 && errno == EINTR) {
  }
}

Result<void, std::string> Readers::wait_prepared() {
  std::array<char, 1024> word{};
  ssize_t got = 0;
  while ((got = recv(control_, word.data(), word.size(), 0)) < 0 && errno == EINTR) {
  }
  if (got <= 0) return fail(std::string("the process that loads the models ended"));
  if (word[0] != kReady) return fail(std::string(word.data() + 1, static_cast<std::size_t>(got - 1)));
  return {};
}

Result<std::string, ReaderFault> Readers::read(std::string_view job, const Talk& talk) {
  const File document(memfd_create("document", MFD_CLOEXEC));
  int ends[2];
  if (document.get() < 0 || !write_all(document.get(), job) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(ReaderFault{.code = {}, .message = std::strerror(errno)});
  const File ours(ends[0]);
  File theirs(ends[1]);
  if (!send_job(control_, document.get(), theirs.get())) return fail(ReaderFault{.code = {}, .message = std::strerror(errno)});
  theirs.reset();
  return Listening(ours.get(), limits_, talk).run();
}

}  // namespace demarc::document::worker
