// How long a dictionary of many terms takes to build, how much memory it needs, and how fast it reads.
//
//   dictionary_bench TERMS [TEXT-FILE…]      // TERMS made-up names of two words; with 0, medical terms are measured
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>

#include "base/strings.hpp"
#include "privacy/dictionary.hpp"
#include "privacy/tables.hpp"

namespace {

using demarc::privacy::Dictionary;
using demarc::privacy::DictionaryBuilder;

double cpu_seconds() {  // of this thread, so that others on the machine do not count
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Syllables, so that words are as long as names and many begin alike.
std::string word(std::uint64_t number) {
  constexpr const char* kSyllables[] = {"ba", "ren", "to", "mil", "ka", "sor", "vi", "del", "an", "gu", "lis", "pe", "rod", "ti", "mar", "wen"};
  std::string out;
  for (int i = 0; i < 4; ++i, number /= 16) out += kSyllables[number % 16];
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: dictionary_bench TERMS [TEXT-FILE…]\n"), 2;
  const auto count = static_cast<std::uint64_t>(std::strtoull(argv[1], nullptr, 10));
  std::string lines = count == 0 ? demarc::privacy::kMedicalTerms : "";
  for (std::uint64_t i = 0; i < count; ++i) lines += word(i * 2654435761U % 65536) + " " + word(i * 40503U % 65536 + i / 65536) + "\n";
  const double begin = cpu_seconds();
  DictionaryBuilder builder(demarc::privacy::LetterCase::any);
  for (const std::string_view line : demarc::split(lines, '\n')) static_cast<void>(builder.add(line));
  const Dictionary dictionary = std::move(builder).build();
  std::printf("%zu terms: built in %.2f s, %.1f bytes a term of %.1f bytes\n", dictionary.size(), cpu_seconds() - begin,
              static_cast<double>(dictionary.memory_bytes()) / static_cast<double>(dictionary.size()),
              static_cast<double>(lines.size()) / static_cast<double>(dictionary.size()) - 1);
  for (int i = 2; i < argc; ++i) {
    std::ifstream file(argv[i]);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    std::size_t bytes = 0, found = 0;
    const double start = cpu_seconds();
    while ((cpu_seconds() - start) < 1) {
      dictionary.each(text, [&](std::size_t, std::size_t) { ++found; });
      bytes += text.size();
    }
    std::printf("%-28s %7.1f MB/s, %.2f found/KB\n", argv[i], static_cast<double>(bytes) / (cpu_seconds() - start) / 1e6,
                static_cast<double>(found) * 1000 / static_cast<double>(bytes));
  }
  return 0;
}
