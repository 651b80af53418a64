#include "speech/cover.hpp"

#include <algorithm>
#include <set>

#include "base/check.hpp"
#include "base/strings.hpp"
#include "speech/edit_map.hpp"
#include "speech/same_text.hpp"

namespace demarc::speech {
namespace {

const std::string& shown(const Transcript& transcript) { return transcript.clean_text ? *transcript.clean_text : transcript.text; }

std::vector<std::string_view> segment_texts(const Transcript& transcript) {
  std::vector<std::string_view> out;
  for (const TranscriptSegment& segment : transcript.segments) out.push_back(segment.text);
  return out;
}

template <class T>  // Transcript, const or not
auto all_words(T& transcript) {
  std::vector<decltype(&transcript.segments[0].words[0])> out;
  for (auto& segment : transcript.segments)
    for (auto& word : segment.words) out.push_back(&word);
  return out;
}

template <class Words>
std::optional<SameText> match_words(const Transcript& transcript, const Words& words) {
  if (words.empty()) return {};
  std::vector<std::string_view> texts;
  for (const auto* word : words) texts.push_back(word->text);
  return SameText::match(transcript.text, texts, Ignore::punctuation);
}

std::optional<SameText> match_segments(const Transcript& transcript) {
  if (transcript.segments.empty()) return {};
  return SameText::match(shown(transcript), segment_texts(transcript), Ignore::white_space);
}

Bytes trimmed(std::string_view text, Bytes bytes) {
  const std::string_view all = text.substr(bytes.begin, bytes.end - bytes.begin);
  const std::string_view inner = trim(all);
  if (inner.empty()) return {bytes.begin, bytes.begin};
  const auto before = static_cast<std::size_t>(inner.data() - all.data());
  return {bytes.begin + before, bytes.begin + before + inner.size()};
}

TranscriptMute all_of_it(const Transcript& transcript, const std::string& type) { return {0, transcript.duration_ms, type}; }

// One cover in the recording, not yet merged with others.
class Times {
 public:
  explicit Times(const Transcript& transcript)
      : transcript_(transcript),
        map_(transcript),
        words_(all_words(transcript)),
        in_words_(match_words(transcript, words_)),
        in_segments_(match_segments(transcript)) {}

  [[nodiscard]] TranscriptMute of(const Cover& cover) const {
    auto times = by_words(cover);
    if (!times) times = by_segments(cover);
    if (!times) return all_of_it(transcript_, cover.type);
    TranscriptMute mute{std::max<std::int64_t>(0, times->first - kMutePadMs), times->second + kMutePadMs, cover.type};
    if (!transcript_.duration_ms) return mute;
    if (mute.start_ms >= *transcript_.duration_ms) return all_of_it(transcript_, cover.type);  // times of another recording
    mute.end_ms = std::min(*mute.end_ms, *transcript_.duration_ms);
    return mute;
  }

 private:
  using Range = std::optional<std::pair<std::int64_t, std::int64_t>>;

  // Nothing if one of them has no length: its sound is somewhere beside its time.
  template <class Timed>
  static void widen(Range& range, const Timed& timed, bool& sound) {
    sound = sound && timed.end_ms > timed.start_ms;
    if (!range) range = {timed.start_ms, timed.end_ms};
    range = {std::min(range->first, timed.start_ms), std::max(range->second, timed.end_ms)};
  }

  [[nodiscard]] Range by_words(const Cover& cover) const {
    Range range;
    bool sound = true;
    if (in_words_)
      for (const SameText::Stretch& stretch : in_words_->in_pieces(cover.begin, cover.end)) widen(range, *words_[stretch.piece], sound);
    return sound ? range : Range();
  }

  [[nodiscard]] Range by_segments(const Cover& cover) const {
    Range range;
    bool sound = true;
    const Bytes bytes = map_.clean({cover.begin, cover.end});
    if (in_segments_)
      for (const SameText::Stretch& stretch : in_segments_->in_pieces(bytes.begin, bytes.end))
        widen(range, transcript_.segments[stretch.piece], sound);
    return sound ? range : Range();
  }

