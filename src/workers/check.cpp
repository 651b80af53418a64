// demarc-check NAME FILE: is this file of a model what its name says? Prints one line: the facts of models/format/check.hpp (exit status 0), or what
// is wrong (1). Started for every file before an engine may open it, so it is what a hostile file meets first: it opens that one file, maps it, gives
// up every right, and only then looks at the bytes. From there on it can write its line, ask for memory up to a limit, and end; any other system call
// kills it.
#include "models/format/check.hpp"

#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

namespace {

constexpr rlim_t kMemoryBytes = rlim_t{1} << 30U, kProcessorSeconds = 60;
constexpr uid_t kNobody = 65534;

constexpr const char* kAllowed[] = {"write",   "exit_group", "exit",  "brk",          "mmap",           "munmap", "mremap",
                                    "madvise", "mprotect",   "futex", "rt_sigreturn", "rt_sigprocmask", "gettid", "tgkill"};  // the last: abort()

// At once and without the destructors and exit handlers of a program that ends in order: they may need what is not allowed any more.
[[noreturn]] void say(std::string line, int status) {
  line += '\n';
  [[maybe_unused]] const ssize_t written = write(STDOUT_FILENO, line.data(), line.size());
  _exit(status);
}

[[noreturn]] void give_up(const std::string& what, int error) { say(what + ": " + std::strerror(error), 2); }

std::string_view map(const char* file) {
  const int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // not to hang on a pipe
  struct stat found{};
  if (fd < 0 || fstat(fd, &found) != 0) give_up("cannot be opened", errno);
  if (!S_ISREG(found.st_mode)) say("is not an ordinary file", 1);
  if (found.st_size == 0) return {};
  const auto size_bytes = static_cast<std::size_t>(found.st_size);
  const void* at = mmap(nullptr, size_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
  if (at == MAP_FAILED) give_up("cannot be mapped", errno);
  close(fd);
  return {static_cast<const char*>(at), size_bytes};
}

void give_up_rights() {
  const rlimit memory{kMemoryBytes, kMemoryBytes}, time{kProcessorSeconds, kProcessorSeconds}, none{0, 0};
  if (setrlimit(RLIMIT_DATA, &memory) != 0 || setrlimit(RLIMIT_CPU, &time) != 0 || setrlimit(RLIMIT_CORE, &none) != 0) give_up("limits", errno);
  // A root that may not change its user (in a container that has no other) keeps it; the filter below holds all the same.
  if (geteuid() == 0 && setgroups(0, nullptr) == 0 && setresgid(kNobody, kNobody, kNobody) == 0) [[maybe_unused]]
    const int kept = setresuid(kNobody, kNobody, kNobody);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) give_up("no_new_privs", errno);
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
  if (filter == nullptr) give_up("seccomp", ENOMEM);
  for (const char* call : kAllowed)
    if (const int refused = seccomp_rule_add(filter, SCMP_ACT_ALLOW, seccomp_syscall_resolve_name(call), 0); refused != 0) give_up(call, -refused);
  if (const int refused = seccomp_load(filter); refused != 0) give_up("seccomp", -refused);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) say("usage: demarc-check NAME FILE", 2);
  const std::string_view name = argv[1], bytes = map(argv[2]);
  give_up_rights();
  try {
    const auto facts = demarc::models::format::check(name, bytes);
    if (!facts) say(facts.error(), 1);
    say(demarc::models::format::print(*facts), 0);
  } catch (const std::bad_alloc&) {
    say("to check it would take more than 1 GiB of memory", 1);
  }
}
