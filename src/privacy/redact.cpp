#include "privacy/redact.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "core/encode_part.hpp"
#include "core/json/writer.hpp"
#include "privacy/across.hpp"
#include "privacy/attachments.hpp"
#include "privacy/blank.hpp"
#include "privacy/json_leaves.hpp"
#include "privacy/pieces.hpp"
#include "privacy/texts.hpp"

namespace demarc::privacy {
namespace {

struct Replacement {
  Span span;
  std::string with;
};

// A text on its way: what has been put into it so far stands at `placed`, in order.
struct Draft {
  std::string text;
  std::vector<Span> placed{};

  // False if two replacements overlap, or one overlaps what was placed before: only findings from across several texts could.
  bool replace(std::vector<Replacement> all) {
    std::sort(all.begin(), all.end(), [](const Replacement& a, const Replacement& b) { return a.span.begin < b.span.begin; });
    Draft next;
    std::size_t at = 0;
    auto old = placed.begin();
    const auto copy_to = [&](std::size_t end) {
      for (; old != placed.end() && old->begin < end; ++old) {
        if (old->end > end || old->begin < at) return false;
        next.placed.push_back({next.text.size() + (old->begin - at), next.text.size() + (old->end - at)});
      }
      next.text.append(text, at, end - at);
      return true;
    };
    for (const Replacement& one : all) {
      if (one.span.begin < at || !copy_to(one.span.begin)) return false;
      next.placed.push_back({next.text.size(), next.text.size() + one.with.size()});
      next.text += one.with;
      at = one.span.end;
    }
    if (!copy_to(text.size())) return false;
    *this = std::move(next);
    return true;
  }

  [[nodiscard]] std::string blanked() const {
    std::string out = text;
    for (const Span span : placed) out.replace(span.begin, span.size(), span.size(), 'X');
    return out;
  }
};

class Redactor {
 public:
  Redactor(const Request& request, const Examination& seen, VaultSession& session, const RedactTypes& types, const Detectors& detectors,
           const ExamineLimits& limits)
      : request_(request), seen_(seen), session_(session), types_(types), detectors_(detectors), limits_(limits), tokens_(session.tokens()) {}

  // The new text of every part that changes; sets `why` if something could not be replaced.
  std::map<std::uint32_t, std::string> run() {
    std::map<std::uint32_t, std::vector<Replacement>> pieces = across();
    std::map<std::uint32_t, std::vector<NewText>> news;
    std::size_t next = 0;  // of seen_.texts, which are in the order of the walk
    const Unreadable stopped = for_each_text(request_, limits_, [&](const Place& place, const Text& text) {
      std::vector<Replacement> all;
      if (next < seen_.texts.size() && is_at(seen_.texts[next].place, place)) all = within(seen_.texts[next++], text.text);
      if (place.leaf.empty()) {
        for (Replacement& piece : pieces[place.part]) all.push_back(std::move(piece));
      }
      own_tokens(text.text, all);
      if (all.empty()) return;
      Draft draft{std::string(text.text)};
      if (!draft.replace(std::move(all)) || !settle(draft, text.label)) return fail_with(NotClean::residue);
      news[place.part].push_back({place.leaf, std::move(draft.text)});
    });
    if (stopped != Unreadable::none) fail_with(NotClean::unknown);
    if (next != seen_.texts.size()) fail_with(NotClean::residue);  // findings at a place that is not there
    return whole(news);
  }

  NotClean why = NotClean::none;
  FindingCounts counts;

 private:
  void fail_with(NotClean reason) { why = why == NotClean::none ? reason : why; }

  static bool is_at(const Place& a, const Place& b) {
    return a.part == b.part &&
           std::equal(a.leaf.begin(), a.leaf.end(), b.leaf.begin(), b.leaf.end(), [](Span x, Span y) { return x.begin == y.begin; });
  }

  std::string placeholder(std::string_view type, std::string_view value) {
    auto made = session_.placeholder(type, value);
    if (!made) return fail_with(NotClean::vault_full), std::string();
    ++counts[std::string(type)];
    return *made;
  }

  std::vector<Replacement> within(const FoundText& found, std::string_view text) {
    std::vector<Replacement> all;
    for (const Finding& finding : found.findings) {
      if (!types_.contains(finding.type)) continue;
      all.push_back({{finding.begin, finding.end}, placeholder(finding.type, text.substr(finding.begin, finding.end - finding.begin))});
    }
    return all;
  }

