#include "privacy/language.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/strings.hpp"

namespace demarc::privacy {
namespace {

struct Words {
  std::string_view code;
  std::string_view words;  // the commonest, that other languages of this list do not share where that can be helped
};
constexpr std::array kWords = {
    Words{"en",
          "the and of to is that it for you with this are was have not be on what from my your can please who where how would at by an they were "
          "will has do which their his her she he we"},
    Words{"de",
          "der die das und ist nicht ich sie es ein eine mit auf für von zu den dem des im wie wir auch wird bei oder aber nach noch bitte wo "
          "haben hat kann ihr ihre mein"},
    Words{"fr",
          "le la les des et est une dans que qui pour pas sur avec ce il elle nous vous au aux sont être cette mais ou du je plus par son mon "
          "votre"},
    Words{"es", "el la los las y que en un una por con para no es se su del al como más pero está este esta son mi lo qué ha muy usted nos tiene"},
    Words{"it", "il la che di e un una per non è con sono del della dei nel le gli si come ma anche questo questa mi ho ha lo più alla dal dove suo"},
    Words{"pt", "o a os as e que em um uma para não com por do da dos das no na se é mais como foi está são você meu minha seu sua pelo ao isso"},
    Words{"nl",
          "de het een en van is dat niet in op te zijn voor met ik je aan er maar om ook naar bij heeft dit wat wij uw mijn hebben zou kan nog"},
    Words{"sv", "och att det som en är på av för med den inte har till jag ett om var kan men du vi så från ska hur vad där mitt min"},
    Words{"da", "og at det som en er på af for med den ikke har til jeg et om var kan men du vi så fra skal hvor hvad der min mit hvordan"},
    Words{"no", "og å det som en er på av for med den ikke har til jeg et om var kan men du vi så fra skal hvor hva der min mitt hvordan"},
    Words{"fi", "ja on ei se että hän oli ovat mutta joka kun niin minä sinä mitä missä myös voi tämä olen kuin sen hänen vain jos tai"},
    Words{"pl", "i w na z nie się jest że do to jak za od po ale co dla są być tym przez mnie czy tak jego gdzie proszę który która mój moja"},
    Words{"cs", "a je se na v že to s z do o ale jsem jako za by co pro jsou byl tak jeho kde který která prosím můj moje nebo také"},
    Words{"hu", "a az és hogy nem is egy van ez meg de ha mint csak már el volt kell vagy én te mi hol itt nekem lesz még"},
    Words{"ro", "și în de la cu pe nu este că din un o pentru mai sunt a fost ce care unde eu sau acest această dar"},
    Words{"tr", "ve bir bu için de da ne ile çok var ben sen o mi daha gibi olarak ama değil nasıl nerede benim olan kadar"},
    Words{"vi", "và là của có không được trong cho một những với này các tôi người khi đã để từ đến"},
    Words{"id", "yang dan di itu dengan untuk tidak ini dari dalam akan pada saya juga ke karena bisa ada mereka atau"},
    Words{"ca", "el la els les i que en un una per amb no és del al com més però aquest aquesta són meu meva on va"},
};

constexpr std::size_t kLeastWords = 5;     // fewer show nothing
constexpr std::size_t kLeastKnown = 3;     // different common words of the winner
constexpr std::size_t kMostBytes = 4'096;  // the beginning of a text tells
constexpr std::size_t kLeastForeign = 4;   // letters of another script

// Word → the languages it is common in, as bits.
const std::unordered_map<std::string, std::uint32_t, TransparentHash, std::equal_to<>>& common_words() {
  static_assert(kWords.size() <= 32);
  static const auto words = [] {
    std::unordered_map<std::string, std::uint32_t, TransparentHash, std::equal_to<>> out;
    for (std::size_t i = 0; i < kWords.size(); ++i)
      for (const std::string_view word : split(kWords[i].words, ' ')) out[std::string(word)] |= std::uint32_t{1} << i;
    return out;
  }();
  return words;
}

bool is_latin(utf8proc_int32_t c) { return c < 0x250 || (c >= 0x1E00 && c <= 0x1EFF) || (c >= 0xFF21 && c <= 0xFF5A); }

struct Tally {
  std::array<std::size_t, kWords.size()> hits{}, different{};
  std::unordered_set<std::string_view> met;  // of common_words()
  std::size_t words = 0, latin = 0, foreign = 0;

  void end_word(std::string& word) {
    if (word.size() > 1) {  // a single letter is a variable as often as a word
      ++words;
      if (const auto at = common_words().find(word); at != common_words().end()) {
        const bool first = met.insert(at->first).second;
        for (std::size_t i = 0; i < hits.size(); ++i) {
          const std::size_t common = at->second >> i & 1U;
          hits[i] += common;
          different[i] += first ? common : 0;
        }
      }
    }
    word.clear();
  }
};

Tally tally(std::string_view utf8) {
  Tally out;
  std::string word;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(utf8.data());
  const std::size_t end = std::min(utf8.size(), kMostBytes);
  for (std::size_t at = 0; at < end;) {
    utf8proc_int32_t c = 0;
    const auto read = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(utf8.size() - at), &c);
    at += read > 0 ? static_cast<std::size_t>(read) : 1;
    const utf8proc_category_t category = read > 0 ? utf8proc_category(c) : UTF8PROC_CATEGORY_CN;
    if (category < UTF8PROC_CATEGORY_LU || category > UTF8PROC_CATEGORY_LO) {
      out.end_word(word);
      continue;
    }
    ++(is_latin(c) ? out.latin : out.foreign);
    std::array<utf8proc_uint8_t, 4> small{};
    const auto size = utf8proc_encode_char(utf8proc_tolower(c), small.data());
    if (word.size() < 32) word.append(reinterpret_cast<const char*>(small.data()), static_cast<std::size_t>(size));
  }
  out.end_word(word);
  return out;
}

}  // namespace

std::string_view foreign_language(std::string_view utf8, std::span<const std::string> declared) {
  const Tally seen = tally(utf8);
  if (seen.foreign >= kLeastForeign && seen.foreign * 3 > seen.latin) return kOtherLanguage;
  const auto best = static_cast<std::size_t>(std::ranges::max_element(seen.hits) - seen.hits.begin());
  if (seen.words < kLeastWords || seen.different[best] < kLeastKnown || seen.hits[best] * 6 < seen.words) return {};
  for (std::size_t i = 0; i < kWords.size(); ++i)
    if (seen.hits[i] * 4 >= seen.hits[best] * 3 && std::ranges::find(declared, kWords[i].code) != declared.end()) return {};
  return kWords[best].code;
}

std::span<const std::string_view> known_languages() {
  static const auto codes = [] {
    std::array<std::string_view, kWords.size()> out;
    std::ranges::transform(kWords, out.begin(), &Words::code);
    return out;
  }();
  return codes;
}

}  // namespace demarc::privacy
