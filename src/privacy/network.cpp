// IP and MAC addresses.
//
// IPv4: four numbers of 0 to 255 without leading zeros; not after a word such as "version", "v", a product and slash, nor as part of a longer dotted
// number.
//   Four single digits (1.2.3.4) need a word such as "host" beside them. Loopback, 0.0.0.0 and masks are nobody's address.
// IPv6 (RFC 4291): eight groups, or "::" once, with a first group of 2000::/3, fc00::/7, fe80::/10 or ff00::/8, so that C++ names are none.
// MAC: six pairs with ':' or '-', or three groups of four with '.'; neither all zeros nor all ones.
#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "base/strings.hpp"
#include "privacy/all.hpp"
#include "privacy/chars.hpp"
#include "privacy/context.hpp"

namespace demarc::privacy {
namespace {

bool is_in_url(std::string_view text, std::size_t at) {
  constexpr std::size_t kLongest_bytes = 2'048;
  for (const std::size_t least = at - std::min(at, kLongest_bytes); at > least && !is_blank(text[at - 1]); --at)
    if (text.substr(at - 1).starts_with("//")) return true;
  return false;
}

bool is_version_before(const Text& text, std::size_t begin, std::size_t end) {
  const char left = before(text.text, begin);
  if ((left == '/' || left == '-') && begin >= 2 && is_letter(text.text[begin - 2])) {
    return left == '-' || !is_in_url(text.text, begin);  // Chrome/120.0.0.0; in a URL's path it may be a host
  }
  const auto& context = Context::instance();  // the words before decide alone here
  return context.nearest(text, begin, text.text.size(), Topic::version) == Topic::version &&
         context.nearest(text, begin, end, Topic::ip) != Topic::ip;
}

struct Quad {
  std::array<unsigned, 4> octets{};
  std::size_t end = 0;  // 0: it is none
};

Quad read_quad(std::string_view text, std::size_t begin) {
  Quad quad;
  std::size_t at = begin;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t digits = at;
    while (at < text.size() && at - digits < 4 && is_digit(text[at])) quad.octets[i] = quad.octets[i] * 10 + static_cast<unsigned>(text[at++] - '0');
    if (at == digits || quad.octets[i] > 255 || (text[digits] == '0' && at - digits > 1)) return {};
    if (i < 3 && after(text, at++) != '.') return {};
  }
  quad.end = at;
  return quad;
}

bool is_nobody(const Quad& q) {
  return q.octets[0] == 127 || q.octets[0] == 0 || (q.octets[0] == 255 && q.octets[3] % 2 == 0) || (q.octets[0] == 255 && q.octets[1] == 255);
}

void find_ipv4(const Text& text, const Digits& digits, std::vector<Finding>& out) {
  const std::string_view all = text.text;
  for (std::size_t dot = digits.next_joint(0); dot < all.size(); dot = digits.next_joint(dot + 1)) {
    if (all[dot] != '.') continue;
    std::size_t begin = dot;
    while (begin > 0 && dot - begin < 4 && is_digit(all[begin - 1])) --begin;
    const char left = before(all, begin);
    if (is_alnum(left) || left == '.' || left == '_') continue;
    const Quad quad = read_quad(all, begin);
    if (quad.end == 0) continue;
    const char right = after(all, quad.end);
    if (is_alnum(right) || right == '_' || (right == '.' && is_digit(after(all, quad.end + 1))) || is_nobody(quad)) continue;
    const bool small = quad.octets[0] < 10 && quad.octets[1] < 10 && quad.octets[2] < 10 && quad.octets[3] < 10;
    const bool named = Context::instance().nearest(text, begin, quad.end, Topic::ip) == Topic::ip;
    if (is_version_before(text, begin, quad.end)) continue;
    const bool in_use = right == '/' || right == ':' || (left == '/' && begin >= 2 && all[begin - 2] == '/');
    if (small && !named && !in_use) continue;
    out.push_back(
        {.type = "IP_ADDRESS", .begin = begin, .end = quad.end, .score = named ? 1.0F : 0.85F, .reason = named ? word_beside(Topic::ip) : "IPv4"});
    dot = quad.end - 1;
  }
}

bool is_colon_word(char c) { return is_hex(c) || c == ':'; }

bool is_mac(std::string_view word) {
  const auto groups = [&](char separator, std::size_t digits) {
    if (word.size() != 12 + 12 / digits - 1) return false;
    for (std::size_t i = 0; i < word.size(); ++i)
      if (i % (digits + 1) == digits ? word[i] != separator : !is_hex(word[i])) return false;
    return true;
  };
  return (groups(':', 2) || groups('-', 2) || groups('.', 4)) && word.find_first_not_of("0:-.") != std::string_view::npos &&
         word.find_first_not_of("fF:-.") != std::string_view::npos;
}

bool is_ipv6(std::string_view word) {
  std::size_t groups = 0, group = 0, gaps = 0;
  bool digit = false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == ':') {
      if (group == 0 && i != 0 && word[i - 1] != ':') return false;
      if (i + 1 < word.size() && word[i + 1] == ':') ++gaps;
      group = 0;
    } else {
      digit = digit || is_digit(word[i]);
      groups += group++ == 0 ? 1 : 0;
      if (group > 4) return false;
    }
  }
  if (!digit || gaps > 1 || groups > 8 || (gaps == 0 && groups != 8) || (gaps == 1 && groups > 7)) return false;
  if (word.front() == ':' || (word.back() == ':' && !word.ends_with("::"))) return false;
  const std::string_view first = word.substr(0, word.find(':'));
  if (gaps == 0) return true;
  if (first.size() != 4 || groups < 2) return false;
  const char a = first[0], b = ascii_lower(first[1]);
  if (a == '2' || a == '3') return true;
  return ascii_lower(a) == 'f' && (b == 'c' || b == 'd' || b == 'e' || b == 'f');
}

