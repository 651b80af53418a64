#include "privacy/overlap.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "core/request.hpp"
#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

auto rank(const Finding& f) {
  return std::make_tuple(-static_cast<std::ptrdiff_t>(f.end - f.begin), -f.score, f.begin, std::string_view(f.type), std::string_view(f.kind));
}

bool is_secret(const Finding& finding) { return finding.type == "SECRET"; }

// Of findings sorted by where they begin: each run of which one overlaps the next, with a secret among them and none that covers all the others,
// becomes one secret.
void join_secrets(std::vector<Finding>& findings) {
  if (std::ranges::none_of(findings, is_secret)) return;
  std::vector<Finding> out;
  for (auto first = findings.begin(); first != findings.end();) {
    const std::size_t begin = first->begin;
    std::size_t end = first->end;
    auto last = std::next(first);
    for (; last != findings.end() && last->begin < end; ++last) end = std::max(end, last->end);
    const bool is_covered = std::any_of(first, last, [&](const Finding& finding) { return finding.begin == begin && finding.end == end; });
    auto best = last;
    for (auto one = first; one != last; ++one)
      if (is_secret(*one) && (best == last || rank(*one) < rank(*best))) best = one;
    if (is_covered || best == last) {
      std::move(first, last, std::back_inserter(out));
    } else {
      best->begin = begin, best->end = end;
      out.push_back(std::move(*best));
    }
    first = last;
  }
  findings = std::move(out);
}

// Stretches of a text, as few as they can be: a list of thousands costs no more for each than a short one.
class Covered {
 public:
  // Calls `free` with what of `span` was not covered before.
  template <class Free>
  void add(Span span, Free free) {
    std::size_t at = span.begin, begin = span.begin, end = span.end;
    auto known = ends_.upper_bound(span.begin);
    if (known != ends_.begin() && std::prev(known)->second >= span.begin) --known;
    while (known != ends_.end() && known->first <= span.end) {
      if (known->first > at) free(Span{at, known->first});
      at = std::max(at, known->second);
      begin = std::min(begin, known->first), end = std::max(end, known->second);
      known = ends_.erase(known);
    }
    if (at < span.end) free(Span{at, span.end});
    ends_.emplace_hint(known, begin, end);
  }

 private:
  std::map<std::size_t, std::size_t> ends_;  // by begin; none touches another
};

Span without_signs(std::string_view text, Span span) {
  const auto in_word = [&](std::size_t at) { return is_alnum(text[at]) || static_cast<unsigned char>(text[at]) >= 0x80; };
  if (text.empty()) return span;
  while (span.begin < span.end && !in_word(span.begin)) ++span.begin;
  while (span.end > span.begin && !in_word(span.end - 1)) --span.end;
  return span;
}

}  // namespace

void keep_best(std::string_view text, std::vector<Finding>& findings, Level level) {
  std::ranges::sort(findings, {}, &Finding::begin);
  const auto overlap = [](const Finding& a, const Finding& b) { return b.begin < a.end; };
  if (std::ranges::adjacent_find(findings, overlap) == findings.end()) return;  // nearly every text
  std::vector<Finding> all, others;
  for (Finding& finding : findings) (level(finding) == 0 ? all : others).push_back(std::move(finding));
  join_secrets(all);
  std::ranges::move(others, std::back_inserter(all));
  std::ranges::sort(all, [&](const Finding& a, const Finding& b) { return std::pair(level(a), rank(a)) < std::pair(level(b), rank(b)); });
  Covered covered;
  findings.clear();
  for (const Finding& finding : all)
    covered.add({finding.begin, finding.end}, [&](Span free) {
      const Span rest = free.size() == finding.end - finding.begin ? free : without_signs(text, free);
      if (rest.size() == 0) return;
      findings.push_back(finding);
      findings.back().begin = rest.begin, findings.back().end = rest.end;
    });
  std::ranges::sort(findings, {}, &Finding::begin);
}

}  // namespace demarc::privacy
