#include "privacy/overlap.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <tuple>
#include <utility>

#include "core/request.hpp"
#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

// A finding that takes part, by its address: sorting moves no strings.
struct Candidate {
  int level;
  Finding* finding;
};

auto rank(const Candidate& c) {
  const Finding& f = *c.finding;
  return std::make_tuple(c.level, -static_cast<std::ptrdiff_t>(f.end - f.begin), -f.score, f.begin, std::string_view(f.type),
                         std::string_view(f.kind));
}

// Of candidates of one level, sorted by where they begin: each run of which one overlaps the next, with a secret among them and none that covers all
// the others, becomes one secret.
void join_secrets(std::vector<Candidate>& all) {
  const auto is_secret = [](const Candidate& c) { return c.finding->type == "SECRET"; };
  if (std::ranges::none_of(all, is_secret)) return;
  std::vector<Candidate> out;
  for (auto first = all.begin(); first != all.end();) {
    const std::size_t begin = first->finding->begin;
    std::size_t end = first->finding->end;
    auto last = std::next(first);
    for (; last != all.end() && last->finding->begin < end; ++last) end = std::max(end, last->finding->end);
    const bool is_covered = std::any_of(first, last, [&](const Candidate& c) { return c.finding->begin == begin && c.finding->end == end; });
    auto best = last;
    for (auto one = first; one != last; ++one)
      if (is_secret(*one) && (best == last || rank(*one) < rank(*best))) best = one;
    if (is_covered || best == last) {
      out.insert(out.end(), first, last);
    } else {
      best->finding->begin = begin, best->finding->end = end;
      out.push_back(*best);
    }
    first = last;
  }
  all = std::move(out);
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

// Those that overlap one another, directly or by others, sorted by where they begin and up to `end`.
void resolve(std::string_view text, std::span<Finding*> cluster, std::size_t end, Level level, std::vector<Finding>& out) {
  const auto candidate = [level](Finding* finding) { return Candidate{level(*finding), finding}; };
  Finding* const best = *std::ranges::min_element(cluster, {}, [&](Finding* finding) { return rank(candidate(finding)); });
  if (best->begin == cluster.front()->begin && best->end == end) return out.push_back(std::move(*best));  // it covers the others: most are such
  std::vector<Candidate> all, others;
  for (Finding* finding : cluster) {
    const Candidate one = candidate(finding);
    (one.level == 0 ? all : others).push_back(one);
  }
  join_secrets(all);
  all.insert(all.end(), others.begin(), others.end());
  std::ranges::sort(all, {}, rank);
  Covered covered;
  const std::size_t before = out.size();
  for (const Candidate& one : all) {
    const Span whole{one.finding->begin, one.finding->end};
    covered.add(whole, [&](Span free) {
      const Span rest = free.size() == whole.size() ? free : without_signs(text, free);
      if (rest.size() == 0) return;
      out.push_back(*one.finding);
      out.back().begin = rest.begin, out.back().end = rest.end;
    });
  }
  std::ranges::sort(std::span(out).subspan(before), {}, &Finding::begin);
}

}  // namespace

void keep_best(std::string_view text, std::vector<Finding>& findings, Level level) {
  const auto not_apart = [](const Finding& a, const Finding& b) { return b.begin < a.end || b.begin < a.begin; };
  if (std::ranges::adjacent_find(findings, not_apart) == findings.end()) return;  // nearly every text
  std::vector<Finding*> sorted;
  sorted.reserve(findings.size());
  for (Finding& finding : findings) sorted.push_back(&finding);
  std::ranges::sort(sorted, {}, &Finding::begin);
  std::vector<Finding> out;
  out.reserve(findings.size());
  for (auto first = sorted.begin(); first != sorted.end();) {
    std::size_t end = (*first)->end;
    auto last = std::next(first);
    for (; last != sorted.end() && (*last)->begin < end; ++last) end = std::max(end, (*last)->end);
    if (std::next(first) == last)
      out.push_back(std::move(**first));
    else
      resolve(text, {first, last}, end, level, out);
    first = last;
  }
  findings = std::move(out);
}

}  // namespace demarc::privacy
