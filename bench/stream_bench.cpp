// What restoring and masking add to a token of a streamed answer: nanoseconds on one core (mean, median and 99th percentile, of batches of
// sixteen), and how many bytes wait for the next token on average.
//   stream_bench [TOKENS]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "privacy/output_guard.hpp"
#include "privacy/restore.hpp"
#include "privacy/vault.hpp"

namespace {

using namespace demarc;

constexpr std::size_t kBatch = 16;

// Prose as models stream it, a token a piece; every 64th word is a placeholder, in pieces of three characters.
std::vector<std::string> tokens_of(std::size_t count, const std::vector<std::string>& placeholders) {
  const std::vector<std::string> words = {" the", " agreement", " of",  " March", " says",  " that", " I",        " would",
                                          " pay", ",",          " and", " if",    " not",   " PDF",  " expected", " Person",
                                          " in",  " 2026",      ".",    " Then",  " email", " card"};
  std::mt19937 random(1);
  std::vector<std::string> out;
  while (out.size() < count) {
    if (!placeholders.empty() && random() % 64 == 0) {
      const std::string word = " " + placeholders[random() % placeholders.size()];
      for (std::size_t at = 0; at < word.size(); at += 3) out.push_back(word.substr(at, 3));
    } else {
      out.push_back(words[random() % words.size()]);
    }
  }
  return out;
}

template <class Feed, class Held>
void measure(const char* name, const std::vector<std::string>& tokens, Feed feed, Held held) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times_ns;
  double waiting = 0;
  for (std::size_t at = 0; at + kBatch <= tokens.size(); at += kBatch) {
    const auto start = Clock::now();
    for (std::size_t i = 0; i < kBatch; ++i) feed(tokens[at + i]);
    times_ns.push_back(std::chrono::duration<double, std::nano>(Clock::now() - start).count() / kBatch);
    waiting += static_cast<double>(held());
  }
  std::ranges::sort(times_ns);
  const double count = static_cast<double>(times_ns.size());
  const double mean = std::accumulate(times_ns.begin(), times_ns.end(), 0.0) / count;
  std::printf("%-44s mean %6.0f, median %6.0f, p99 %6.0f ns a token; %.2f bytes wait\n", name, mean, times_ns[times_ns.size() / 2],
              times_ns[times_ns.size() * 99 / 100], waiting / count);
}

struct Count {
  std::size_t in = 0, out = 0;
};

void restoring(const char* name, std::size_t count, std::size_t values, bool surrogates) {
  privacy::Vault vault(system_random());
  privacy::VaultSession session = vault.open({"key", "c"}, {1});
  if (surrogates) session.use_surrogates("");
  std::vector<std::string> words;
  for (std::size_t i = 0; i < values; ++i)
    words.push_back(*session.placeholder(i % 2 == 0 ? "EMAIL_ADDRESS" : "PERSON", "Value" + std::to_string(i)));
  privacy::Restorer restorer(session.tokens());
  measure(name, tokens_of(count, words), [&](const std::string& token) { restorer.feed({}, token); }, [&] { return restorer.held_bytes(); });
}

void masking(const char* name, std::size_t count, std::vector<std::string> mask) {
  static const privacy::Detectors detectors = privacy::Detectors::structured();
  privacy::OutputGuard guard(detectors, std::move(mask));
  Count bytes;
  const auto feed = [&](const std::string& token) { bytes.in += token.size(), bytes.out += guard.feed({}, token).size(); };
  measure(name, tokens_of(count, {}), feed, [&] { return bytes.in > bytes.out ? bytes.in - bytes.out : 0; });
}

}  // namespace

int main(int argc, char** argv) {
  const auto count = static_cast<std::size_t>(argc > 1 ? std::max(1'000, std::atoi(argv[1])) : 400'000);
  restoring("restore, no placeholder in the conversation", count, 0, false);
  restoring("restore, 10 placeholders", count, 10, false);
  restoring("restore, 5,000 placeholders", count, 5'000, false);
  restoring("restore, 10 surrogates", count, 10, true);
  masking("count what is found", count, {});
  masking("mask secrets", count / 4, {"SECRET"});
  masking("mask secrets and cards", count / 4, {"SECRET", "CREDIT_CARD"});
}