  const Transcript& transcript_;
  const EditMap map_;
  const std::vector<const TranscriptWord*> words_;
  const std::optional<SameText> in_words_, in_segments_;
};

std::string joined(const std::string& types, const std::string& more) {
  std::set<std::string> all;
  for (const std::string* list : {&types, &more})
    for (const std::string_view type : split(*list, ',')) all.emplace(type);
  std::string out;
  for (const std::string& type : all) out += (out.empty() ? "" : ",") + type;
  return out;
}

struct Replaced {
  Bytes bytes;
  std::string_view with;
};

std::string replaced(std::string_view text, const std::vector<Replaced>& all) {
  std::string out;
  std::size_t at = 0;
  for (const Replaced& one : all) {
    out.append(text, at, one.bytes.begin - at);
    out += one.with;
    at = one.bytes.end;
  }
  out.append(text, at);
  return out;
}

// The first segment that tells something of the value gets what stands for it, the others lose their part.
void cover_segments(Transcript& transcript, const std::vector<Replaced>& in_shown) {
  const auto same = match_segments(transcript);
  if (!same) return;
  std::vector<std::vector<SameText::Stretch>> places;
  for (const Replaced& one : in_shown) places.push_back(same->in_pieces(one.bytes.begin, one.bytes.end));
  std::set<std::size_t> touched;
  for (std::size_t i = in_shown.size(); i-- > 0;) {  // from behind: what stands before keeps its place
    for (const SameText::Stretch& stretch : places[i]) {
      std::string& text = transcript.segments[stretch.piece].text;
      const bool is_first = &stretch == &places[i].front();
      std::size_t end = stretch.end;
      while (!is_first && end < text.size() && text[end] == ' ') ++end;
      text.replace(stretch.begin, end - stretch.begin, is_first ? in_shown[i].with : std::string_view());
      touched.insert(stretch.piece);
    }
  }
  std::size_t index = 0;
  std::erase_if(transcript.segments, [&](const TranscriptSegment& segment) {
    const bool is_touched = touched.contains(index++);
    return is_touched && trim(segment.text).empty() && segment.words.empty();
  });
}

// All words that a value touches become one.
void cover_words(Transcript& transcript, std::span<const Cover> covers) {
  const auto words = all_words(transcript);
  const auto same = match_words(transcript, words);
  if (!same) return;
  std::set<const TranscriptWord*> gone;
  for (std::size_t i = covers.size(); i-- > 0;) {
    const auto places = same->in_pieces(covers[i].begin, covers[i].end);
    if (places.empty()) continue;
    TranscriptWord &first = *words[places.front().piece], &last = *words[places.back().piece];
    std::string text = first.text.substr(0, places.front().begin) + covers[i].with + last.text.substr(places.back().end);
    first.end_ms = std::max(first.end_ms, last.end_ms);
    first.text = std::move(text);
    for (const SameText::Stretch& place : places)
      if (words[place.piece] != &first) gone.insert(words[place.piece]);
    if (trim(first.text).empty()) gone.insert(&first);
  }
  for (TranscriptSegment& segment : transcript.segments) {
    std::vector<TranscriptWord> left;
    for (const TranscriptWord& word : segment.words)
      if (!gone.contains(&word)) left.push_back(word);
    segment.words = std::move(left);
  }
}

// Edits within a cover would tell what it hides; the others move with the text before them.
void cover_edits(Transcript& transcript, std::span<const Cover> covers) {
  std::vector<TranscriptEdit> left;
  auto cover = covers.begin();
  std::ptrdiff_t shift = 0;
  const auto pass_to = [&](std::size_t at) {
    for (; cover != covers.end() && cover->end <= at; ++cover)
      shift += static_cast<std::ptrdiff_t>(cover->with.size()) - static_cast<std::ptrdiff_t>(cover->end - cover->begin);
  };
  const auto moved = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(at) + shift); };
  for (TranscriptEdit& edit : transcript.edits) {
    pass_to(edit.begin);
    if (cover != covers.end() && cover->begin < edit.end) continue;
    edit.begin = moved(edit.begin), edit.end = moved(edit.end);
    left.push_back(std::move(edit));
  }
  transcript.edits = std::move(left);
}

void cover_unread(Transcript& transcript, std::span<const Cover> covers) {
  if (!transcript.unread_from) return;
  std::size_t at = *transcript.unread_from, out = at;
  for (const Cover& cover : covers) {
    if (cover.begin >= at) break;
    const std::size_t hidden = std::min(at, cover.end) - cover.begin;
    out = out - hidden + (cover.end <= at ? cover.with.size() : 0);  // within a cover: it begins there
  }
  transcript.unread_from = out;
}

}  // namespace

void make_agree(Transcript& transcript) {
  transcript.reverted.clear();  // what a model invented may tell a value over again, in words that no reading has
  const auto words = all_words(transcript);
  if (!words.empty() && !match_words(transcript, words)) {
    for (TranscriptSegment& segment : transcript.segments) segment.words.clear();
    transcript.rewritten = true;
  }
  if (transcript.segments.empty() || match_segments(transcript)) return;
  TranscriptSegment one{.start_ms = 0, .end_ms = transcript.duration_ms.value_or(0), .text = shown(transcript)};
  const std::string& first_speaker = transcript.segments.front().speaker;
  if (std::ranges::all_of(transcript.segments, [&](const TranscriptSegment& segment) { return segment.speaker == first_speaker; }))
    one.speaker = first_speaker;
  for (TranscriptSegment& segment : transcript.segments) {
    one.end_ms = std::max(one.end_ms, segment.end_ms);
    one.words.insert(one.words.end(), segment.words.begin(), segment.words.end());
  }
  transcript.segments = {std::move(one)};
  transcript.rewritten = true;
}

