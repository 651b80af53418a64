#include "privacy/blank.hpp"

#include "privacy/token_reader.hpp"

namespace demarc::privacy {
namespace {

constexpr char kBlank = 'X';

template <class Take>
void for_each_step(const Tokens& tokens, std::string_view text, Take take) {
  TokenReader reader(tokens, TextForm::plain);
  for (std::size_t at = 0; at < text.size();) {
    const TokenReader::Step step = reader.next(text.substr(at), true);
    take(at, step);
    at += step.size;
  }
}

}  // namespace

std::vector<Span> find_tokens(const Tokens& tokens, std::string_view text) {
  std::vector<Span> out;
  if (tokens.empty()) return out;
  for_each_step(tokens, text, [&](std::size_t at, const TokenReader::Step& step) {
    if (step.token != nullptr && step.token->restorable == Restorable::yes && !step.in_url) out.push_back({at, at + step.size});
  });
  return out;
}

std::string blank_tokens(const Tokens& tokens, std::string_view text) {
  if (tokens.empty()) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for_each_step(tokens, text, [&](std::size_t at, const TokenReader::Step& step) {
    step.token != nullptr ? out.append(step.size, kBlank) : out.append(text, at, step.size);
  });
  return out;
}

}  // namespace demarc::privacy