  // Where words went away, others stand nearer to a number and may say what it is: look again until nothing new is found.
  bool settle(Draft& draft, std::string_view label) {
    for (int round = 0; round < 3; ++round) {
      const std::string blanked = draft.blanked();
      std::vector<Replacement> more;
      const std::optional<std::vector<Finding>> found = find_in_pieces({blanked, label}, detectors_, limits_);
      if (!found) return false;
      for (const Finding& finding : *found) {
        if (!types_.contains(finding.type)) continue;
        more.push_back({{finding.begin, finding.end},
                        placeholder(finding.type, std::string_view(draft.text).substr(finding.begin, finding.end - finding.begin))});
      }
      if (more.empty()) return true;
      if (!draft.replace(std::move(more))) return false;
    }
    return false;
  }

  // The first piece becomes the placeholder of the whole value, the others nothing: put together the text reads the same.
  std::map<std::uint32_t, std::vector<Replacement>> across() {
    std::map<std::uint32_t, std::vector<Replacement>> pieces;
    for (const FoundAcross& found : seen_.across) {
      if (!types_.contains(found.finding.type)) continue;
      if (found.pieces.empty()) {  // over the fields of a document
        fail_with(NotClean::residue);
        continue;
      }
      std::string value;
      for (const auto& piece : found.pieces) value += request_.parts[piece.part].text.substr(piece.span.begin, piece.span.size());
      std::string with = placeholder(found.finding.type, value);
      for (const auto& piece : found.pieces) {
        pieces[piece.part].push_back({piece.span, std::move(with)});
        with.clear();
      }
    }
    return pieces;
  }

  // A word of the text that would be restored although the text means the word itself. In URLs nothing is restored: there it may stay.
  void own_tokens(std::string_view text, std::vector<Replacement>& all) {
    for (const Span span : find_tokens(*tokens_, text)) {
      const bool taken =
          std::any_of(all.begin(), all.end(), [&](const Replacement& r) { return r.span.begin < span.end && span.begin < r.span.end; });
      if (taken) continue;
      auto made = session_.placeholder("TOKEN", text.substr(span.begin, span.size()));
      if (!made) return fail_with(NotClean::vault_full);
      all.push_back({span, *made});
    }
  }

  std::map<std::uint32_t, std::string> whole(const std::map<std::uint32_t, std::vector<NewText>>& news) const {
    std::map<std::uint32_t, std::string> texts;
    for (const auto& [part, changed] : news) {
      std::vector<const NewText*> list;
      for (const NewText& one : changed) list.push_back(&one);
      texts[part] = rewrite(request_.parts[part].text, list);
    }
    return texts;
  }

  const Request& request_;
  const Examination& seen_;
  VaultSession& session_;
  const RedactTypes& types_;
  const Detectors& detectors_;
  const ExamineLimits& limits_;
  const std::shared_ptr<const Tokens> tokens_;  // as they were before: only those can stand in the request
};

// The second look: the outgoing bytes as any JSON reader takes them apart, and what a provider may put together again.
class Inspector {
 public:
  Inspector(const RedactTypes& types, const Tokens& tokens, const Detectors& detectors, const ExamineLimits& limits)
      : types_(types), tokens_(tokens), detectors_(detectors), limits_(limits) {}

  bool is_clean(std::string_view body) const {
    bool clean = true;
    const Nesting nesting = walk_texts(body, {}, limits_.depth + 2, [&](const std::vector<Span>&, const Text& text) {
      clean = clean && is_clean_text(text);
      return clean ? Walk::on : Walk::stop;
    });
    return clean && nesting == Nesting::whole;
  }

  bool joins_clean(const Request& request, const std::map<std::uint32_t, std::string>& news) const {
    for (const auto& group : joined_parts(request)) {
      std::vector<std::string> texts;
      for (std::uint32_t part : group) texts.push_back(blank_tokens(tokens_, text_of(request, part, news)));
      if (finds_across(texts, detectors_, wanted())) return false;
    }
    for (std::uint32_t part = 0; part < request.parts.size(); ++part)
      if (is_json_document(request.parts[part].text) &&
          finds_across_fields(blank_tokens(tokens_, text_of(request, part, news)), detectors_, wanted()))
        return false;
    return true;
  }