std::vector<std::string> readings_of(const Transcript& transcript) {
  std::vector<std::string> out = {transcript.text};
  if (transcript.clean_text) out.push_back(*transcript.clean_text);
  for (const TranscriptSegment& segment : transcript.segments) out.push_back(segment.text);
  return out;
}

std::vector<Cover> covers_of(const Transcript& transcript, std::span<const std::vector<Finding>> found) {
  const std::size_t whole = transcript.clean_text ? 2 : 1;
  CHECK(found.size() == whole + transcript.segments.size());
  const EditMap map(transcript);
  const auto same = match_segments(transcript);
  CHECK(transcript.segments.empty() || same);  // make_agree()
  struct Seen {
    Bytes bytes;  // of the text as heard
    const Finding* finding;
    std::size_t reading;
  };
  std::vector<Seen> seen;
  for (std::size_t i = 0; i < found.size(); ++i)
    for (const Finding& finding : found[i]) {
      Bytes bytes{finding.begin, finding.end};
      if (i >= whole) {
        const SameText::Stretch stretch = same->in_text(i - whole, bytes.begin, bytes.end);
        bytes = {stretch.begin, stretch.end};
      }
      if (i > 0 && transcript.clean_text) bytes = map.heard(bytes);
      bytes = trimmed(transcript.text, map.with_whole_edits(bytes));
      if (bytes.begin < bytes.end) seen.push_back({bytes, &finding, i});
    }
  std::ranges::sort(seen, [](const Seen& a, const Seen& b) { return std::pair(a.bytes.begin, a.reading) < std::pair(b.bytes.begin, b.reading); });
  std::vector<Cover> covers;
  std::size_t longest = 0;  // of those that became the last cover: it gives the type
  for (const Seen& one : seen) {
    const std::size_t size = one.bytes.end - one.bytes.begin;
    if (covers.empty() || one.bytes.begin >= covers.back().end) {
      covers.push_back({.begin = one.bytes.begin, .end = one.bytes.end, .type = one.finding->type, .tier = one.finding->tier});
      longest = size;
      continue;
    }
    Cover& last = covers.back();
    last.end = std::max(last.end, one.bytes.end);
    if (size > longest) last.type = one.finding->type, last.tier = one.finding->tier, longest = size;
  }
  for (Cover& cover : covers) {
    const Bytes clean = trimmed(shown(transcript), map.clean({cover.begin, cover.end}));
    cover.value = clean.begin < clean.end ? shown(transcript).substr(clean.begin, clean.end - clean.begin)
                                          : transcript.text.substr(cover.begin, cover.end - cover.begin);
  }
  return covers;
}

std::vector<TranscriptMute> mutes_of(const Transcript& transcript, std::span<const Cover> covers) {
  const Times times(transcript);
  std::vector<TranscriptMute> all, out;
  for (const Cover& cover : covers) all.push_back(times.of(cover));
  std::ranges::sort(all, {}, &TranscriptMute::start_ms);
  for (TranscriptMute& mute : all) {
    if (out.empty() || (out.back().end_ms && *out.back().end_ms < mute.start_ms)) {
      out.push_back(std::move(mute));
      continue;
    }
    TranscriptMute& last = out.back();
    last.end_ms = last.end_ms && mute.end_ms ? std::optional(std::max(*last.end_ms, *mute.end_ms)) : std::nullopt;
    last.types = joined(last.types, mute.types);
  }
  return out;
}

void apply_covers(Transcript& transcript, std::span<const Cover> covers) {
  if (covers.empty()) return;
  const EditMap map(transcript);
  std::vector<Replaced> in_heard, in_shown;
  for (const Cover& cover : covers) {
    const Bytes bytes = trimmed(shown(transcript), map.clean({cover.begin, cover.end}));
    in_heard.push_back({{cover.begin, cover.end}, cover.with});
    if (bytes.begin < bytes.end) in_shown.push_back({bytes, cover.with});
  }
  cover_words(transcript, covers);
  cover_segments(transcript, in_shown);
  if (transcript.clean_text) transcript.clean_text = replaced(*transcript.clean_text, in_shown);
  cover_edits(transcript, covers);
  cover_unread(transcript, covers);
  transcript.text = replaced(transcript.text, in_heard);
  transcript.rewritten = true;
}

}  // namespace demarc::speech
