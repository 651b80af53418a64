#include "privacy/texts.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "core/json/writer.hpp"
#include "privacy/chars.hpp"
#include "privacy/json_leaves.hpp"

namespace demarc::privacy {
namespace {

// Names of every message's fields say nothing of what stands in them.
std::string_view telling(std::string_view label) { return label == "content" || label == "text" || label == "input" ? std::string_view{} : label; }

using Visit = std::function<Walk(const std::vector<Span>&, const Text&)>;

struct Walker {
  const Visit& visit;
  std::uint32_t depth;
  std::vector<Span> leaf{};
  bool stopped = false, too_deep = false;

  void walk(std::string_view text, std::string_view label) {
    if (stopped) return;
    if (!is_json_document(text)) {
      stopped = visit(leaf, {text, label}) == Walk::stop;
      return;
    }
    if (leaf.size() >= depth) {
      too_deep = stopped = true;
      return;
    }
    for_each_json_leaf(text, [&](const JsonLeaf& found) {
      leaf.push_back(found.token);
      const bool escaped = found.raw.find('\\') != std::string_view::npos;
      const std::string decoded = escaped ? unescape_json(found.raw) : std::string();
      walk(escaped ? std::string_view(decoded) : found.raw, telling(found.label));
      leaf.pop_back();
      return stopped ? Walk::stop : Walk::on;
    });
  }
};

}  // namespace

Nesting walk_texts(std::string_view text, std::string_view label, std::uint32_t depth, const Visit& visit) {
  Walker walker{visit, depth};
  walker.walk(text, label);
  return walker.too_deep ? Nesting::too_deep : Nesting::whole;
}

std::string_view label_of(std::string_view path) {
  while (path.ends_with(']')) path = path.substr(0, path.rfind('['));
  const std::size_t dot = path.rfind('.');
  const std::string_view label = dot == std::string_view::npos ? path : path.substr(dot + 1);
  return telling(label);
}

std::string rewrite(std::string_view text, const std::vector<const NewText*>& news, std::size_t depth) {
  if (news.size() == 1 && news[0]->leaf.size() == depth) return news[0]->text;
  Edits edits;
  for (auto first = news.begin(); first != news.end();) {
    CHECK((*first)->leaf.size() > depth);
    const Span token = (*first)->leaf[depth];
    const auto last =
        std::find_if(first, news.end(), [&](const NewText* n) { return n->leaf.size() <= depth || n->leaf[depth].begin != token.begin; });
    const std::string_view written = text.substr(token.begin, token.size());
    const std::string inside = written.starts_with('"') ? unescape_json(written.substr(1, written.size() - 2)) : std::string(written);
    edits.push_back({token, json_string(rewrite(inside, {first, last}, depth + 1))});
    first = last;
  }
  return demarc::apply(text, std::move(edits));
}

}  // namespace demarc::privacy