 private:
  static std::string_view text_of(const Request& request, std::uint32_t part, const std::map<std::uint32_t, std::string>& news) {
    const auto changed = news.find(part);
    return changed == news.end() ? request.parts[part].text : std::string_view(changed->second);
  }
  [[nodiscard]] std::function<bool(std::string_view type)> wanted() const {
    return [this](std::string_view type) { return types_.contains(type); };
  }
  // A file is read as what it holds: in base64 a placeholder cannot be told from a value.
  [[nodiscard]] bool is_clean_text(const Text& text) const {
    const std::optional<std::string> inside = text_inside(text.text);
    return inside ? inside->empty() || is_clean(*inside) : !has_finding(text);
  }
  bool has_finding(const Text& text) const {
    const std::string blanked = blank_tokens(tokens_, text.text);
    const std::optional<std::vector<Finding>> found = find_in_pieces({blanked, text.label}, detectors_, limits_);
    return !found || std::any_of(found->begin(), found->end(), [&](const Finding& finding) { return types_.contains(finding.type); });
  }

  const RedactTypes& types_;
  const Tokens& tokens_;
  const Detectors& detectors_;
  const ExamineLimits& limits_;
};

// Pictures go bare of their metadata even if nothing was found there: a place is no text. False: a medium cannot be written.
bool add_edits(const Request& request, const std::map<std::uint32_t, std::string>& news, Edits& edits) {
  for (std::uint32_t i = 0; i < request.parts.size(); ++i) {
    const Part& part = request.parts[i];
    const auto changed = news.find(i);
    const std::string_view text = changed == news.end() ? part.text : std::string_view(changed->second);
    if (part.contents != nullptr && (changed != news.end() || part.contents->reach() == Contents::Reach::metadata)) {
      const auto medium = part.contents->with(text);
      if (!medium) return false;
      edits.push_back({part.span, json_string(*medium)});
    } else if (changed != news.end()) {
      edits.push_back({part.span, encode(part, text)});
    }
  }
  return true;
}

}  // namespace

bool RedactTypes::contains(std::string_view type) const { return is_direct(type) || std::find(named_.begin(), named_.end(), type) != named_.end(); }

bool can_redact(Operation operation) {
  switch (operation) {
    case Operation::chat:
    case Operation::completion:
    case Operation::moderation:
    case Operation::classification:
    case Operation::rerank:
    case Operation::redaction: return true;
    case Operation::fim:
    case Operation::embedding:
    case Operation::transcription:
    case Operation::translation:
    case Operation::speech:
    case Operation::image_generation:
    case Operation::ocr:
    case Operation::image_classification: return false;
  }
  return false;
}

std::string_view to_string(NotClean why) {
  switch (why) {
    case NotClean::none: return "none";
    case NotClean::unknown: return "unknown";
    case NotClean::vault_full: return "vault_full";
    case NotClean::residue: return "residue";
    case NotClean::operation: return "operation";
  }
  return "";
}

bool scans_clean(std::string_view outgoing, const VaultSession& session, const RedactTypes& types, const Detectors& detectors,
                 const ExamineLimits& limits) {
  const std::shared_ptr<const Tokens> tokens = session.tokens();
  return Inspector(types, *tokens, detectors, limits).is_clean(outgoing);
}

Redaction redact(const Request& request, const Examination& seen, VaultSession& session, const RedactTypes& types, const Detectors& detectors,
                 const ExamineLimits& limits) {
  if (!can_redact(request.operation)) return {.why = NotClean::operation};
  if (!seen.counts) return {.why = NotClean::unknown};
  Redactor redactor(request, seen, session, types, detectors, limits);
  const std::map<std::uint32_t, std::string> news = redactor.run();
  if (redactor.why != NotClean::none) return {.why = redactor.why};
  Redaction redaction{.counts = std::move(redactor.counts)};
  if (!add_edits(request, news, redaction.edits)) return {.why = NotClean::residue};
  redaction.body = demarc::apply(request.body, redaction.edits);
  const std::shared_ptr<const Tokens> tokens = session.tokens();
  const Inspector inspector(types, *tokens, detectors, limits);
  redaction.clean = inspector.is_clean(redaction.body) && inspector.joins_clean(request, news);
  redaction.why = redaction.clean ? NotClean::none : NotClean::residue;
  return redaction;
}

}  // namespace demarc::privacy
