// How much of a labelled set the structured detectors find, and how fast they read.
//
//   privacy_recall SET.jsonl [TEXT-FILE…]
//
// SET: a JSON object a line, {"text", "spans": [{"start", "end", "type"}]}, offsets in code points. A labelled span is found if a finding of its type
// overlaps it; a finding is right if it overlaps a span of its type. Prints recall and precision per type with what was missed and what was wrong,
// and MB/s over 1.5 KB and 32 KB pieces of each text file (default: the set's own texts).
#include <simdjson.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "privacy/detector.hpp"
#include "privacy/utf8.hpp"

namespace {

using demarc::Finding;

struct Span {
  std::size_t begin, end;  // bytes
  std::string type;
};

struct Score {
  int labelled = 0, recalled = 0, found = 0, right = 0;
  std::vector<std::string> missed, wrong;
};

std::string our_type(std::string_view type) {
  if (type == "EMAIL") return "EMAIL_ADDRESS";
  if (type == "PHONE") return "PHONE_NUMBER";
  if (type == "SSN") return "US_SSN";
  if (type == "IBAN") return "IBAN_CODE";
  return std::string(type);
}

std::size_t byte_of(std::string_view text, std::size_t code_point) {
  std::size_t at = 0;
  for (; code_point > 0 && at < text.size(); --code_point) at += demarc::privacy::next_utf8(text, at).size;
  return at;
}

bool overlaps(const Span& span, const Finding& finding) {
  return our_type(span.type) == finding.type && span.begin < finding.end && finding.begin < span.end;
}

void judge(const std::string& text, const std::vector<Span>& spans, const demarc::privacy::Detectors& detectors,
           std::map<std::string, Score>& scores) {
  const auto around = [&](std::size_t begin, std::size_t end) {
    const std::size_t from = begin > 30 ? begin - 30 : 0;
    return text.substr(from, begin - from) + "[" + text.substr(begin, end - begin) + "]" + text.substr(end, 10);
  };
  const std::vector<Finding> found = detectors.find(text);
  for (const Span& span : spans) {
    Score& score = scores[our_type(span.type)];
    ++score.labelled;
    bool hit = false;
    for (const Finding& finding : found) hit = hit || overlaps(span, finding);
    if (hit)
      ++score.recalled;
    else
      score.missed.push_back(around(span.begin, span.end));
  }
  for (const Finding& finding : found) {
    Score& score = scores[finding.type];
    ++score.found;
    bool right = false;
    for (const Span& span : spans) right = right || overlaps(span, finding);
    if (right)
      ++score.right;
    else
      score.wrong.push_back(around(finding.begin, finding.end));
  }
}

void measure(const std::string& name, const std::string& text, std::size_t piece, const demarc::privacy::Detectors& detectors) {
  std::size_t bytes = 0, findings = 0;
  const auto begin = std::chrono::steady_clock::now();
  double seconds = 0;
  while (seconds < 1) {
    for (std::size_t at = 0; at < text.size(); at += piece) {
      const std::string_view one = std::string_view(text).substr(at, piece);
      findings += detectors.find(one).size();
      bytes += one.size();
    }
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  std::printf("%-28s pieces of %5zu B: %7.1f MB/s, %5.1f µs each, %.2f findings/KB\n", name.c_str(), piece,
              static_cast<double>(bytes) / seconds / 1e6,
              seconds * 1e6 * static_cast<double>(std::min(piece, text.size())) / static_cast<double>(bytes),
              static_cast<double>(findings) * 1000 / static_cast<double>(bytes));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: privacy_recall SET.jsonl [TEXT-FILE…]\n"), 2;
  const auto detectors = demarc::privacy::Detectors::structured();
  std::map<std::string, Score> scores;
  std::string all;
  simdjson::dom::parser parser;
  std::ifstream set(argv[1]);
  for (std::string line; std::getline(set, line);) {
    simdjson::dom::element row = parser.parse(line);
    const std::string text = std::string(row["text"].get_string().value());
    std::vector<Span> spans;
    for (simdjson::dom::element span : row["spans"]) {
      const auto start = static_cast<std::size_t>(span["start"].get_int64().value()), end = static_cast<std::size_t>(span["end"].get_int64().value());
      spans.push_back({byte_of(text, start), byte_of(text, end), std::string(span["type"].get_string().value())});
    }
    judge(text, spans, detectors, scores);
    all += text + "\n";
  }
  for (const auto& [type, score] : scores) {
    if (!detectors.covers(type)) continue;
    std::printf("%-14s labelled %3d  recall %.3f   found %3d  precision %.3f\n", type.c_str(), score.labelled,
                score.labelled == 0 ? 0 : static_cast<double>(score.recalled) / score.labelled, score.found,
                score.found == 0 ? 0 : static_cast<double>(score.right) / score.found);
    for (const std::string& text : score.missed) std::printf("    missed %s\n", text.c_str());
    for (const std::string& text : score.wrong) std::printf("    wrong  %s\n", text.c_str());
  }
  std::vector<std::pair<std::string, std::string>> texts{{"the set's texts", all}};
  for (int i = 2; i < argc; ++i) {
    std::ifstream file(argv[i]);
    texts.emplace_back(argv[i], std::string(std::istreambuf_iterator<char>(file), {}));
  }
  for (const auto& [name, text] : texts) {
    measure(name, text, 1536, detectors);
    measure(name, text, 32 << 10, detectors);
  }
  return 0;
}
