#include "privacy/examine.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "privacy/across.hpp"
#include "privacy/direct_first.hpp"
#include "privacy/pieces.hpp"
#include "privacy/texts.hpp"

namespace demarc::privacy {
namespace {

std::optional<Media> media_of(PartKind kind) {
  switch (kind) {
    case PartKind::image: return Media::image;
    case PartKind::audio: return Media::audio;
    case PartKind::file: return Media::file;
    case PartKind::text:
    case PartKind::tool:
    case PartKind::opaque: return std::nullopt;
  }
  return std::nullopt;
}

void note(Examination& seen, Unreadable why) {
  seen.counts.reset();
  if (seen.unreadable == Unreadable::none) seen.unreadable = why;
}

// What stands in the request beside readable texts (config.md, meaning 2).
void judge_parts(const Request& request, Examination& seen) {
  if (!request.unreadable.empty()) note(seen, Unreadable::declared);
  for (const Part& part : request.parts) {
    if (part.kind == PartKind::opaque) note(seen, Unreadable::opaque);
    if (part.remote) note(seen, Unreadable::remote);
    const bool read = part.contents != nullptr && part.contents->reach() == Contents::Reach::whole;
    const std::optional<Media> media = read ? std::nullopt : media_of(part.kind);
    if (media && std::find(seen.unexamined.begin(), seen.unexamined.end(), *media) == seen.unexamined.end()) seen.unexamined.push_back(*media);
  }
}

}  // namespace

std::string_view to_string(Unreadable why) {
  switch (why) {
    case Unreadable::none: return "none";
    case Unreadable::opaque: return "opaque";
    case Unreadable::remote: return "remote";
    case Unreadable::declared: return "declared";
    case Unreadable::depth: return "depth";
    case Unreadable::size: return "size";
    case Unreadable::time: return "time";
    case Unreadable::detector: return "detector";
    case Unreadable::language: return "language";
  }
  return "";
}

FindingCounts count(const std::vector<Finding>& findings) {
  FindingCounts counts;
  for (const Finding& finding : findings) ++counts[finding.type];
  return counts;
}

void add_counts(FindingCounts& to, const FindingCounts& more) {
  for (const auto& [type, n] : more) to[type] += n;
}

void Examination::add(const Place& place, std::vector<Finding> findings, std::string_view text) {
  const auto same = [&](const FoundText& text) {
    return text.place.part == place.part && std::equal(text.place.leaf.begin(), text.place.leaf.end(), place.leaf.begin(), place.leaf.end(),
                                                       [](Span a, Span b) { return a.begin == b.begin; });
  };
  auto found = std::find_if(texts.begin(), texts.end(), same);
  if (found == texts.end()) {
    const auto comes_after = [](const Place& a, const FoundText& b) {
      if (a.part != b.place.part) return a.part < b.place.part;
      return std::lexicographical_compare(a.leaf.begin(), a.leaf.end(), b.place.leaf.begin(), b.place.leaf.end(),
                                          [](Span x, Span y) { return x.begin < y.begin; });
    };
    found = texts.insert(std::upper_bound(texts.begin(), texts.end(), place, comes_after), {place});
  }
  if (counts) {
    for (const auto& [type, n] : count(found->findings)) (*counts)[type] -= n;
  }
  for (Finding& finding : findings) found->findings.push_back(std::move(finding));
  join_tiers(text, found->findings);
  if (!counts) return;
  add_counts(*counts, count(found->findings));
  std::erase_if(*counts, [](const auto& entry) { return entry.second == 0; });
}

Unreadable for_each_text(const Request& request, const ExamineLimits& limits, const std::function<void(const Place&, const Text&)>& visit) {
  std::size_t bytes = 0;
  Unreadable why = Unreadable::none;
  Place place;
  for (; place.part < request.parts.size() && why == Unreadable::none; ++place.part) {
    const Part& part = request.parts[place.part];
    if (part.text.empty() || part.kind == PartKind::opaque) continue;
    const Nesting nesting = walk_texts(part.text, label_of(part.path), limits.depth, [&](const std::vector<Span>& leaf, const Text& text) {
      bytes += text.text.size();
      if (bytes > limits.text_bytes) return why = Unreadable::size, Walk::stop;
      if (is_late(limits)) return why = Unreadable::time, Walk::stop;
      place.leaf = leaf;
      visit(place, text);
      return Walk::on;
    });
    if (nesting == Nesting::too_deep) why = Unreadable::depth;
  }
  return why;
}

Examination examine(const Request& request, const Detectors& detectors, const ExamineLimits& limits) {
  CHECK(limits.clock != nullptr || limits.deadline.is_never());
  Examination seen;
  judge_parts(request, seen);
  Unreadable why = for_each_text(request, limits, [&](const Place& place, const Text& text) {
    std::optional<std::vector<Finding>> found = find_in_pieces(text, detectors, limits);
    if (!found) return note(seen, Unreadable::time);
    if (found->empty()) return;
    if (seen.counts) add_counts(*seen.counts, count(*found));
    seen.texts.push_back({place, std::move(*found)});
  });
  if (why == Unreadable::none) find_across(request, detectors, seen);
  if (why == Unreadable::none && is_late(limits)) why = Unreadable::time;
  if (why != Unreadable::none) note(seen, why);
  return seen;
}

}  // namespace demarc::privacy
