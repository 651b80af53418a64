#include "cli/check_file.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "base/strings.hpp"
#include "cli/place.hpp"
#include "engine/child.hpp"

namespace demarc::cli {
namespace {

using models::ModelError;
using models::ModelErrorKind;

constexpr std::uint64_t kMemoryBytes = std::uint64_t{1} << 30U;
constexpr auto kTimeLimit = std::chrono::seconds(90);
constexpr std::size_t kMostOutputBytes = 64U << 10U;

// All that it prints until it ends; empty where it did not end in time.
std::optional<engine::Exit> run_out(engine::Child& child, std::string& output) {
  const auto last_moment = std::chrono::steady_clock::now() + kTimeLimit;
  std::optional<engine::Exit> exit;
  while (!exit && std::chrono::steady_clock::now() < last_moment) {
    exit = child.wait(20);  // before what it printed is read: what it printed last is there then
    std::array<char, 4096> buffer{};
    for (ssize_t got = 1; got > 0 && output.size() < kMostOutputBytes;) {
      got = read(child.output_fd(), buffer.data(), buffer.size());
      if (got > 0) output.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }
  return exit;
}

}  // namespace

models::ModelResult<models::format::Facts> check_file(std::string_view name, const std::filesystem::path& file) {
  const std::string program = programs_folder() + "/demarc-check";
  const auto refused = [&](const std::string& why) {
    return fail(
        ModelError{ModelErrorKind::bad_weights, std::string(name) + " is refused: " + why, "no engine opens it; take the publisher's own file"});
  };
  auto child = engine::start_child({.argv = {program, std::string(name), file.native()}, .memory_limit_bytes = kMemoryBytes});
  if (!child) return fail(ModelError{ModelErrorKind::tool_missing, "model files cannot be checked: " + child.error(), "build it: ./run version"});
  std::string output;
  const auto exit = run_out(*child, output);
  if (!exit) return refused("to check it took longer than 90 s");
  if (exit->code < 0) return refused("its check was " + exit->describe());  // a call that is not allowed, or the processor time limit
  const std::string_view line = trim(output);
  if (exit->code == 1) return refused(std::string(line));
  if (exit->code != 0) return fail(ModelError{ModelErrorKind::disk, file.native() + ": " + std::string(line)});
  const auto facts = models::format::parse(line);
  if (!facts) return refused("its check printed what is no fact");
  return *facts;
}

}  // namespace demarc::cli
