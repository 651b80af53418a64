#include "planning/size/engine_profile.hpp"

#include <algorithm>

#include "core/yaml/tree.hpp"
#include "planning/model/decimal.hpp"

namespace demarc::planning {
namespace {

std::optional<double> positive(const YamlNode* node) {
  const auto number = node == nullptr ? std::nullopt : Decimal::parse(node->text);
  return number && *number > Decimal() ? std::optional(number->to_double()) : std::nullopt;
}

}  // namespace

double EngineProfile::decode_tokens_per_s(int concurrent) const {
  if (concurrent <= decode.front().concurrent) return decode.front().tokens_per_s * std::max(concurrent, 0) / decode.front().concurrent;
  for (std::size_t i = 1; i < decode.size(); ++i)
    if (concurrent <= decode[i].concurrent) {
      const DecodePoint &low = decode[i - 1], &high = decode[i];
      return low.tokens_per_s + (high.tokens_per_s - low.tokens_per_s) * (concurrent - low.concurrent) / (high.concurrent - low.concurrent);
    }
  return decode.back().tokens_per_s;
}

double EngineProfile::most_tokens_per_s() const {
  double most = 0;
  for (const DecodePoint& point : decode)
    if (point.concurrent <= slots) most = std::max(most, point.tokens_per_s);
  return std::max(most, decode_tokens_per_s(slots));
}

Result<std::vector<EngineProfile>, std::string> read_profiles(std::string_view yaml, const std::string& file) {
  const auto root = parse_yaml(yaml);
  if (!root) return fail(file + ":" + std::to_string(root.error().line) + ": " + root.error().message);
  const YamlNode* list = root->kind == YamlKind::map ? root->find("profiles") : nullptr;
  if (list == nullptr || list->kind != YamlKind::list || list->items.empty()) return fail(file + ": a list `profiles` belongs here");
  std::vector<EngineProfile> out;
  for (const YamlNode& item : list->items) {
    const auto wrong = [&](std::string_view what) { return fail(file + ":" + std::to_string(item.line) + ": " + std::string(what)); };
    if (item.kind != YamlKind::map || item.find("name") == nullptr) return wrong("a profile needs a name");
    EngineProfile profile{.name = item.find("name")->text};
    const auto slots = positive(item.find("slots")), prefill = positive(item.find("prefill_tokens_per_s"));
    if (!slots || *slots > 100'000 || !prefill) return wrong("slots (1 to 100,000) and prefill_tokens_per_s belong here");
    profile.slots = static_cast<int>(*slots), profile.prefill_tokens_per_s = *prefill;
    if (const YamlNode* source = item.find("source")) profile.source = source->text;
    if (const YamlNode* date = item.find("date")) profile.date = date->text;
    const YamlNode* decode = item.find("decode");
    if (decode == nullptr || decode->items.empty()) return wrong("decode lists {concurrent, tokens_per_s}, at least one");
    for (const YamlNode& point : decode->items) {
      const auto concurrent = positive(point.find("concurrent")), tokens = positive(point.find("tokens_per_s"));
      if (!concurrent || !tokens || (!profile.decode.empty() && *concurrent <= profile.decode.back().concurrent))
        return wrong("decode rises in concurrent, both numbers above 0");
      profile.decode.push_back({static_cast<int>(*concurrent), *tokens});
    }
    out.push_back(std::move(profile));
  }
  return out;
}

}  // namespace demarc::planning
