#include "privacy/join_models.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

#include "privacy/chars.hpp"
#include "privacy/direct_first.hpp"

namespace demarc::privacy {
namespace {

constexpr std::string_view kStreet = "STREET_ADDRESS", kPlace = "LOCATION", kPerson = "PERSON", kCompany = "ORGANIZATION";
constexpr float kSureCompany = 0.9F;
constexpr std::size_t kBeside = 4, kWordsBefore = 16;  // bytes
constexpr std::array<std::string_view, 6> kAddressWords = {"zip", "post", "plz", "addr", "box", "code"};

bool fits_address(const Finding& finding) { return finding.type == kStreet || finding.type == kPlace; }

bool has_letter(std::string_view text, const Finding& finding) {
  const std::string_view of = text.substr(finding.begin, finding.end - finding.begin);
  return std::ranges::any_of(of, [](char c) { return is_letter(c) || static_cast<unsigned char>(c) >= 0x80; });
}

bool names_a_company(const Finding& person, const std::vector<Finding>& tagger) {
  return std::ranges::any_of(tagger, [&](const Finding& other) {
    return other.type == kCompany && other.score >= kSureCompany && other.begin <= person.begin && person.end <= other.end &&
           other.end - other.begin > person.end - person.begin;
  });
}

bool stands_beside(const Finding& a, const Finding& b) {
  if (a.begin < b.end && b.begin < a.end) return true;
  return a.end <= b.begin ? b.begin - a.end <= kBeside : a.begin - b.end <= kBeside;
}

bool has_address_word(std::string_view text, const Finding& finding) {
  const std::size_t from = finding.begin - std::min(finding.begin, kWordsBefore);
  std::string before(text.substr(from, finding.begin - from));
  for (char& c : before) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return std::ranges::any_of(kAddressWords, [&](std::string_view word) { return before.find(word) != std::string::npos; });
}

bool lone_number(std::string_view text, const Finding& finding, const std::vector<Finding>& all) {
  if (finding.type != kStreet || has_letter(text, finding) || has_address_word(text, finding)) return false;
  return std::ranges::none_of(all,
                              [&](const Finding& other) { return fits_address(other) && has_letter(text, other) && stands_beside(finding, other); });
}

// "12 Main St" and the "Springfield" behind it are one address: the town is part of what must not leave.
void join_addresses(std::string_view text, std::vector<Finding>& findings) {
  const auto joins = [&](const Finding& a, const Finding& b) {
    const bool street = a.type == kStreet || b.type == kStreet;
    const auto fits = [](const Finding& f) { return f.type == kStreet || f.type == kPlace; };
    if (!street || !fits(a) || !fits(b) || b.begin < a.end) return false;
    const std::string_view between = text.substr(a.end, b.begin - a.end);
    return between.size() <= 4 && between.find_first_not_of(" ,.\n\r\t-") == std::string_view::npos;
  };
  for (std::size_t i = 0; i + 1 < findings.size();) {
    if (!joins(findings[i], findings[i + 1])) {
      ++i;
      continue;
    }
    findings[i].type = kStreet;
    findings[i].end = findings[i + 1].end;
    findings[i].score = std::min(findings[i].score, findings[i + 1].score);
    findings.erase(findings.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    if (i > 0) --i;
  }
}

}  // namespace

std::vector<Finding> join_models(std::string_view text, std::vector<Finding> network, std::vector<Finding> tagger) {
  std::erase_if(network, [&](const Finding& finding) { return finding.type == kPerson && names_a_company(finding, tagger); });
  std::vector<Finding> all = std::move(network);
  std::ranges::move(tagger, std::back_inserter(all));
  std::vector<Finding> findings;
  std::ranges::copy_if(all, std::back_inserter(findings), [&](const Finding& finding) { return !lone_number(text, finding, all); });
  direct_first(text, findings);
  join_addresses(text, findings);
  return findings;
}

}  // namespace demarc::privacy
