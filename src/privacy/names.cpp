#include "privacy/names.hpp"

#include <simdjson.h>

#include <algorithm>
#include <unordered_map>

#include "base/check.hpp"
#include "core/json/writer.hpp"
#include "privacy/language.hpp"
#include "privacy/overlap.hpp"

namespace demarc::privacy {
namespace {

constexpr std::string_view kStreet = "STREET_ADDRESS", kPlace = "LOCATION";

// A text without two letters or four digits holds no name and no number of a person.
bool could_hold_a_name(std::string_view text) {
  std::size_t letters = 0, digits = 0;
  for (const char c : text) {
    letters += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80 ? 1U : 0U;
    digits += c >= '0' && c <= '9' ? 1U : 0U;
    if (letters >= 2 || digits >= 4) return true;
  }
  return false;
}

bool is_boundary(std::string_view text, std::size_t at) { return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80; }

// "12 Main St" and the "Springfield" behind it are one address: the town is part of what must not leave.
void join_addresses(std::string_view text, std::vector<Finding>& findings) {
  const auto joins = [&](const Finding& a, const Finding& b) {
    const bool street = a.type == kStreet || b.type == kStreet;
    const auto fits = [](const Finding& f) { return f.type == kStreet || f.type == kPlace; };
    if (!street || !fits(a) || !fits(b) || b.begin < a.end) return false;
    const std::string_view between = text.substr(a.end, b.begin - a.end);
    return between.size() <= 4 && between.find_first_not_of(" ,.\n\r\t-") == std::string_view::npos;
  };
  for (std::size_t i = 0; i + 1 < findings.size();) {
    if (!joins(findings[i], findings[i + 1])) {
      ++i;
      continue;
    }
    findings[i].type = kStreet;
    findings[i].end = findings[i + 1].end;
    findings[i].score = std::min(findings[i].score, findings[i + 1].score);
    findings.erase(findings.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    if (i > 0) --i;
  }
}

}  // namespace

std::vector<std::string_view> Names::types() const {
  std::vector<std::string_view> out;
  for (const NameKind& kind : kinds_) out.push_back(kind.type);
  std::ranges::sort(out);
  const auto rest = std::ranges::unique(out);
  out.erase(rest.begin(), rest.end());
  return out;
}

struct Names::Asked {
  NamesWork& work;
  std::unordered_map<FoundCache::Key, std::size_t, FoundCache::KeyHash> before{};
  std::size_t bytes = 0;
};

void Names::look_at(std::string_view text, const Place& place, Asked& asked) const {
  NamesWork& work = asked.work;
  if (work.why != Unreadable::none || !could_hold_a_name(text)) return;
  const FoundCache::Key key = cache_.key_of(text);
  if (const Found found = cache_.find(key)) {
    if (!found->empty()) work.known.emplace_back(place, found);
    return;
  }
  if (const auto before = asked.before.find(key); before != asked.before.end()) return void(work.asked.emplace_back(place, before->second));
  if (!foreign_language(text, settings_.languages).empty()) {
    if (settings_.other_language == OtherLanguage::unknown) work.why = Unreadable::language;
    return;
  }
  asked.bytes += text.size();
  if (asked.bytes > kMostAskedBytes) return void(work.why = Unreadable::size);
  asked.before.emplace(key, work.texts.size());
  work.asked.emplace_back(place, work.texts.size());
  work.keys.push_back(key);
  work.texts.emplace_back(text);
}

NamesWork Names::begin(const Request& request, const ExamineLimits& limits) const {
  NamesWork work;
  Asked asked{work};
  const Unreadable stopped = for_each_text(request, limits, [&](const Place& place, const Text& text) { look_at(text.text, place, asked); });
  if (work.why == Unreadable::none) work.why = stopped;
  if (work.why != Unreadable::none) work.texts.clear();  // nothing that could be found would change the outcome
  return work;
}

NamesWork Names::begin(std::span<const std::string> texts) const {
  NamesWork work;
  Asked asked{work};
  for (std::size_t i = 0; i < texts.size(); ++i) look_at(texts[i], {.part = static_cast<std::uint32_t>(i)}, asked);
  if (work.why != Unreadable::none) work.texts.clear();
  return work;
}

std::string Names::body(const NamesWork& work) const {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.array("kinds", [&] {
      for (const NameKind& kind : kinds_)
        json.object([&] {
          json.field("kind", kind.kind);
          json.field("type", kind.type);
          json.field("at_least", static_cast<double>(kind.at_least));
        });
    });
    json.array("texts", [&] {
      for (const std::string& text : work.texts) json.value(std::string_view(text));
    });
  });
  return out;
}

// `spans` is the simdjson::dom::array of one text, kept out of the header.
std::optional<std::vector<Finding>> Names::read_spans(std::string_view text, const void* spans) const {
  std::vector<Finding> findings;
  for (const simdjson::dom::element span : *static_cast<const simdjson::dom::array*>(spans)) {
    std::string_view type;
    std::uint64_t begin = 0, end = 0;
    double score = 0;
    if (span["type"].get(type) != simdjson::SUCCESS || span["begin"].get(begin) != simdjson::SUCCESS || span["end"].get(end) != simdjson::SUCCESS ||
        span["score"].get(score) != simdjson::SUCCESS)
      return {};
    if (begin >= end || end > text.size() || !is_boundary(text, begin) || !is_boundary(text, end)) return {};
    if (std::ranges::find(kinds_, type, &NameKind::type) == kinds_.end()) return {};
    findings.push_back({.type = std::string(type), .begin = begin, .end = end, .score = static_cast<float>(score), .tier = DetectorTier::model});
  }
  keep_best(findings);
  join_addresses(text, findings);
  return findings;
}

bool Names::take(NamesWork& work, std::string_view reply) const {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array lists;
  if (parser.parse(reply.data(), reply.size()).get(root) != simdjson::SUCCESS || root["spans"].get(lists) != simdjson::SUCCESS) return false;
  for (const simdjson::dom::element list : lists) {
    simdjson::dom::array spans;
    if (work.answers.size() == work.texts.size() || list.get(spans) != simdjson::SUCCESS) return false;
    auto findings = read_spans(work.texts[work.answers.size()], &spans);
    if (!findings) return false;
    work.answers.push_back(std::make_shared<const std::vector<Finding>>(std::move(*findings)));
  }
  if (work.answers.size() != work.texts.size()) return false;
  for (std::size_t i = 0; i < work.answers.size(); ++i) cache_.put(work.keys[i], work.answers[i]);
  return true;
}

void Names::finish(NamesWork&& work, Examination& seen) const {
  if (work.why != Unreadable::none) {
    seen.counts.reset();
    if (seen.unreadable == Unreadable::none) seen.unreadable = work.why;
    return;
  }
  CHECK(work.answers.size() == work.texts.size());
  for (const auto& [place, found] : work.known) seen.add(place, *found);
  for (const auto& [place, index] : work.asked)
    if (!work.answers[index]->empty()) seen.add(place, *work.answers[index]);
}

std::vector<Found> Names::found(const NamesWork& work, std::size_t texts) {
  CHECK(work.why == Unreadable::none && work.answers.size() == work.texts.size());
  std::vector<Found> out(texts);
  for (const auto& [place, found] : work.known) out[place.part] = found;
  for (const auto& [place, index] : work.asked) out[place.part] = work.answers[index];
  return out;
}

}  // namespace demarc::privacy
