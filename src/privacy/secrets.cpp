// One pass over the text finds the literals (literal_search.hpp); where one stands, its RE2 decides, anchored there.
#include "privacy/secrets.hpp"

#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include "base/check.hpp"
#include "base/strings.hpp"
#include "core/request.hpp"
#include "privacy/all.hpp"
#include "privacy/chars.hpp"
#include "privacy/tables.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kReach = 18 << 10;  // bytes that a pattern may look at; the longest is a PEM block of 16,000

constexpr std::size_t kExtendMax = 512;

std::string without_mark(std::string text) {
  constexpr std::string_view kMark = "¦";
  for (std::size_t at = text.find(kMark); at != std::string::npos; at = text.find(kMark)) text.erase(at, kMark.size());
  return text;
}

std::vector<std::string> read_examples(const YAML::Node& list) {
  std::vector<std::string> out;
  for (const auto& one : list) out.push_back(without_mark(one.as<std::string>()));
  return out;
}

// What people write where a secret would stand: ${X}, <key>, your_api_key, xxxx, process.env.X. Judged on what was matched only.
bool is_stand_in(std::string_view text) {
  const std::string small = to_lower(text.substr(0, 64));
  for (std::string_view word : {"${", "{{", "$(", "your", "<", "xxxx", "****", "....", "process.env", "os.environ", "os.getenv", "secrets.",
                                "changeme", "sha256", "sha512", "base64", "bcrypt"}) {
    if (small.find(word) != std::string::npos) return true;
  }
  return false;
}

// "pattern openai_key, 4.7 bits"
std::string reason_of(const SecretPattern& pattern, double bits) {
  char number[16];
  const auto end = std::to_chars(number, number + sizeof number, bits, std::chars_format::fixed, 1).ptr;
  std::string out;
  out.reserve(pattern.kind.size() + 32);
  return out.append("pattern ").append(pattern.kind).append(", ").append(number, end).append(" bits");
}

struct Compiled {
  SecretPattern pattern;
  std::unique_ptr<re2::RE2> regex;
};

class SecretScanner final : public LiteralScanner {
 public:
  SecretScanner() {
    for (SecretPattern& pattern : read_secret_patterns()) {
      re2::RE2::Options options(re2::RE2::Quiet);
      options.set_encoding(re2::RE2::Options::EncodingLatin1);
      options.set_max_mem(16 << 20);
      auto regex = std::make_unique<re2::RE2>(pattern.regex, options);
      CHECK(regex->ok() && regex->NumberOfCapturingGroups() <= 1);
      compiled_.push_back(std::make_unique<Compiled>(Compiled{std::move(pattern), std::move(regex)}));
    }
    for (const auto& compiled : compiled_) {
      for (const std::string& literal : compiled->pattern.literals) {
        literals_.push_back({literal, compiled->pattern.any_case ? LetterCase::any : LetterCase::exact});
        owners_.push_back(compiled.get());
      }
    }
  }
  [[nodiscard]] std::vector<std::string_view> covers() const override { return {"SECRET"}; }
  [[nodiscard]] const std::vector<Literal>& literals() const override { return literals_; }
  void look(std::string_view text, std::size_t literal, std::size_t at, std::vector<Finding>& out) const override {
    const SecretPattern& pattern = owners_[literal]->pattern;
    if (at >= pattern.back && (pattern.loose || !is_alnum(before(text, at)))) confirm(text, at, *owners_[literal], out);
  }

 private:
  static void confirm(std::string_view text, std::size_t at, const Compiled& compiled, std::vector<Finding>& out) {
    const std::size_t begin = at - compiled.pattern.back;
    const std::string_view window = text.substr(begin, kReach);
    std::array<re2::StringPiece, 2> groups;
    const int count = compiled.regex->NumberOfCapturingGroups() + 1;
    if (!compiled.regex->Match({window.data(), window.size()}, 0, window.size(), re2::RE2::ANCHOR_START, groups.data(), count)) return;
    const re2::StringPiece& secret = groups[static_cast<std::size_t>(count) - 1];
    const std::string& extend = compiled.pattern.extend;
    const std::size_t from = begin + static_cast<std::size_t>(secret.data() - window.data());
    std::size_t end = from + secret.size();
    if (end == begin + kReach) end = long_end(text, end);
    while (!extend.empty() && end < text.size() && end - from < kExtendMax && (is_alnum(text[end]) || extend.find(text[end]) != std::string::npos))
      ++end;
    accept(compiled.pattern, text.substr(from, end - from), from, text, out);
  }

