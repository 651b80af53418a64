// The second stage alone, for bench/clean.py: transcripts come in as text, and what a language model is asked goes out, so that no speech engine and
// no gateway is needed. A line each way, JSON:
//
//   in   {"text", "language", "confidence": [0.9, …], "glossary": ["…"]}
//   out  {"ask": [{…}, …]}             bodies of /v1/chat/completions, one for each piece that a model is asked about
//   in   {"answers": ["…", …]}         "" where nobody answered
//   out  {…}                           as /v1/audio/transcriptions answers json
#include <simdjson.h>

#include <iostream>
#include <string>

#include "core/json/writer.hpp"
#include "dialect/chat.hpp"
#include "dialect/transcript_text.hpp"
#include "speech/cleaning.hpp"

namespace demarc {
namespace {

Transcript transcript_of(simdjson::dom::element root) {
  Transcript out{.text = std::string(root["text"]), .language = std::string(root["language"])};
  out.segments.push_back({.start_ms = 0, .end_ms = 1'000, .text = out.text});
  const auto words = speech::words_at(out.text);
  std::size_t i = 0;
  for (const double sure : simdjson::dom::array(root["confidence"])) {
    if (i == words.size()) break;
    out.segments[0].words.push_back({0, 0, out.text.substr(words[i].begin, words[i].end - words[i].begin), sure});
    ++i;
  }
  return out;
}

void run() {
  simdjson::dom::parser parser;
  for (std::string line; std::getline(std::cin, line);) {
    const simdjson::dom::element root = parser.parse(line);
    Transcript transcript = transcript_of(root);
    std::vector<std::string> glossary;
    for (const std::string_view term : simdjson::dom::array(root["glossary"])) glossary.emplace_back(term);
    speech::Cleaning cleaning(transcript, glossary);
    std::vector<std::size_t> asked;
    std::string out;
    JsonWriter json(out);
    json.object([&] {
      json.array("ask", [&] {
        for (std::size_t i = 0; i < cleaning.size(); ++i) {
          if (cleaning.asks(i) == speech::Asks::nothing) continue;
          cleaning.asked();
          asked.push_back(i);
          json.raw(dialect::chat_request(cleaning.prompt(i), Provider::openai, "any")->body);
        }
      });
    });
    std::cout << out << std::endl;
    if (!std::getline(std::cin, line)) return;
    std::size_t i = 0;
    for (const std::string_view answer : simdjson::dom::array(parser.parse(line)["answers"]))
      if (i < asked.size()) cleaning.answered(asked[i++], std::string(answer));
    cleaning.finish(transcript);
    std::cout << dialect::print_transcript(transcript, dialect::TranscriptFormat::json) << std::endl;
  }
}

}  // namespace
}  // namespace demarc

int main() { demarc::run(); }
