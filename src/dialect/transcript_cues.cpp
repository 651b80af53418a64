#include "dialect/transcript_cues.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

#include "base/strings.hpp"

namespace demarc::dialect {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kMarks = ".,;:!?";

// A run of text without white space; where a language writes none, no longer than a line.
struct Run {
  std::string_view text;
  std::size_t length = 0;  // code points
  std::int64_t start_ms = 0, end_ms = 0;
  bool follows_space = true;
};

std::string_view first_code_points(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size() && count > 0) {
    ++at, --count;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80) ++at;
  }
  return text.substr(0, at);
}

std::vector<Run> runs_of(std::string_view text) {
  std::vector<Run> runs;
  for (std::size_t at = text.find_first_not_of(kSpace); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kSpace, at), text.size());
    for (bool follows_space = true; at < end; follows_space = false) {
      const std::string_view part = first_code_points(text.substr(at, end - at), kCueLine);
      runs.push_back({.text = part, .length = count_code_points(part), .follows_space = follows_space});
      at += part.size();
    }
    at = text.find_first_not_of(kSpace, end);
  }
  return runs;
}

// By the segment's words if they are as many, which they are unless it was cleaned or hidden; else in proportion.
void give_times(std::vector<Run>& runs, const TranscriptSegment& segment) {
  const std::int64_t length_ms = std::max<std::int64_t>(segment.end_ms - segment.start_ms, 0);
  std::size_t all = 0, before = 0;
  for (const Run& run : runs) all += run.length;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto at = [&](std::size_t count) {
      return segment.start_ms + length_ms * static_cast<std::int64_t>(count) / static_cast<std::int64_t>(all);
    };
    runs[i].start_ms = at(before), runs[i].end_ms = at(before + runs[i].length);
    before += runs[i].length;
    if (segment.words.size() == runs.size()) runs[i].start_ms = segment.words[i].start_ms, runs[i].end_ms = segment.words[i].end_ms;
  }
}

// The runs in lines; none if they take more than two.
std::vector<std::string> lines_of(const Run* first, const Run* last) {
  std::vector<std::string> lines;
  std::size_t length = 0;
  for (const Run* run = first; run != last; ++run) {
    const std::size_t space = run->follows_space ? 1 : 0;
    if (lines.empty() || length + space + run->length > kCueLine) {
      lines.emplace_back(run->text);
      length = run->length;
      if (lines.size() > 2) return {};
      continue;
    }
    if (space > 0) lines.back() += ' ';
    lines.back() += run->text;
    length += space + run->length;
  }
  return lines;
}

// How many of the runs from `first` on make one cue: as many as fit, back to the last mark of punctuation if that keeps half of them.
std::size_t cue_length(const std::vector<Run>& runs, std::size_t first) {
  std::size_t count = 1;
  while (first + count < runs.size() && runs[first + count].end_ms - runs[first].start_ms <= kMostCueMs &&
         !lines_of(&runs[first], &runs[first] + count + 1).empty())
    ++count;
  if (first + count == runs.size()) return count;
  for (std::size_t shorter = count; shorter > count / 2 && shorter > 0; --shorter)
    if (kMarks.find(runs[first + shorter - 1].text.back()) != std::string_view::npos) return shorter;
  return count;
}

// WebVTT takes < and & for markup; in SubRip an arrow in the text reads as a time.
std::string escaped(std::string_view line, CueFormat format) {
  std::string out;
  for (const char c : line) {
    if (format == CueFormat::vtt && c == '<') {
      out += "&lt;";
    } else if (format == CueFormat::vtt && c == '&') {
      out += "&amp;";
    } else if (format == CueFormat::vtt && c == '>') {
      out += "&gt;";
    } else if (c == '>' && out.ends_with("--")) {
      out.replace(out.size() - 2, 2, "-"), out += c;
    } else {
      out += c;
    }
  }
  return out;
}

// In WebVTT's markup a name ends at > and at the end of the line; an engine elsewhere chooses it.
std::string voice_name(std::string_view name) {
  std::string out;
  for (const char c : name) out += c == '>' || c == '\n' || c == '\r' ? ' ' : c;
  return escaped(out, CueFormat::vtt);
}

}  // namespace

std::string clock_time(std::int64_t ms, char before_fraction) {
  ms = std::max<std::int64_t>(0, ms);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%02lld:%02lld:%02lld%c%03lld", static_cast<long long>(ms / 3'600'000),
                static_cast<long long>(ms / 60'000 % 60), static_cast<long long>(ms / 1000 % 60), before_fraction, static_cast<long long>(ms % 1000));
  return text.data();
}

std::string print_cues(const Transcript& transcript, CueFormat format) {
  const bool is_vtt = format == CueFormat::vtt;
  std::string out = is_vtt ? "WEBVTT\n\n" : "";
  std::size_t number = 0;
  for (const TranscriptSegment& segment : transcript.segments) {
    std::vector<Run> runs = runs_of(segment.text);
    give_times(runs, segment);
    for (std::size_t first = 0; first < runs.size();) {
      const std::size_t count = cue_length(runs, first);
      const bool is_last = first + count == runs.size();
      if (!is_vtt) out += std::to_string(++number) + "\n";
      const std::int64_t start_ms = first == 0 ? segment.start_ms : runs[first].start_ms;
      const std::int64_t end_ms = is_last ? segment.end_ms : runs[first + count - 1].end_ms;
      out += clock_time(start_ms, is_vtt ? '.' : ',') + " --> " + clock_time(std::max(end_ms, start_ms + 1), is_vtt ? '.' : ',') + "\n";
      if (!segment.speaker.empty()) out += is_vtt ? "<v " + voice_name(segment.speaker) + ">" : escaped(segment.speaker, format) + ": ";
      for (const std::string& line : lines_of(&runs[first], runs.data() + first + count)) out += escaped(line, format) + "\n";
      out += "\n";
      first += count;
    }
  }
  return out;
}

}  // namespace demarc::dialect
