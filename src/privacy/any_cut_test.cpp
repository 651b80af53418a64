// However a stream is cut, the result is the same: seeded, thousands of streams of several channels that come interleaved, in pieces of any size,
// also inside a character, a placeholder or an escape of JSON. A failing seed is named; it replays by itself.
#include <gtest/gtest.h>

#include <random>

#include "base/strings.hpp"
#include "privacy/output_guard.hpp"
#include "privacy/restore.hpp"
#include "privacy/vault.hpp"

namespace demarc::privacy {
namespace {

const Detectors& detectors() {
  static const Detectors all = Detectors::structured();
  return all;
}

using Random32 = std::mt19937;
std::size_t below(Random32& random, std::size_t n) { return random() % n; }

// What answers are made of, and what is like it.
std::string some_text(Random32& random, const std::vector<std::string>& words, TextForm form) {
  static const std::vector<std::string> plain = {" ",
                                                 " ",
                                                 ", ",
                                                 "\n",
                                                 "The ",
                                                 "EMAIL",
                                                 "EMAILX",
                                                 "PERSON",
                                                 "X7Q2K9",
                                                 "NAME",
                                                 "X",
                                                 "é",
                                                 "😀",
                                                 "电话",
                                                 "Ⅳ",
                                                 "ИМЯ",
                                                 "\u200b",
                                                 "\u00a0",
                                                 "**",
                                                 "`",
                                                 "_",
                                                 "-",
                                                 "](",
                                                 ")",
                                                 "https://a.example/?q=",
                                                 "www.",
                                                 "<a href=\"",
                                                 "\">",
                                                 "'s",
                                                 "4111 1111 1111 1111",
                                                 " card ",
                                                 "ada@example.org",
                                                 "521-44-9382",
                                                 "Alex",
                                                 "alex ",
                                                 "=",
                                                 "\""};
  static const std::vector<std::string> json = {"\\n",       "\\\"", "\\u00e9",     "\\ud83d\\ude00", "\\\\", "\\/", "\\u0045\\u004d",
                                                "{\"a\":\"", "\"}",  "https:\\/\\/"};
  std::string out;
  for (std::size_t n = 1 + below(random, 24); n > 0; --n) {
    const std::size_t what = below(random, 10);
    if (what < 4) {
      std::string word = words[below(random, words.size())];
      if (below(random, 4) == 0) word = to_lower(word);
      if (below(random, 4) == 0) word.resize(1 + below(random, word.size()));
      if (below(random, 5) == 0) word.insert(below(random, word.size()), below(random, 2) == 0 ? "-" : "\u200b");
      out += word;
    } else {
      out += form == TextForm::json && what < 7 ? json[below(random, json.size())] : plain[below(random, plain.size())];
    }
  }
  return out;
}

struct Channels {
  std::vector<Channel> channels;
  std::vector<std::string> texts;
};

Channels some_channels(Random32& random, const std::vector<std::string>& words) {
  Channels out;
  for (std::uint32_t item = 0; item < 1 + below(random, 3); ++item) {
    const bool tool = below(random, 2) == 0;
    out.channels.push_back({tool ? ChannelKind::tool_arguments : ChannelKind::text, 0, item});
    out.texts.push_back(some_text(random, words, tool ? TextForm::json : TextForm::plain));
  }
  return out;
}

// Feeds the channels in turn, piece by piece.
template <class Filter>
std::vector<std::string> in_pieces(Filter& filter, const Channels& all, Random32& random) {
  std::vector<std::string> out(all.channels.size());
  std::vector<std::size_t> at(all.channels.size(), 0);
  for (std::size_t left = all.channels.size(); left > 0;) {
    const std::size_t c = below(random, all.channels.size());
    if (at[c] == std::string::npos) continue;
    const std::size_t size = below(random, 3) == 0 ? 1 : 1 + below(random, 12);
    out[c] += filter.feed(all.channels[c], std::string_view(all.texts[c]).substr(at[c], size));
    at[c] += size;
    if (at[c] < all.texts[c].size()) continue;
    out[c] += filter.flush(all.channels[c]);
    at[c] = std::string::npos, --left;
  }
  return out;
}

template <class Filter>
std::vector<std::string> at_once(Filter& filter, const Channels& all) {
  std::vector<std::string> out;
  for (std::size_t c = 0; c < all.channels.size(); ++c) {
    out.push_back(filter.feed(all.channels[c], all.texts[c]));
    out.back() += filter.flush(all.channels[c]);
  }
  return out;
}

TEST(AnyCut, RestoresTheSame) {
  Vault vault(system_random());
  for (unsigned seed = 0; seed < 6000; ++seed) {
    Random32 random(seed);
    VaultSession session = vault.open({"key", std::to_string(seed)}, {1});
    std::vector<std::string> words = {*session.placeholder("EMAIL_ADDRESS", "ada@example.org"), *session.placeholder("PERSON", "Ada \"é\" 😀"),
                                      *session.placeholder("SECRET", "sk-1")};
    if (seed % 2 == 0) {
      session.use_surrogates("");
      words.push_back(*session.placeholder("PERSON", "Grace Hopper"));
      words.push_back(*session.placeholder("CREDIT_CARD", "4111 1111 1111 1111"));
      words.push_back(*session.placeholder("ORGANIZATION", "Acme"));
    }
    const Channels all = some_channels(random, words);
    Restorer whole(session.tokens()), cut(session.tokens());
    const auto expected = at_once(whole, all), got = in_pieces(cut, all, random);
    ASSERT_EQ(got, expected) << "seed " << seed;
    ASSERT_EQ(cut.restored(), whole.restored()) << "seed " << seed;
    for (const std::string& text : got) ASSERT_TRUE(is_utf8(text)) << "seed " << seed;
  }
}

TEST(AnyCut, GivesOutNothingButWholeCharacters) {
  Vault vault(system_random());
  VaultSession session = vault.open({"key", "c"}, {1});
  const std::string word = *session.placeholder("PERSON", "Ada");
  const std::string text = "😀 é " + word + " 电话" + word + " ИМЯ";
  Restorer restorer(session.tokens());
  for (char c : text) EXPECT_TRUE(is_utf8(restorer.feed({}, {&c, 1})));
  EXPECT_TRUE(is_utf8(restorer.flush({})));
}

TEST(AnyCut, MasksTheSame) {
  const std::vector<std::string> words = {
      "AKIA"
      "IOSFODNN7EXAMPLE",
      "4111 1111 1111 1111",
      "ada@example.org",
      "GB29 NWBK 6016 1331 9268 19",
      "+44 7911 123456",
      "password = 'Tr0ub4dor&3xyz'",
      "call 416 60 039"};
  for (const std::vector<std::string>& mask :
       {std::vector<std::string>{"SECRET"}, {"SECRET", "EMAIL_ADDRESS"}, {"CREDIT_CARD", "IBAN_CODE", "PHONE_NUMBER", "SECRET"}})
    for (unsigned seed = 0; seed < 1500; ++seed) {
      Random32 random(seed);
      const Channels all = some_channels(random, words);
      OutputGuard whole(detectors(), mask), cut(detectors(), mask);
      const auto expected = at_once(whole, all), got = in_pieces(cut, all, random);
      ASSERT_EQ(got, expected) << "seed " << seed;
      ASSERT_EQ(cut.counts(), whole.counts()) << "seed " << seed;
    }
}

}  // namespace
}  // namespace demarc::privacy
