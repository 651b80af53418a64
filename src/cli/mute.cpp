#include "cli/mute.hpp"

#include <unistd.h>

#include <array>

#include "base/strings.hpp"
#include "cli/place.hpp"
#include "engine/child.hpp"

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMemoryBytes = std::uint64_t{1} << 30;  // the recording, 200 MiB at most, and a decoder
constexpr int kTimeoutMs = 600'000;
constexpr std::size_t kMostStretches = 50'000;  // as arguments of a program: 2 MiB is what the system takes

std::string said_by(const engine::Child& child) {
  std::array<char, 1024> text{};
  const ssize_t got = read(child.output_fd(), text.data(), text.size());
  return std::string(trim({text.data(), got > 0 ? static_cast<std::size_t>(got) : 0}));
}

}  // namespace

Result<fs::path, std::string> muted_path(const fs::path& target, const fs::path& recording) {
  std::error_code error;
  fs::path to = target;
  if (fs::is_directory(target, error)) to /= recording.stem().string() + ".muted.wav";
  if (fs::equivalent(to, recording, error)) return fail(to.string() + ": is the recording itself; name another file");
  return to;
}

Result<void, std::string> mute_file(const fs::path& recording, const fs::path& to, const std::vector<TranscriptMute>& mutes) {
  if (mutes.size() > kMostStretches) return fail(std::string("more than 50,000 stretches to silence; cut the recording"));
  const fs::path part = to.string() + ".part";
  engine::ChildSpec spec{.argv = {programs_folder() + "/demarc-speech", "--mute", recording.string(), part.string()},
                         .memory_limit_bytes = kMemoryBytes};
  for (const TranscriptMute& mute : mutes)
    spec.argv.push_back(std::to_string(mute.start_ms) + "-" + (mute.end_ms ? std::to_string(*mute.end_ms) : ""));
  engine::Child child = TRY(engine::start_child(spec));
  const auto ended = child.wait(kTimeoutMs);
  std::error_code error;
  if (!ended || ended->code != 0) {
    child.stop(0);
    fs::remove(part, error);
    const std::string why = !ended ? std::string("took longer than 10 minutes") : said_by(child);
    return fail(why.empty() ? "demarc-speech: " + ended->describe() : why);
  }
  fs::rename(part, to, error);
  if (error) return fail(to.string() + ": " + error.message());
  return {};
}

}  // namespace demarc::cli
