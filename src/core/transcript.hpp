// Transcript: what was said in a recording, with times. Speech engines make it, the clean-up edits it, dialects print it as json, text,
// verbose_json, srt or vtt.
//
//   Transcript t{.text = "um hello", .clean_text = "hello", .edits = {{.begin = 0, .end = 3, .with = "", .reason = "filler"}}};
//
// `text` stays as it was heard; a clean transcript is `text` with its edits, so a reader can always see what was changed. Pure value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/voiceprint.hpp"

namespace demarc {

struct TranscriptWord {
  std::int64_t start_ms = 0, end_ms = 0;
  std::string text;
  std::optional<double> probability{};  // 0 to 1, how sure the engine is of having heard it; nullopt: it does not say
  std::string speaker{};                // whose voice it is, "A"; "" if nobody was asked or nobody knows
};

struct TranscriptSegment {
  std::int64_t start_ms = 0, end_ms = 0;
  std::string text;
  std::vector<TranscriptWord> words;    // empty if the engine gives none
  std::string extra;                    // raw JSON object of what only the engine knows (avg_logprob, …); "" if none
  std::optional<double> avg_logprob{};  // of its tokens, as Whisper's engines give it; 0 is certain
  std::string speaker{};                // of all its words
};

// Whose voice a name stands for: by that the speakers of one range of a recording are found again in the next.
struct TranscriptSpeaker {
  std::string name;
  Voiceprint voice;
};

struct TranscriptEdit {
  std::size_t begin = 0, end = 0;  // bytes of Transcript::text, end exclusive
  std::string with;
  std::string reason;  // "filler", "repeat", "punctuation", …; of one that was reverted: what stood against it ("number", "name", …)
  std::optional<std::int64_t> start_ms{}, end_ms{};  // of the words it touches
};

// How much of a transcript a language model was asked about.
struct TranscriptCleaning {
  std::uint32_t pieces = 0, asked = 0, answered = 0;  // answered: with something that could be read
  std::uint32_t reverted = 0;                         // changes that were proposed and not done
};

// A stretch of the recording in which something is said that the texts hide.
struct TranscriptMute {
  std::int64_t start_ms = 0;
  std::optional<std::int64_t> end_ms;  // nullopt: to the end of the recording, however long it is
  std::string types;                   // of what is said there, joined by commas: "CREDIT_CARD"

  friend bool operator==(const TranscriptMute&, const TranscriptMute&) = default;
};

struct Transcript {
  static constexpr std::size_t kMostReverted = 1'000;
  std::string text;                       // as heard
  std::optional<std::string> clean_text;  // `text` with `edits`; nullopt: nobody cleaned it
  std::vector<TranscriptEdit> edits;
  std::vector<TranscriptEdit> reverted;  // proposed and not done, in order, at most kMostReverted
  std::optional<TranscriptCleaning> cleaning;
  std::optional<std::size_t> unread_from;  // byte of `text` from which on no language model was asked, a limit being reached; nullopt: it read all
  std::vector<TranscriptSegment> segments;
  std::string language;  // as the engine names it; "" if it does not
  std::optional<std::int64_t> duration_ms;
  std::optional<std::int64_t> next_ms;               // of a range of the recording: where what follows it begins; nullopt: it went to the end
  std::optional<std::vector<TranscriptMute>> mutes;  // in order, none touching another; nullopt: nobody asked for them
  std::vector<TranscriptSpeaker> speakers;           // of our own engine's; told to nobody who does not join ranges
  bool is_diarized = false;                          // its engine's own answer is OpenAI's diarized_json
  bool rewritten = false;  // its texts are no longer those of the engine's own answer, whose bytes may then not be passed on
};

}  // namespace demarc
