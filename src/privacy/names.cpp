#include "privacy/names.hpp"

#include <simdjson.h>

#include <algorithm>
#include <unordered_map>

#include "base/check.hpp"
#include "core/json/writer.hpp"
#include "privacy/direct_first.hpp"
#include "privacy/join_models.hpp"
#include "privacy/known_names.hpp"
#include "privacy/language.hpp"

namespace demarc::privacy {
namespace {

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

bool same_place(const Place& a, const Place& b) {
  return a.part == b.part && std::ranges::equal(a.leaf, b.leaf, [](Span x, Span y) { return x.begin == y.begin && x.end == y.end; });
}

using FoundByText = std::vector<std::pair<std::size_t, std::vector<Finding>>>;

// What the pieces of each text say, in bytes of the text: {index of places, findings}. Overlaps are not resolved yet.
FoundByText found_by_text(const NamesWork& work) {
  CHECK(work.answers.size() == work.texts.size());
  FoundByText out;
  for (const NamesWork::Piece& piece : work.pieces) {
    if (out.empty() || out.back().first != piece.text) out.push_back({piece.text, {}});
    for (Finding finding : piece.known ? *piece.known : *work.answers[piece.asked]) {
      finding.begin += piece.offset, finding.end += piece.offset;
      out.back().second.push_back(std::move(finding));
    }
  }
  return out;
}

// Walks what was found beside the request's texts, which come in the same order.
class InOrder {
 public:
  InOrder(const NamesWork& work, const FoundByText& found) : work_(work), next_(found.begin()), end_(found.end()) {}
  std::vector<Finding> at(const Place& place) {
    const bool here = next_ != end_ && same_place(work_.places[next_->first], place);
    return here ? (next_++)->second : std::vector<Finding>{};
  }

 private:
  const NamesWork& work_;
  FoundByText::const_iterator next_, end_;
};

void add_known(const KnownNames& known, std::string_view text, std::vector<Finding>& findings) {
  std::ranges::move(known.find(text), std::back_inserter(findings));
  direct_first(text, findings);
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
  const std::size_t index = work.places.size();
  work.places.push_back(place);
  bool readable = false;
  for (const Cut& piece : cut(text, kPiece)) {
    const std::string_view piece_text = text.substr(piece.begin, piece.end - piece.begin);
    const FoundCache::Key key = cache_.key_of(piece_text);
    if (Found found = cache_.find(key)) {
      if (!found->empty()) work.pieces.push_back({.text = index, .offset = piece.begin, .known = std::move(found)});
      continue;
    }
    if (const auto before = asked.before.find(key); before != asked.before.end()) {
      work.pieces.push_back({.text = index, .offset = piece.begin, .asked = before->second});
      continue;
    }
    if (!readable && !foreign_language(text, settings_.languages).empty()) {  // the whole text: what is short tells no language
      if (settings_.other_language == OtherLanguage::unknown) work.why = Unreadable::language;
      return;
    }
    readable = true;
    asked.bytes += piece_text.size();
    if (asked.bytes > kMostAskedBytes) return void(work.why = Unreadable::size);
    asked.before.emplace(key, work.texts.size());
    work.pieces.push_back({.text = index, .offset = piece.begin, .asked = work.texts.size()});
    work.keys.push_back(key);
    work.texts.emplace_back(piece_text);
  }
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

std::string Names::next_body(NamesWork& work) const {
  CHECK(wants_more(work));
  const std::size_t first = work.answers.size();
  std::size_t bytes = 0;
  for (work.sent = first; work.sent < work.texts.size(); ++work.sent) {
    bytes += work.texts[work.sent].size();
    if (work.sent > first && bytes > kCallBytes) break;
  }
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
      for (std::size_t i = first; i < work.sent; ++i) json.value(std::string_view(work.texts[i]));
    });
  });
  return out;
}

