#include "engine/sandbox.hpp"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace demarc::engine {
namespace {

struct Release {
  void operator()(void* filter) const { seccomp_release(filter); }
};

// Calls that no model runtime needs and that would widen what a taken-over engine can do.
constexpr const char* kRefused[] = {
    "connect",         "ptrace",  "process_vm_readv", "process_vm_writev", "mount",        "umount2",           "pivot_root",
    "setns",           "unshare", "kexec_load",       "init_module",       "finit_module", "delete_module",     "bpf",
    "perf_event_open", "keyctl",  "add_key",          "request_key",       "userfaultfd",  "open_by_handle_at", "io_uring_setup"};

}  // namespace

Result<SeccompProgram, std::string> deny_network() {
  const auto failed = [](const char* what, int code) { return fail(std::string("seccomp: ") + what + ": " + std::strerror(-code)); };
  const std::unique_ptr<void, Release> filter(seccomp_init(SCMP_ACT_ALLOW));
  if (filter == nullptr) return fail(std::string("seccomp: no filter could be made"));

  for (const char* call : {"socket", "socketpair"}) {
    const int refused =
        seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EAFNOSUPPORT), seccomp_syscall_resolve_name(call), 1, SCMP_A0(SCMP_CMP_NE, AF_UNIX));
    if (refused != 0) return failed(call, refused);
  }
  for (const char* call : kRefused) {
    const int number = seccomp_syscall_resolve_name(call);
    if (number == __NR_SCMP_ERROR) continue;  // not on this architecture
    if (const int refused = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), number, 0); refused != 0) return failed(call, refused);
  }

  const int fd = memfd_create("seccomp", MFD_CLOEXEC);
  if (fd < 0) return fail(std::string("memfd_create: ") + std::strerror(errno));
  const int exported = seccomp_export_bpf(filter.get(), fd);
  const off_t size_bytes = lseek(fd, 0, SEEK_END);
  SeccompProgram program(static_cast<std::size_t>(size_bytes) / sizeof(sock_filter));
  const ssize_t got = pread(fd, program.data(), static_cast<std::size_t>(size_bytes), 0);
  close(fd);
  if (exported != 0) return failed("export", exported);
  if (got != size_bytes) return fail(std::string("seccomp: the filter could not be read back"));
  return program;
}

int install(const SeccompProgram& program) noexcept {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  const sock_fprog filter{static_cast<unsigned short>(program.size()), const_cast<sock_filter*>(program.data())};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0 ? 0 : errno;
}

}  // namespace demarc::engine
