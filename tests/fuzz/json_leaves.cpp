// What the strict reader of requests takes for JSON, the scanner of outgoing bytes takes for the same strings: no string can be meant for one alone.
#include "privacy/json_leaves.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "dialect/json/reader.hpp"
#include "fuzz.hpp"
#include "privacy/texts.hpp"

namespace demarc::fuzz {
namespace {

struct Token {
  Span span;
  std::string text;
  friend bool operator==(const Token& a, const Token& b) { return a.span.begin == b.span.begin && a.span.end == b.span.end && a.text == b.text; }
};

class Collect final : public dialect::JsonSink {
 public:
  explicit Collect(std::string_view json) : json_(json) {}
  bool open_object(std::size_t) override { return true; }
  bool close_object(std::size_t) override { return true; }
  bool open_array(std::size_t) override { return true; }
  bool close_array(std::size_t) override { return true; }
  bool key(dialect::JsonText raw, std::string_view name) override {
    tokens.push_back({raw.span, std::string(name)});
    return true;
  }
  bool string(dialect::JsonText raw) override {
    std::string text;
    if (!dialect::unescape(json_.substr(raw.span.begin + 1, raw.span.size() - 2), text)) return false;
    tokens.push_back({raw.span, text});
    return true;
  }
  bool number(Span span) override {
    tokens.push_back({span, std::string(json_.substr(span.begin, span.size()))});
    return true;
  }
  bool literal(Span) override { return true; }

  std::vector<Token> tokens;

 private:
  std::string_view json_;
};

std::vector<Token> leaves_of(std::string_view json, bool& whole) {
  std::vector<Token> tokens;
  whole = privacy::for_each_json_leaf(json, [&](const privacy::JsonLeaf& leaf) {
    CHECK(leaf.token.begin < leaf.token.end && leaf.token.end <= json.size());
    tokens.push_back({leaf.token, leaf.kind == privacy::LeafKind::number ? std::string(leaf.raw) : privacy::unescape_json(leaf.raw)});
    return privacy::Walk::on;
  });
  return tokens;
}

// Every text of a document written anew, in place: it stays the document that it was.
void check_rewrite(std::string_view json) {
  std::vector<privacy::NewText> news;
  std::vector<std::string> before, after;
  const auto nesting = privacy::walk_texts(json, {}, 6, [&](const std::vector<Span>& leaf, const privacy::Text& text) {
    news.push_back({leaf, std::string(text.text)});
    before.emplace_back(text.text);
    return privacy::Walk::on;
  });
  if (nesting != privacy::Nesting::whole || news.empty()) return;
  std::vector<const privacy::NewText*> list;
  for (const auto& one : news) list.push_back(&one);
  const std::string again = privacy::rewrite(json, list);
  (void)privacy::walk_texts(again, {}, 6, [&](const std::vector<Span>&, const privacy::Text& text) {
    after.emplace_back(text.text);
    return privacy::Walk::on;
  });
  if (is_utf8(json)) CHECK(before == after);
}

}  // namespace
}  // namespace demarc::fuzz

FUZZ(json_leaves) {
  std::string json(bytes);
  dialect::padded(json);
  Collect strict(json);
  const bool accepted = dialect::read_json(json, {}, strict).ok();
  bool whole = false;
  const std::vector<Token> mine = leaves_of(json, whole);
  if (accepted) {
    CHECK(whole);
    CHECK(mine == strict.tokens);
  }
  CHECK(whole || !privacy::is_json_document(json));
  check_rewrite(json);
}