// `spans` is the simdjson::dom::array of one text, kept out of the header.
std::optional<std::vector<Finding>> Names::read_spans(std::string_view text, const void* spans) const {
  std::vector<Finding> network, tagger;
  for (const simdjson::dom::element span : *static_cast<const simdjson::dom::array*>(spans)) {
    std::string_view type, by;
    std::uint64_t begin = 0, end = 0;
    double score = 0;
    if (span["type"].get(type) != simdjson::SUCCESS || span["begin"].get(begin) != simdjson::SUCCESS || span["end"].get(end) != simdjson::SUCCESS ||
        span["score"].get(score) != simdjson::SUCCESS || span["by"].get(by) != simdjson::SUCCESS)
      return {};
    if (!(score >= 0 && score <= 1)) return {};
    if (begin >= end || end > text.size() || !is_boundary(text, begin) || !is_boundary(text, end)) return {};
    if (std::ranges::find(kinds_, type, &NameKind::type) == kinds_.end()) return {};
    (by == "tagger" ? tagger : network)
        .push_back({.type = std::string(type),
                    .begin = begin,
                    .end = end,
                    .score = static_cast<float>(score),
                    .tier = DetectorTier::model,
                    .reason = by == "tagger" ? "model: tagger" : "model: network"});
  }
  return join_models(text, std::move(network), std::move(tagger));
}

bool Names::take(NamesWork& work, std::string_view reply) const {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array lists;
  if (parser.parse(reply.data(), reply.size()).get(root) != simdjson::SUCCESS || root["spans"].get(lists) != simdjson::SUCCESS) return false;
  const std::size_t first = work.answers.size();
  std::vector<Found> answers;
  for (const simdjson::dom::element list : lists) {
    simdjson::dom::array spans;
    if (first + answers.size() == work.sent || list.get(spans) != simdjson::SUCCESS) return false;
    auto findings = read_spans(work.texts[first + answers.size()], &spans);
    if (!findings) return false;
    answers.push_back(std::make_shared<const std::vector<Finding>>(std::move(*findings)));
  }
  if (first + answers.size() != work.sent) return false;
  for (std::size_t i = 0; i < answers.size(); ++i) cache_.put(work.keys[first + i], answers[i]);
  work.answers.insert(work.answers.end(), answers.begin(), answers.end());
  return true;
}

void Names::finish(NamesWork&& work, const Request& request, const ExamineLimits& limits, Examination& seen) const {
  const auto unknown = [&](Unreadable why) {
    seen.counts.reset();
    if (seen.unreadable == Unreadable::none) seen.unreadable = why;
  };
  if (work.why != Unreadable::none) return unknown(work.why);
  const auto found = found_by_text(work);
  if (found.empty()) return;
  KnownNames known;
  InOrder first(work, found), second(work, found);
  Unreadable stopped = for_each_text(request, limits, [&](const Place& place, const Text& text) {
    for (const Finding& finding : first.at(place)) known.add(text.text.substr(finding.begin, finding.end - finding.begin), finding);
  });
  if (stopped == Unreadable::none)
    stopped = for_each_text(request, limits, [&](const Place& place, const Text& text) {
      std::vector<Finding> findings = second.at(place);
      add_known(known, text.text, findings);
      if (!findings.empty()) seen.add(place, std::move(findings), text.text);
    });
  if (stopped != Unreadable::none) unknown(stopped);
}

std::vector<Found> Names::found(const NamesWork& work, std::span<const std::string> texts) {
  CHECK(work.why == Unreadable::none);
  std::vector<std::vector<Finding>> by_text(texts.size());
  for (auto& [index, findings] : found_by_text(work)) by_text[work.places[index].part] = std::move(findings);
  KnownNames known;
  for (std::size_t i = 0; i < texts.size(); ++i)
    for (const Finding& finding : by_text[i]) known.add(std::string_view(texts[i]).substr(finding.begin, finding.end - finding.begin), finding);
  std::vector<Found> out(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    add_known(known, texts[i], by_text[i]);
    if (!by_text[i].empty()) out[i] = std::make_shared<const std::vector<Finding>>(std::move(by_text[i]));
  }
  return out;
}

}  // namespace demarc::privacy