void find_colons(const Text& text, std::vector<Finding>& out) {
  const std::string_view all = text.text;
  for (std::size_t at = all.find(':'); at != std::string_view::npos; at = all.find(':', at)) {
    std::size_t begin = at, end = at;
    while (begin > 0 && at - begin < 5 && is_hex(all[begin - 1])) --begin;
    while (end < all.size() && end - begin < 41 && is_colon_word(all[end])) ++end;
    if (end == at + 1 && begin == at) {
      ++at;
      continue;
    }
    while (end > begin + 2 && all[end - 1] == ':' && all[end - 2] != ':') --end;  // "at fe80::1: no route"
    const char left = before(all, begin), right = after(all, end);
    const bool whole = !is_alnum(left) && left != '_' && left != ':' && !is_alnum(right) && right != '_';
    const std::string_view word = all.substr(begin, end - begin);
    if (whole && is_mac(word))
      out.push_back({.type = "MAC_ADDRESS", .begin = begin, .end = end, .score = 0.95F, .reason = "six pairs"});
    else if (whole && is_ipv6(word))
      out.push_back({.type = "IP_ADDRESS", .begin = begin, .end = end, .score = 0.95F, .reason = "IPv6"});
    at = std::max(end, at + 1);
  }
}

void find_hyphen_macs(const Text& text, std::vector<Finding>& out) {
  const std::string_view all = text.text;
  for (std::size_t at = all.find('-'); at != std::string_view::npos; at = all.find('-', at + 1)) {
    if (at < 2 || at + 15 > all.size() || all[at + 3] != '-' || !is_mac(all.substr(at - 2, 17))) continue;
    const char left = before(all, at - 2), right = after(all, at + 15);
    if (is_alnum(left) || left == '-' || is_alnum(right) || right == '-') continue;
    out.push_back({.type = "MAC_ADDRESS", .begin = at - 2, .end = at + 15, .score = 0.9F, .reason = "six pairs"});
    at += 14;
  }
}

// As Cisco writes them; in digits alone it is some other number.
void find_dotted_macs(const Text& text, std::vector<Finding>& out) {
  constexpr std::size_t kGroup = 4, kSize = 3 * kGroup + 2;
  const std::string_view all = text.text;
  for (std::size_t dot = all.find('.'); dot != std::string_view::npos; dot = all.find('.', dot + 1)) {
    if (dot < kGroup || after(all, dot + kGroup + 1) != '.') continue;
    const std::size_t begin = dot - kGroup, end = begin + kSize;
    const std::string_view word = all.substr(begin, kSize);
    if (!is_mac(word) || std::ranges::none_of(word, is_letter)) continue;
    const char left = before(all, begin), right = after(all, end);
    if (is_alnum(left) || left == '.' || left == '_' || is_alnum(right) || right == '_' || (right == '.' && is_alnum(after(all, end + 1)))) continue;
    out.push_back({.type = "MAC_ADDRESS", .begin = begin, .end = end, .score = 0.9F, .reason = "three groups"});
  }
}

class NetworkDetector final : public Detector {
 public:
  [[nodiscard]] std::string_view name() const override { return "network"; }
  [[nodiscard]] std::vector<std::string_view> covers() const override { return {"IP_ADDRESS", "MAC_ADDRESS"}; }
  void find(const Text& text, std::vector<Finding>& out) const override {
    find_colons(text, out);
    find_hyphen_macs(text, out);
    find_dotted_macs(text, out);
  }
};

class Ipv4Scanner final : public DigitScanner {
 public:
  [[nodiscard]] std::vector<std::string_view> covers() const override { return {"IP_ADDRESS"}; }
  void find(const Text& text, const Digits& digits, std::vector<Finding>& out) const override { find_ipv4(text, digits, out); }
};

}  // namespace

std::unique_ptr<const DigitScanner> make_ipv4_scanner() { return std::make_unique<Ipv4Scanner>(); }
std::unique_ptr<const Detector> make_network_detector() { return std::make_unique<NetworkDetector>(); }

}  // namespace demarc::privacy
