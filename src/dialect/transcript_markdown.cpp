#include "dialect/transcript_markdown.hpp"

#include <string_view>

#include "base/strings.hpp"

namespace demarc::dialect {
namespace {

constexpr std::string_view kSpecial = "\\`*_[]<>#|~";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : trim(text)) {
    if (kSpecial.find(c) != std::string_view::npos) out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

bool ends_sentence(std::string_view text) {
  const std::string_view said = trim(text);
  return said.ends_with('.') || said.ends_with('!') || said.ends_with('?') || said.ends_with("。") || said.ends_with("！") || said.ends_with("？");
}

std::string time_of(std::int64_t ms) {  // 1:01:02
  const auto two = [](std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  const std::int64_t s = ms / 1000;
  return std::to_string(s / 3'600) + ":" + two(s / 60 % 60) + ":" + two(s % 60);
}

}  // namespace

std::string print_markdown(const Transcript& transcript) {
  if (transcript.segments.empty()) return escaped(transcript.clean_text.value_or(transcript.text)) + "\n";
  std::string out;
  std::size_t begin = 0;  // of the paragraph, in out
  const TranscriptSegment* before = nullptr;
  for (const TranscriptSegment& segment : transcript.segments) {
    const std::string said = escaped(segment.text);
    if (said.empty()) continue;
    const bool is_new = before == nullptr || segment.speaker != before->speaker || segment.start_ms - before->end_ms >= kParagraphPauseMs ||
                        (out.size() - begin >= kParagraphCharacters && ends_sentence(before->text));
    if (is_new) {
      if (!out.empty()) out += "\n\n";
      begin = out.size();
      out += "**[" + time_of(segment.start_ms) + "]" + (segment.speaker.empty() ? "" : " " + escaped(segment.speaker) + ":") + "** ";
    } else {
      out += ' ';
    }
    out += said;
    before = &segment;
  }
  return out + "\n";
}

}  // namespace demarc::dialect
