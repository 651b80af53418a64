// Matching a placeholder or a surrogate at a text's beginning: more text never changes a match, less text leaves "perhaps", and what is no match with
// all of the text is none with less of it for certain.
#include "privacy/placeholder.hpp"

#include <algorithm>

#include "fuzz.hpp"
#include "privacy/token.hpp"

namespace demarc::fuzz {
namespace {

std::shared_ptr<const privacy::Token> token(std::string_view word, privacy::Style style) {
  const bool placeholder = style == privacy::Style::placeholder;
  privacy::Token made{
      .word = std::string(word), .folded = placeholder ? privacy::fold_placeholder(word) : privacy::fold_surrogate(word), .type = "PERSON"};
  made.value = std::make_shared<const privacy::Wiped>(std::string_view("v"));
  made.style = style;
  return std::make_shared<const privacy::Token>(std::move(made));
}

const privacy::Tokens& tokens() {
  using privacy::Style;
  static const privacy::Tokens all({token("EMAILX7Q2K9M4TC", Style::placeholder), token("EMAILX7Q2K9M4TD", Style::placeholder),
                                    token("PERSONX000000000", Style::placeholder), token("IPX1Q2W3E4R5", Style::placeholder),
                                    token("4000 0012 3456 7899", Style::surrogate), token("Kim Example", Style::surrogate)});
  return all;
}

}  // namespace
}  // namespace demarc::fuzz

FUZZ(placeholder) {
  Choices choices(bytes);
  const privacy::MatchAt open{.form = choices.below(2) == 0 ? privacy::TextForm::plain : privacy::TextForm::json,
                              .before = choices.below(2) == 0 ? static_cast<unsigned char>(' ') : choices.byte()};
  constexpr std::string_view kBegins[] = {"", "EMAILX7Q2K9M4TC", "IPX1Q2W3E4R5", "Kim Example", "4000-0012 3456"};
  const std::string text = std::string(kBegins[choices.below(5)]) + std::string(bytes);

  privacy::TokenMatch decided;  // by a shorter text, for good
  bool is_decided = false;
  for (std::size_t size = 1; size <= text.size(); ++size) {
    const privacy::TokenMatch part = tokens().match(std::string_view(text).substr(0, size), open);
    CHECK(part.kind == privacy::MatchKind::none || tokens().may_begin(text[0]));
    if (is_decided) CHECK(part.kind == decided.kind && part.length == decided.length && part.token == decided.token);
    if (part.kind == privacy::MatchKind::full) CHECK(part.length > 0 && part.length <= size && part.token != nullptr);
    if (part.kind == privacy::MatchKind::partial) CHECK(size < privacy::kTokenMax);
    is_decided = part.kind != privacy::MatchKind::partial;
    decided = part;
  }
  privacy::MatchAt last = open;
  last.last = true;
  if (!text.empty()) {
    const privacy::TokenMatch whole = tokens().match(text, last);
    CHECK(whole.kind != privacy::MatchKind::partial);
    if (is_decided) CHECK(whole.kind == decided.kind && whole.length == decided.length && whole.token == decided.token);
  }
  const std::string folded = privacy::fold_placeholder(text);
  CHECK(privacy::fold_placeholder(folded) == folded && folded.size() == text.size());
}
