// What an engine may not do. An engine parses model files and media from strangers, so it runs without a network: no socket of any family but
// AF_UNIX, no connect() at all (it only answers), and none of the calls that reach into other processes or the kernel.
//
//   const SeccompProgram program = deny_network();     // in the parent, where allocation is allowed
//   ... in the child, after fork: install(program);    // async-signal-safe; holds across exec and for all its threads
//
// Pure but for libseccomp; any thread.
#pragma once

#include <linux/filter.h>

#include <string>
#include <vector>

#include "base/result.hpp"

namespace demarc::engine {

using SeccompProgram = std::vector<sock_filter>;

// Classic BPF, see seccomp(2). Refused calls fail (EAFNOSUPPORT for sockets, EPERM otherwise) rather than kill, so an engine that probes for a
// network goes on without one.
Result<SeccompProgram, std::string> deny_network();

// Sets no_new_privs and installs the filter on the calling process. 0, or errno.
int install(const SeccompProgram& program) noexcept;

}  // namespace demarc::engine
