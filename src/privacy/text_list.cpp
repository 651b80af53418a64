#include "privacy/text_list.hpp"

#include "core/json/writer.hpp"
#include "privacy/json_leaves.hpp"

namespace demarc::privacy {
namespace {
constexpr std::string_view kGap = "\n\n";
}

std::string list_of(const std::vector<std::string>& texts) {
  if (texts.empty()) return {};
  std::string out;
  JsonWriter json(out);
  json.array([&] {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (i > 0) json.value(kGap);
      json.value(texts[i]);
    }
  });
  return out;
}

std::optional<std::vector<std::string>> texts_of(std::string_view list) {
  std::vector<std::string> texts;
  std::size_t at = 0;
  const bool whole = for_each_json_leaf(list, [&](const JsonLeaf& leaf) {
    if (at++ % 2 == 0) texts.push_back(unescape_json(leaf.raw));
    return Walk::on;
  });
  if (!whole) return std::nullopt;
  return texts;
}

}  // namespace demarc::privacy
