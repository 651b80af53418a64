#include "cli/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>

namespace demarc::cli {
namespace {

constexpr std::size_t kColumns = 79, kBar = 24;
constexpr std::chrono::milliseconds kEveryOnTerminal(100);
constexpr std::chrono::seconds kEveryElsewhere(10);
constexpr double kTellingAfter_s = 1;  // what is measured over less is noise

template <class... Values>
std::string formatted(const char* format, Values... values) {
  std::array<char, 128> text{};
  const int size = std::snprintf(text.data(), text.size(), format, values...);
  return {text.data(), std::min<std::size_t>(size < 0 ? 0 : size, text.size() - 1)};
}

// Little work is told in KiB, so that its numbers move.
struct Unit {
  double bytes;
  const char* name;
};
Unit unit_for(std::uint64_t bytes) { return bytes < (10U << 20U) ? Unit{1024, "KiB"} : Unit{1 << 20, "MiB"}; }

std::string time_text(double seconds) {
  const auto whole = static_cast<unsigned long>(std::min(seconds, 359'999.0));
  if (whole >= 3600) return formatted("%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
  return formatted("%lu:%02lu", whole / 60, whole % 60);
}

}  // namespace

bool on_terminal() { return isatty(STDERR_FILENO) != 0; }

void StatusLine::show(std::string_view text) {
  if (!terminal_) return;
  out_ << "\r\x1b[K" << text.substr(0, kColumns) << std::flush;
  shown_ = true;
}

void StatusLine::say(std::string_view text) {
  clear();
  out_ << text << '\n' << std::flush;
}

void StatusLine::clear() {
  if (shown_) out_ << "\r\x1b[K" << std::flush;
  shown_ = false;
}

std::string progress_text(const Amount& done, const Amount& all, double elapsed_s, bool with_bar) {
  const double share = all.bytes > 0   ? std::min(1.0, static_cast<double>(done.bytes) / static_cast<double>(all.bytes))
                       : all.files > 0 ? static_cast<double>(done.files) / static_cast<double>(all.files)
                                       : 1.0;
  std::string text;
  if (with_bar) {
    const auto full = static_cast<std::size_t>(share * kBar);
    text = "[" + std::string(full, '=') + (full < kBar ? ">" + std::string(kBar - full - 1, ' ') : "") + "] ";
  }
  text += std::to_string(done.files) + "/" + std::to_string(all.files) + " files";
  const Unit unit = unit_for(all.bytes);
  if (all.bytes > 0)
    text += formatted(", %.0f/%.0f %s", static_cast<double>(done.bytes) / unit.bytes, static_cast<double>(all.bytes) / unit.bytes, unit.name);
  if (elapsed_s >= kTellingAfter_s && done.bytes > 0) {
    const double rate = static_cast<double>(done.bytes) / elapsed_s;
    text += formatted(", %.1f %s/s, ", rate / unit.bytes, unit.name) +
            time_text(static_cast<double>(all.bytes - std::min(done.bytes, all.bytes)) / rate) + " left";
  }
  return text.substr(0, kColumns);
}

void Counter::show(std::int64_t done, std::int64_t all) {
  const auto now = std::chrono::steady_clock::now();
  if (!line_.terminal() && (now - shown_at_ < kEveryElsewhere || done == 0)) return;
  shown_at_ = now;
  std::string text;
  if (line_.terminal()) {
    const auto full = all > 0 ? static_cast<std::size_t>(static_cast<double>(done) / static_cast<double>(all) * kBar) : 0;
    text = "[" + std::string(full, '=') + (full < kBar ? ">" + std::string(kBar - full - 1, ' ') : "") + "] ";
  }
  text += std::to_string(done) + "/" + std::to_string(all) + " " + unit_;
  line_.terminal() ? line_.show(text) : line_.say(text);
}

Progress::Progress(std::ostream& out, bool terminal, Amount all) : line_(out, terminal), all_(all) {}

void Progress::add(std::uint64_t files, std::uint64_t bytes) {
  const MutexLock lock(mutex_);
  done_.files += files, done_.bytes += bytes;
  const auto now = Clock::now();
  if (now - shown_at_ < (line_.terminal() ? Clock::duration(kEveryOnTerminal) : Clock::duration(kEveryElsewhere))) return;
  shown_at_ = now;
  const std::string text = progress_text(done_, all_, std::chrono::duration<double>(now - began_).count(), line_.terminal());
  line_.terminal() ? line_.show(text) : line_.say(text);
}

void Progress::say(std::string_view text) {
  const MutexLock lock(mutex_);
  line_.say(text);
}

void Progress::end() {
  const MutexLock lock(mutex_);
  line_.clear();
}

}  // namespace demarc::cli
