#include "dialect/transcript_parts.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "base/strings.hpp"
#include "core/voices.hpp"
#include "dialect/json/tree.hpp"

namespace demarc::dialect {
namespace {

constexpr std::string_view kFormat = "response_format", kUnits = "timestamp_granularities[]", kSpeakers = "demarc_speakers";

const std::string* find(const std::vector<FormField>& options, std::string_view name) {
  const auto found = std::ranges::find(options, name, &FormField::first);
  return found == options.end() ? nullptr : &found->second;
}

// The most that the caller expects.
std::size_t most_speakers(const std::vector<FormField>& options) {
  const std::string* said = find(options, kSpeakers);
  std::size_t most = 0;
  if (said == nullptr || std::from_chars(said->data(), said->data() + said->size(), most).ec != std::errc()) return kMostSpeakers;
  return std::clamp<std::size_t>(most, 1, kMostSpeakers);
}

template <class Rename>
void rename_speakers(Transcript& transcript, Rename rename) {
  for (TranscriptSegment& segment : transcript.segments) {
    rename(segment.speaker);
    for (TranscriptWord& word : segment.words) rename(word.speaker);
  }
}

// `second` follows `first` in the same recording.
void join(std::string& first, std::string_view second) {
  if (!first.empty() && !second.empty()) first += ' ';
  first += second;
}

template <class T>
void move_to_end(std::vector<T>& first, std::vector<T>& second) {
  first.insert(first.end(), std::make_move_iterator(second.begin()), std::make_move_iterator(second.end()));
}

void move_edits(std::vector<TranscriptEdit>& first, std::vector<TranscriptEdit>& second, std::size_t shift) {
  for (TranscriptEdit& edit : second) edit.begin += shift, edit.end += shift;
  move_to_end(first, second);
}

void append(Transcript& first, Transcript&& second) {
  const std::size_t shift = first.text.empty() || second.text.empty() ? first.text.size() : first.text.size() + 1;
  if (first.clean_text || second.clean_text) {
    if (!first.clean_text) first.clean_text = first.text;
    join(*first.clean_text, second.clean_text ? *second.clean_text : second.text);
  }
  join(first.text, second.text);
  move_edits(first.edits, second.edits, shift);
  move_edits(first.reverted, second.reverted, shift);
  if (second.cleaning) {
    TranscriptCleaning& sum = first.cleaning ? *first.cleaning : first.cleaning.emplace();
    sum.pieces += second.cleaning->pieces, sum.asked += second.cleaning->asked;
    sum.answered += second.cleaning->answered, sum.reverted += second.cleaning->reverted;
  }
  if (!first.unread_from && second.unread_from) first.unread_from = *second.unread_from + shift;
  if (first.mutes && !first.mutes->empty() && !first.mutes->back().end_ms) first.mutes->back().end_ms = first.next_ms;  // its part ended there
  if (second.mutes) move_to_end(first.mutes ? *first.mutes : first.mutes.emplace(), *second.mutes);
  move_to_end(first.segments, second.segments);
  if (first.language.empty()) first.language = second.language;
  first.duration_ms = first.duration_ms.value_or(0) + second.duration_ms.value_or(0);
  first.next_ms = second.next_ms;
}

}  // namespace

TranscriptParts::TranscriptParts(std::vector<FormField> options) : options_(std::move(options)) {
  for (const auto& [name, value] : options_) {
    if (name == kFormat) format_ = parse_transcript_format(value);
    if (name != kUnits) continue;
    if (!units_) units_.emplace();
    units_->segments = units_->segments || trim(value) == "segment";
    units_->words = units_->words || trim(value) == "word";
  }
}

std::vector<FormField> TranscriptParts::form_of_next(std::int64_t part_s) const {
  std::vector<FormField> out;
  for (const auto& [name, value] : options_)
    if (!(name == kFormat && format_) && name != kUnits) out.emplace_back(name, value);
  if (format_) out.emplace_back(kFormat, to_string(TranscriptFormat::verbose_json));
  const bool is_said_who = find(options_, kSpeakers) != nullptr;
  if (format_ == TranscriptFormat::diarized_json && !is_said_who) out.emplace_back(kSpeakers, "true");
  if (format_ == TranscriptFormat::diarized_json || is_said_who) out.emplace_back("demarc_voices", "true");
  out.emplace_back(kUnits, "segment");
  if (units_ && units_->words) out.emplace_back(kUnits, "word");
  out.emplace_back("demarc_for", std::to_string(part_s));
  const auto from_ms = next_ms();
  if (!from_ms) return out;
  out.emplace_back("demarc_from", std::to_string(*from_ms / 1'000) + "." + std::to_string(1'000 + *from_ms % 1'000).substr(1));
  // What was found out once holds for all of it.
  const bool is_said = std::ranges::any_of(options_, [](const FormField& field) { return field.first == "language" && !trim(field.second).empty(); });
  if (!is_said && !whole_.language.empty()) out.emplace_back("language", whole_.language);
  return out;
}

Result<void, std::string> TranscriptParts::add(std::string answer) {
  JsonTree tree;
  if (!tree.read(answer) || !tree.root()["segments"].is(JsonType::array)) return fail(std::string("The answer is no transcript."));
  Transcript part = read_own_transcript(tree.root());
  if (part.next_ms && next_ms() && *part.next_ms <= *next_ms()) return fail(std::string("The engine does not get on with the recording."));
  number_speakers(part);
  if (std::exchange(is_empty_, false))
    whole_ = std::move(part);
  else
    append(whole_, std::move(part));
  return {};
}

// Names as places in voices_; what an engine names without its voice stays as it is.
void TranscriptParts::number_speakers(Transcript& part) {
  if (!voices_.empty() && !part.speakers.empty() && part.speakers[0].voice.sum.size() != voices_[0].sum.size()) return;
  const std::size_t before = voices_.size();
  rename_speakers(part, [&](std::string& name) {
    const auto found = std::ranges::find(part.speakers, name, &TranscriptSpeaker::name);
    if (found != part.speakers.end()) name = std::to_string(before + static_cast<std::size_t>(found - part.speakers.begin()));
  });
  for (TranscriptSpeaker& speaker : part.speakers) voices_.push_back(std::move(speaker.voice));
  part.speakers.clear();
}

Transcript TranscriptParts::with_names() const {
  Transcript whole = whole_;
  if (voices_.empty()) return whole;
  const std::vector<std::size_t> groups = group_voices(voices_, {.most = most_speakers(options_), .least = kLeastVoiceprints});
  std::vector<std::string> names(voices_.size());
  std::size_t next = 0;
  rename_speakers(whole, [&](std::string& number) {
    std::size_t voice = 0;
    if (std::from_chars(number.data(), number.data() + number.size(), voice).ec != std::errc() || voice >= groups.size()) return;
    std::string& name = names[groups[voice]];
    if (name.empty()) name = speaker_name(next++);
    number = name;
  });
  return whole;
}

std::string TranscriptParts::print() const {
  Usage usage;
  usage.audio_ms = whole_.duration_ms;
  return print_transcript(with_names(), format_.value_or(TranscriptFormat::json), usage, units_);
}

}  // namespace demarc::dialect
