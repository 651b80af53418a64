// An answer from documents: the model is shown numbered sentences and names one for each statement; a statement is kept if that sentence holds it, or
// else another that was shown does, which is cited then (small models write well and count badly). So each statement cites file, page and line, and
// the quote stands there because it was taken from there.
//
//   const auto evidence = evidence_of(hits, {});
//   const std::string body = answer_request("auto", question, hits, evidence);       // a chat with a JSON schema
//   const Answer answer = read_answer(content_of_the_reply, hits, evidence);
//   answer.statements[0].text, .evidence                                              // empty: nothing in these documents says it
//
// Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "retrieval/index.hpp"

namespace demarc::retrieval {

struct Evidence {
  std::size_t hit = 0;  // in which it stands
  std::string sentence;
  LineRange lines;
};

struct EvidenceLimits {
  std::size_t hits = 4, sentences = 24, bytes = 3'000;
};

std::vector<Evidence> evidence_of(std::span<const Hit> hits, const EvidenceLimits& limits);

std::string answer_request(std::string_view model, std::string_view question, std::span<const Hit> hits, std::span<const Evidence> evidence);

struct Statement {
  std::string text;
  std::size_t evidence = 0;  // index
};

struct Answer {
  std::vector<Statement> statements;
  std::size_t dropped = 0;  // statements that no sentence holds
};

Answer read_answer(std::string_view content, std::span<const Evidence> evidence);

// How much of what `statement` says `sentence` holds: the share of its words, 0..1; 0 where one of its numbers is missing.
double held(std::string_view statement, std::string_view sentence);
inline constexpr double kLeastHeld = 0.5;

}  // namespace demarc::retrieval