  // What fills the window goes on as long as it looks the same.
  static std::size_t long_end(std::string_view text, std::size_t at) {
    while (at < text.size() && (is_alnum(text[at]) || std::string_view("+/=_-.\\\r\n").find(text[at]) != std::string_view::npos)) ++at;
    return at;
  }

  // What keep_best() would drop in any case: several patterns see most secrets.
  static bool is_within_known(const SecretPattern& pattern, float score, Span span, const std::vector<Finding>& out) {
    constexpr std::size_t kLast = 8;
    return std::ranges::any_of(std::span(out).last(std::min(out.size(), kLast)), [&](const Finding& known) {
      if (known.type != "SECRET" || span.begin < known.begin || known.end < span.end) return false;
      const bool same = known.begin == span.begin && known.end == span.end;
      return !same || known.score > score || (known.score == score && known.kind <= pattern.kind);
    });
  }

  static void accept(const SecretPattern& pattern, std::string_view secret, std::size_t begin, std::string_view text, std::vector<Finding>& out) {
    const std::size_t end = begin + secret.size();
    if (is_alnum(secret.back()) && is_alnum(after(text, end)) && secret.size() < kExtendMax) return;  // longer than any of its kind
    if (pattern.needs_digit && !has_digit_and_letter(secret)) return;
    const float score = pattern.guess ? 0.7F : 0.95F;
    if (is_within_known(pattern, score, {begin, end}, out)) return;
    const double bits = entropy_bits(secret);
    if (bits < pattern.entropy) return;
    if (pattern.guess && is_stand_in(secret)) return;
    out.push_back({.type = "SECRET", .kind = pattern.kind, .begin = begin, .end = end, .score = score, .reason = reason_of(pattern, bits)});
  }

  std::vector<std::unique_ptr<const Compiled>> compiled_;
  std::vector<const Compiled*> owners_;  // by number of the literal
  std::vector<Literal> literals_;
};

}  // namespace

std::vector<SecretPattern> read_secret_patterns() {
  std::vector<SecretPattern> out;
  for (const auto& row : YAML::Load(kPatternsYaml)["patterns"]) {
    out.push_back({.kind = row["kind"].as<std::string>(),
                   .literals = row["literals"].as<std::vector<std::string>>(),
                   .regex = row["regex"].as<std::string>(),
                   .source = row["source"].as<std::string>(),
                   .entropy = row["entropy"].as<double>(0),
                   .needs_digit = row["needs_digit"].as<bool>(false),
                   .any_case = row["any_case"].as<bool>(false),
                   .guess = row["guess"].as<bool>(false),
                   .loose = row["loose"].as<bool>(false),
                   .extend = row["extend"].as<std::string>(""),
                   .back = row["back"].as<std::size_t>(0),
                   .examples = read_examples(row["examples"]),
                   .counter_examples = read_examples(row["not"])});
  }
  return out;
}

// log2(size) less the mean, over all bytes, of log2(how often that byte is there).
double entropy_bits(std::string_view text) {
  static const std::array<double, 256> logs = [] {
    std::array<double, 256> out{};
    for (std::size_t n = 1; n < out.size(); ++n) out[n] = std::log2(static_cast<double>(n));
    return out;
  }();
  const auto log = [](std::size_t n) { return n < logs.size() ? logs[n] : std::log2(static_cast<double>(n)); };
  std::array<std::size_t, 256> seen{};
  for (char c : text) ++seen[static_cast<unsigned char>(c)];
  double sum = 0;
  for (char c : text) {
    std::size_t& n = seen[static_cast<unsigned char>(c)];
    sum += static_cast<double>(n) * log(n);
    n = 0;
  }
  return text.empty() ? 0 : log(text.size()) - sum / static_cast<double>(text.size());
}

std::unique_ptr<const LiteralScanner> make_secret_scanner() { return std::make_unique<SecretScanner>(); }

}  // namespace demarc::privacy
