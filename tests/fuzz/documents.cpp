// Any bytes as a document, as labels, as a question and as a model's answer: pieces lie in the document in order and hold to their limit, what is
// kept of an answer cites a sentence that was shown, and what the search is asked for is quoted words.
#include "fuzz.hpp"
#include "retrieval/answer.hpp"
#include "retrieval/labels.hpp"

FUZZ(documents) {
  using namespace retrieval;
  Choices choices(bytes);
  const std::string path = choices.below(2) == 0 ? "a.md" : "a.txt";
  const ChunkLimits limits{.target_bytes = std::size_t{40} + choices.byte(), .most_bytes = 300};
  std::vector<Hit> hits;
  std::size_t before = 0;
  for (const Chunk& chunk : chunks_of({.path = path, .text = std::string(bytes)}, limits)) {
    CHECK(chunk.begin >= before && chunk.begin < chunk.end && chunk.end <= bytes.size());
    CHECK(chunk.text == bytes.substr(chunk.begin, chunk.end - chunk.begin));
    CHECK(chunk.lines.first >= 1 && chunk.lines.last >= chunk.lines.first);
    before = chunk.end;
    hits.push_back({.path = path, .text = chunk.text, .heading = chunk.heading, .lines = chunk.lines});
  }
  std::size_t end = 0;
  for (const SentenceSpan& span : sentences_of(bytes)) {
    CHECK(span.begin >= end && span.begin < span.end && span.end <= bytes.size());
    end = span.end;
  }
  const auto evidence = evidence_of(hits, {});
  for (const Evidence& each : evidence) CHECK(hits[each.hit].text.find(each.sentence) != std::string::npos);
  static_cast<void>(answer_request("auto", bytes, hits, evidence));
  for (const Statement& statement : read_answer(bytes, evidence).statements)
    CHECK(statement.evidence < evidence.size() && held(statement.text, evidence[statement.evidence].sentence) >= kLeastHeld);
  static_cast<void>(label_in(bytes));
  static_cast<void>(read_folder_labels(bytes));
  const std::string query = words_query(bytes);
  CHECK(query.empty() || (query.front() == '"' && query.back() == '"'));
}
