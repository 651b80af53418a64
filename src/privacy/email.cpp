// E-mail addresses (RFC 5321 as people write them): memchr finds every @, then both sides are read outwards. Quoted local parts are not covered.
#include <yaml-cpp/yaml.h>

#include <cstring>
#include <string>
#include <unordered_set>

#include "base/strings.hpp"
#include "privacy/all.hpp"
#include "privacy/chars.hpp"
#include "privacy/tables.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kLocalMax = 64, kDomainMax = 253;  // RFC 5321, section 4.5.3.1

// Letters of Latin, Greek and Cyrillic beyond ASCII are C3 to D4 in UTF-8. Other scripts stand without spaces around an address, so they end it.
bool is_european(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0xC3 && byte <= 0xD4;
}
bool is_tail(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

bool is_local(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (is_alnum(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-' || is_european(c)) return true;
  if (is_tail(c)) return at > 0 && is_european(text[at - 1]);
  return c == '\'' && at > 0 && is_letter(text[at - 1]) && is_letter(after(text, at + 1));
}

class EmailDetector final : public Detector {
 public:
  EmailDetector() {
    for (const auto& ending : YAML::Load(kNumbersYaml)["file_endings"]) file_endings_.insert(ending.as<std::string>());
  }
  [[nodiscard]] std::string_view name() const override { return "email"; }
  [[nodiscard]] std::vector<std::string_view> covers() const override { return {"EMAIL_ADDRESS"}; }

  void find(const Text& input, std::vector<Finding>& out) const override {
    const std::string_view text = input.text;
    std::size_t floor = 0;  // nothing before it belongs to a later address
    for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
      const std::size_t begin = local_begin(text, at, floor);
      const std::size_t end = domain_end(text, at + 1);
      floor = at + 1;
      if (begin == at || end == at + 1) continue;
      if (text.substr(begin, at - begin) == "git" && after(text, end) == ':') continue;  // git@host:path names a repository
      if (is_userinfo(text, begin)) continue;
      out.push_back({.type = "EMAIL_ADDRESS", .begin = begin, .end = end, .score = 1.0F, .reason = "@ and domain"});
      floor = end;
    }
  }

 private:
  static std::size_t local_begin(std::string_view text, std::size_t at, std::size_t floor) {
    std::size_t begin = at;
    while (begin > floor && at - begin < kLocalMax && is_local(text, begin - 1)) --begin;
    while (begin < at && (text[begin] == '.' || text[begin] == '-' || text[begin] == '%' || is_tail(text[begin]))) ++begin;
    if (begin < at && text[at - 1] == '.') return at;
    return begin;
  }

  // https://name:password@host, https://token@host: secrets, if anything
  static bool is_userinfo(std::string_view text, std::size_t begin) {
    std::size_t at = begin;
    while (at > 0 && begin - at < 256 && !is_blank(text[at - 1]) && std::string_view("/?#\"'<>").find(text[at - 1]) == std::string_view::npos) --at;
    return at >= 3 && text.substr(at - 3, 3) == "://";
  }

  // The end of the longest run of labels that ends in a top-level domain; `from` if there is none. Two numbers in front make it a version
  // (pkg@1.2.x).
  [[nodiscard]] std::size_t domain_end(std::string_view text, std::size_t from) const {
    std::size_t at = from, end = from;
    int numbers = 0;
    for (int labels = 1; numbers < 2; ++labels) {
      const std::size_t label = at;
      bool letters = true, digits = true;
      for (; at < text.size() && at - from < kDomainMax && is_label(text[at]); ++at) {
        letters = letters && text[at] != '-' && !is_digit(text[at]);
        digits = digits && is_digit(text[at]);
      }
      if (at == label || text[label] == '-' || is_tail(text[label])) break;
      numbers = digits && labels <= 2 ? numbers + 1 : numbers;
      if (labels > 1 && is_top_level(text.substr(label, at - label), letters)) end = at;
      if (after(text, at) != '.') break;
      ++at;
    }
    return numbers < 2 ? end : from;
  }
  static bool is_label(char c) { return is_alnum(c) || c == '-' || is_european(c) || is_tail(c); }

  [[nodiscard]] bool is_top_level(std::string_view word, bool letters) const {
    if (word.starts_with("xn--")) return true;
    return letters && word.size() >= 2 && word.size() <= 24 && !file_endings_.contains(to_lower(word));
  }

  std::unordered_set<std::string> file_endings_;
};

}  // namespace

std::unique_ptr<const Detector> make_email_detector() { return std::make_unique<EmailDetector>(); }

}  // namespace demarc::privacy
