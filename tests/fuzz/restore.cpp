// However an answer is cut and its channels interleave, the same is restored; what comes out is UTF-8 if what went in was; no secret comes back.
#include "privacy/restore.hpp"

#include "base/strings.hpp"
#include "fuzz.hpp"
#include "privacy/placeholder.hpp"

namespace demarc::fuzz {
namespace {

const privacy::VaultSession& session() {
  static InputsRandom random("");
  static privacy::Vault vault(random);
  static const privacy::VaultSession open = [] {
    privacy::VaultSession made = vault.open({"key", "c"}, {1});
    for (const auto& [type, value] : {std::pair("EMAIL_ADDRESS", "ada@example.org"), std::pair("PERSON", "Ada \"the\" L\n\xC3\xA9"),
                                      std::pair("SECRET", "sk-123-not-to-be-seen"), std::pair("CREDIT_CARD", "4111 1111 1111 1111")})
      CHECK(made.placeholder(type, value).ok());
    return made;
  }();
  return open;
}

// '\1' to '\4' are the session's placeholders, '\5' to '\10' their first half; the rest as everywhere.
std::string with_placeholders(std::string_view bytes) {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> all;
    privacy::VaultSession own = session();
    for (const auto& [type, value] : {std::pair("EMAIL_ADDRESS", "ada@example.org"), std::pair("PERSON", "Ada \"the\" L\n\xC3\xA9"),
                                      std::pair("SECRET", "sk-123-not-to-be-seen"), std::pair("CREDIT_CARD", "4111 1111 1111 1111")})
      all.push_back(*own.placeholder(type, value));
    return all;
  }();
  std::string out;
  for (char c : bytes) {
    if (c >= 1 && c <= 4)
      out += words[static_cast<std::size_t>(c - 1)];
    else if (c >= 5 && c <= 8)
      out += words[static_cast<std::size_t>(c - 5)].substr(0, 8);
    else
      out += with_values(std::string_view(&c, 1));
  }
  return out;
}

std::string whole(const Channel& channel, std::string_view text) {
  privacy::Restorer restorer(session().tokens());
  std::string out = restorer.feed(channel, text);
  return out += restorer.flush(channel);
}

}  // namespace
}  // namespace demarc::fuzz

FUZZ(restore) {
  Choices choices(bytes);
  const Channel one{choices.below(2) == 0 ? ChannelKind::text : ChannelKind::tool_arguments, 0, 0};
  const Channel two{ChannelKind::text, 1, 0};
  std::string_view plan = bytes.substr(0, bytes.size() / 2);
  const std::string text = with_placeholders(bytes.substr(plan.size()));
  Choices cuts(plan);

  const std::string expected = whole(one, text), expected_two = whole(two, text);
  privacy::Restorer restorer(session().tokens());
  std::string out, out_two;
  for (const std::string_view piece : cut(text, cuts)) {
    out += restorer.feed(one, piece);
    out_two += restorer.feed(two, piece);
    CHECK(expected.starts_with(out) && expected_two.starts_with(out_two));
  }
  out += restorer.flush(one);
  out_two += restorer.flush(two);
  CHECK(out == expected && out_two == expected_two);
  CHECK(restorer.holding().empty());
  if (is_utf8(text)) CHECK(is_utf8(out) && is_utf8(out_two));
  if (text.find("sk-123") == std::string::npos) CHECK(out.find("sk-123-not-to-be-seen") == std::string::npos);

  // Nothing of this session for another.
  InputsRandom random(bytes);
  privacy::Vault vault(random);
  privacy::VaultSession other = vault.open({"other", "c"}, {1});
  CHECK(other.placeholder("EMAIL_ADDRESS", "ada@example.org").ok());
  CHECK(privacy::restore(other.tokens(), text) == text);
}
