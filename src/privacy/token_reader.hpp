// TokenReader: goes through a text and says where the tokens of a conversation stand. Whoever restores, finds or blanks them reads by it, so that
// all see the same ones.
//
//   TokenReader reader(tokens, TextForm::plain);
//   while (!rest.empty()) {
//     const TokenReader::Step step = reader.next(rest, last);
//     if (step.size == 0) break;                     // what follows decides: come again with more
//     if (step.token != nullptr && !step.in_url) …
//     rest.remove_prefix(step.size);
//   }
//
// How the text is cut does not matter: what is decided at a byte depends on those from there on, and while they could still become a token nothing
// is decided. Never stops within a character. One text, one thread.
#pragma once

#include <string_view>

#include "privacy/token.hpp"

namespace demarc::privacy {

class TokenReader {
 public:
  struct Step {
    std::size_t size = 0;
    const Token* token = nullptr;  // null: text
    bool in_url = false;           // the token stands in a URL or a link's target
  };
  TokenReader(const Tokens& tokens, TextForm form) : tokens_(tokens), form_(form) {}
  Step next(std::string_view rest, bool last);

 private:
  void take(std::string_view bytes) {
    for (char c : bytes) url_.take(c, form_);
  }
  const Tokens& tokens_;
  TextForm form_;
  UrlState url_;
};

}  // namespace demarc::privacy
