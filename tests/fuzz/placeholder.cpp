// Matching a placeholder at a text's beginning: more text never takes a match away, less text leaves "perhaps", and forgiven spellings match too.
#include "privacy/placeholder.hpp"

#include "fuzz.hpp"

namespace demarc::fuzz {
namespace {

std::shared_ptr<const privacy::Token> token(std::string_view word) {
  privacy::Token made{.placeholder = std::string(word), .folded = privacy::fold_placeholder(word), .type = "PERSON"};
  made.value = std::make_shared<const privacy::Wiped>("v");
  return std::make_shared<const privacy::Token>(std::move(made));
}

const privacy::Tokens& tokens() {
  static const privacy::Tokens all({token("EMAILX7Q2K9M4TC"), token("EMAILX7Q2K9M4TD"), token("PERSONX000000000"), token("IPX1Q2W3E4R5")});
  return all;
}

}  // namespace
}  // namespace demarc::fuzz

FUZZ(placeholder) {
  Choices choices(bytes);
  std::string text(bytes);
  if (choices.below(2) == 0) text = (choices.below(2) == 0 ? "EMAILX7Q2K9M4TC" : "IPX1Q2W3E4R5") + text;
  const privacy::TokenMatch whole = tokens().match(text);
  CHECK(text.empty() || whole.kind == privacy::MatchKind::none || tokens().may_begin(text[0]));
  bool ended = false;  // a shorter text was said to be none
  for (std::size_t size = 1; size <= std::min(text.size(), privacy::kPlaceholderMax); ++size) {
    const privacy::TokenMatch part = tokens().match(std::string_view(text).substr(0, size));
    if (ended) CHECK(part.kind == privacy::MatchKind::none);
    ended = part.kind == privacy::MatchKind::none;
    if (part.kind == privacy::MatchKind::full) {
      CHECK(part.length <= size && whole.kind == privacy::MatchKind::full && whole.length == part.length && whole.token == part.token);
    } else if (whole.kind == privacy::MatchKind::full && size < whole.length) {
      CHECK(part.kind == privacy::MatchKind::partial);
    }
  }
  if (whole.kind == privacy::MatchKind::partial) CHECK(text.size() < privacy::kPlaceholderMax);
  if (whole.kind == privacy::MatchKind::full) CHECK(whole.length <= text.size() && whole.token != nullptr);
  const std::string folded = privacy::fold_placeholder(text);
  CHECK(privacy::fold_placeholder(folded) == folded && folded.size() == text.size());
}
