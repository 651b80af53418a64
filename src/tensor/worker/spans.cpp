#include "tensor/worker/spans.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <tuple>

#include "tensor/worker/labels.hpp"

namespace demarc::tensor::worker {
namespace {

// Between two words of one name or one address: "O'Brien, Mary-Jane", "12 Main St., Apt. 4".
bool only_joins(std::string_view between) {
  std::size_t lines = 0;
  for (const char c : between) {
    if (c == '\n' && ++lines > 1) return false;
    if (std::string_view(" \t\r\n,.-'").find(c) == std::string_view::npos) return false;
  }
  return true;
}

bool has_letter_or_digit(std::string_view word) {
  return std::ranges::any_of(word, [](unsigned char c) { return c >= 0x80 || std::isalnum(c) != 0; });
}

}  // namespace

Result<Wanted, std::string> Wanted::make(const std::vector<std::string>& labels, const std::vector<KindRule>& rules) {
  Wanted wanted;
  wanted.type_of_label_.assign(labels.size(), kNone);
  for (const KindRule& rule : rules) {
    auto type = std::ranges::find(wanted.types_, rule.type, &Type::name);
    if (type == wanted.types_.end()) type = wanted.types_.insert(type, {rule.type, rule.at_least});
    type->at_least = std::min(type->at_least, rule.at_least);
    bool known = false;
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (kind_of(labels[i]) == rule.kind && !rule.kind.empty()) {
        wanted.type_of_label_[i] = static_cast<std::uint16_t>(type - wanted.types_.begin());
        known = true;
      }
    if (!known) return fail("the model has no label for " + rule.kind);
  }
  if (wanted.types_.empty()) return fail(std::string("nothing is asked for"));
  return wanted;
}

void Wanted::add_probabilities(std::span<const float> logits, std::span<float> by_type) const {
  const float most = *std::ranges::max_element(logits);
  float total = 0;
  for (const float logit : logits) total += std::exp(logit - most);
  for (std::size_t i = 0; i < logits.size(); ++i)
    if (type_of_label_[i] != kNone) by_type[type_of_label_[i]] += std::exp(logits[i] - most) / total;
}

WordScores::WordScores(const std::vector<Token>& tokens, const Wanted& wanted) : tokens_(tokens), wanted_(wanted) {
  for (const Token& token : tokens) {
    if (words_.size() <= token.word) words_.push_back({token.begin, token.end, 0});
    words_.back().end = token.end;
    ++words_.back().pieces;
  }
  sums_.assign(words_.size() * wanted.types().size(), 0);
}

void WordScores::add(std::size_t token, std::span<const float> logits) {
  const std::size_t types = wanted_.types().size();
  wanted_.add_probabilities(logits, std::span(sums_).subspan(tokens_[token].word * types, types));
}

std::vector<NamedSpan> spans_of(std::string_view text, const WordScores& scores) {
  std::vector<NamedSpan> out;
  const std::vector<Word>& words = scores.words();
  for (std::size_t t = 0; t < scores.wanted().types().size(); ++t) {
    const Wanted::Type& type = scores.wanted().types()[t];
    float sum = 0, count = 0;
    bool open = false;
    for (std::size_t w = 0; w < words.size(); ++w) {
      const float score = scores.score(w, t);
      if (score < type.at_least || !has_letter_or_digit(text.substr(words[w].begin, words[w].end - words[w].begin))) continue;
      if (open && only_joins(text.substr(out.back().end, words[w].begin - out.back().end))) {
        out.back().end = words[w].end;
        sum += score, count += 1;
      } else {
        out.push_back({.type = type.name, .begin = words[w].begin, .end = words[w].end});
        sum = score, count = 1, open = true;
      }
      out.back().score = std::min(1.0F, sum / count);
    }
  }
  std::ranges::sort(out, {}, [](const NamedSpan& span) { return std::tuple(span.begin, span.end, span.type); });
  return out;
}

}  // namespace demarc::tensor::worker
