// What the structured detectors find, for bench/privacy.py: JSON lines in, JSON lines out; and how fast they read.
//
//   privacy_find < LINES
//     {"text": "mail ada@example.org"}  ->  {"findings": [{"type": "EMAIL_ADDRESS", "kind": "", "start": 5, "end": 20, "tier": "structured", …}]}
//     {"request": {"messages": […]}}    ->  {"counts": {"EMAIL_ADDRESS": 1}}, null if unknown: a chat request, read as the gateway reads it
//   privacy_find --speed PIECE FILE…    ->  {"file", "piece_bytes", "bytes_per_s", "findings_per_kb"} a file: over pieces of so many bytes, in one
//   thread's
//                                           processor time, so that other load counts little
//   privacy_find --types                ->  what the structured detectors cover, one type a line
// Offsets are code points. One thread.
#include <simdjson.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "core/json/writer.hpp"
#include "dialect/dialect.hpp"
#include "privacy/detector.hpp"
#include "privacy/examine.hpp"
#include "privacy/utf8.hpp"

namespace {

using demarc::Finding;
using demarc::privacy::Detectors;

std::string_view name_of(demarc::DetectorTier tier) {
  switch (tier) {
    case demarc::DetectorTier::structured: return "structured";
    case demarc::DetectorTier::model: return "model";
    case demarc::DetectorTier::reviewed: return "reviewed";
  }
  return "";
}

void print_findings(const std::string& text, const std::vector<Finding>& findings) {
  std::map<std::size_t, std::size_t> points;  // byte offset -> code points before it
  for (const Finding& finding : findings) points[finding.begin] = points[finding.end] = 0;
  std::size_t at = 0, count = 0;
  for (auto& [byte, point] : points) {
    for (; at < byte && at < text.size(); ++count) at += demarc::privacy::next_utf8(text, at).size;
    point = count;
  }
  std::string out = "{\"findings\":[";
  for (const Finding& finding : findings) {
    if (&finding != findings.data()) out += ',';
    out += "{\"type\":" + demarc::json_string(finding.type) + ",\"kind\":" + demarc::json_string(finding.kind) +
           ",\"start\":" + std::to_string(points[finding.begin]) + ",\"end\":" + std::to_string(points[finding.end]) + ",\"tier\":\"" +
           std::string(name_of(finding.tier)) + "\",\"score\":" + std::to_string(finding.score) +
           ",\"reason\":" + demarc::json_string(finding.reason) + "}";
  }
  std::puts((out + "]}").c_str());
}

void print_counts(const std::string& body, const Detectors& detectors) {
  demarc::HttpRequest http;
  http.body.reserve(body.size() + 64);
  http.body = body;
  const auto request = demarc::dialect::parse(*demarc::dialect::dialect_named("openai.chat"), std::move(http));
  if (!request) {
    std::fprintf(stderr, "no chat request: %s\n", body.c_str());
    std::exit(1);
  }
  const auto seen = demarc::privacy::examine(**request, detectors);
  if (!seen.counts) return void(std::puts("{\"counts\":null}"));
  std::string out = "{\"counts\":{";
  for (const auto& [type, count] : *seen.counts) {
    if (out.back() != '{') out += ',';
    out += demarc::json_string(type) + ":" + std::to_string(count);
  }
  std::puts((out + "}}").c_str());
}

double cpu_s() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void measure(const std::string& name, const std::string& text, std::size_t piece, const Detectors& detectors) {
  std::size_t bytes = 0, findings = 0;
  const double begin = cpu_s();
  while (cpu_s() < begin + 1) {
    for (std::size_t at = 0; at < text.size(); at += piece) {
      const std::string_view one = std::string_view(text).substr(at, piece);
      findings += detectors.find(one).size();
      bytes += one.size();
    }
  }
  std::printf("{\"file\":%s,\"piece_bytes\":%zu,\"bytes_per_s\":%.0f,\"findings_per_kb\":%.3f}\n", demarc::json_string(name).c_str(), piece,
              static_cast<double>(bytes) / (cpu_s() - begin), static_cast<double>(findings) * 1000 / static_cast<double>(bytes));
}

void find_in_lines(const Detectors& detectors) {
  simdjson::dom::parser parser;
  for (std::string line; std::getline(std::cin, line);) {
    const simdjson::dom::element row = parser.parse(line);
    if (auto request = row["request"]; request.error() == simdjson::SUCCESS) {
      print_counts(simdjson::minify(request.value()), detectors);
      continue;
    }
    const auto text = std::string(row["text"].get_string().value());
    print_findings(text, detectors.find(text));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto detectors = Detectors::structured();
  if (arguments.empty()) return find_in_lines(detectors), 0;
  if (arguments[0] == "--types") {
    for (const auto type : detectors.types()) std::printf("%.*s\n", static_cast<int>(type.size()), type.data());
    return 0;
  }
  if (arguments.size() < 3 || arguments[0] != "--speed")
    return std::fputs("usage: privacy_find [--types | --speed PIECE FILE…] < LINES\n", stderr), 2;
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    std::ifstream file(arguments[i]);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    if (text.empty()) return std::fprintf(stderr, "nothing to read in %s\n", arguments[i].c_str()), 1;
    measure(arguments[i], text, std::stoul(arguments[1]), detectors);
  }
  return 0;
}
