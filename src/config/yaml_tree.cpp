#include "config/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <utility>

#include "base/strings.hpp"

namespace demarc::config {
namespace {

struct Refused {     // thrown through yaml-cpp, caught in parse_yaml()
  int line, column;  // from 1
  const char* why;
  Refused(const YAML::Mark& mark, const char* because) : line(mark.line + 1), column(mark.column + 1), why(because) {}
  Refused(const YamlNode& node, const char* because) : line(node.line), column(node.column), why(because) {}
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  [[nodiscard]] YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(started_, true)) throw Refused{mark, "a second document; one file holds one"};
  }
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark& mark, const std::string& /*name*/) override { throw Refused{mark, kNoAnchors}; }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { throw Refused{mark, kNoAnchors}; }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(leaf(mark, anchor)); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    YamlNode node = leaf(mark, anchor);
    refuse_tag(mark, tag);
    node.kind = YamlKind::scalar, node.quoted = tag == "!", node.text = value;
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, YamlKind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, YamlKind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  static constexpr const char* kNoAnchors = "anchors and aliases are not read here; write the value out";

  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") throw Refused{mark, "tags are not read here"};
  }
  YamlNode leaf(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) throw Refused{mark, kNoAnchors};
    if (++nodes_ > kMaxYamlNodes) throw Refused{mark, "too many values"};
    YamlNode node;
    node.line = mark.line + 1, node.column = mark.column + 1;
    return node;
  }
  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlKind kind) {
    YamlNode node = leaf(mark, anchor);
    refuse_tag(mark, tag);
    if (open_.size() >= kMaxYamlDepth) throw Refused{mark, "nested too deeply"};
    node.kind = kind;
    open_.push_back(std::move(node));
  }
  void close() {
    YamlNode node = std::move(open_.back());
    open_.pop_back();
    add(std::move(node));
  }
  void add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    YamlNode& parent = open_.back();
    const bool is_key = parent.kind == YamlKind::map && parent.keys.size() == parent.items.size();
    if (is_key && node.kind != YamlKind::scalar) throw Refused(node, "a key must be a word");
    (is_key ? parent.keys : parent.items).push_back(std::move(node));
  }

  YamlNode root_;
  std::vector<YamlNode> open_;
  std::size_t nodes_ = 0;
  bool started_ = false;
};

ConfigProblem problem_at(const std::string& file, const YAML::Mark& mark, std::string message) {
  if (mark.is_null()) return {file, 0, 0, std::move(message)};
  return {file, mark.line + 1, mark.column + 1, std::move(message)};
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i].text == key) return &items[i];
  return nullptr;
}

Result<YamlNode, ConfigProblem> parse_yaml(std::string_view text, const std::string& file) {
  if (!is_utf8(text)) return fail(ConfigProblem{file, 0, 0, "not UTF-8"});
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    TreeBuilder builder;
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take();
  } catch (const Refused& refused) {
    return fail(ConfigProblem{file, refused.line, refused.column, refused.why});
  } catch (const YAML::Exception& error) {  // its message names the construct, never the contents
    return fail(problem_at(file, error.mark, "not YAML: " + error.msg));
  }
}

}  // namespace demarc::config
