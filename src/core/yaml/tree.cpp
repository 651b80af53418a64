#include "core/yaml/tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <set>
#include <sstream>
#include <utility>

#include "base/strings.hpp"

namespace demarc {
namespace {

class TreeBuilder final : public YAML::EventHandler {  // throws YamlProblem through yaml-cpp; parse_yaml() catches it
 public:
  explicit TreeBuilder(const YamlLimits& limits) : limits_(limits) {}
  [[nodiscard]] YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(started_, true)) refuse(mark, "a second document; one file holds one");
  }
  void OnDocumentEnd() override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { refuse(mark, kNoAnchors); }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(start(mark, "", anchor, YamlKind::null)); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    YamlNode node = start(mark, tag, anchor, YamlKind::scalar);
    node.quoted = tag == "!", node.text = value;
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/) override {
    open(start(mark, tag, anchor, YamlKind::list));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/) override {
    open(start(mark, tag, anchor, YamlKind::map));
  }
  void OnMapEnd() override { close(); }

 private:
  static constexpr const char* kNoAnchors = "anchors and aliases are not read here; write the value out";
  struct Open {
    YamlNode node;
    std::set<std::string, std::less<>> met{};  // a map's keys so far
  };

  [[noreturn]] static void refuse(const YAML::Mark& mark, std::string message) {
    throw YamlProblem{mark.line + 1, mark.column + 1, std::move(message)};
  }
  [[noreturn]] static void refuse(const YamlNode& at, std::string message) { throw YamlProblem{at.line, at.column, std::move(message)}; }

  YamlNode start(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlKind kind) {
    if (anchor != 0) refuse(mark, kNoAnchors);
    if (!tag.empty() && tag != "?" && tag != "!") refuse(mark, "tags are not read here");
    if (++nodes_ > limits_.nodes) refuse(mark, "too many values: at most " + std::to_string(limits_.nodes));
    YamlNode node;
    node.kind = kind, node.line = mark.line + 1, node.column = mark.column + 1;
    return node;
  }
  void open(YamlNode node) {
    if (open_.size() >= limits_.depth) refuse(node, "nested too deeply: at most " + std::to_string(limits_.depth) + " levels");
    open_.push_back({std::move(node)});
  }
  void close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }
  void add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    YamlNode& parent = open_.back().node;
    const bool is_key = parent.kind == YamlKind::map && parent.keys.size() == parent.items.size();
    if (is_key) check_key(node);
    (is_key ? parent.keys : parent.items).push_back(std::move(node));
  }
  void check_key(const YamlNode& key) {
    if (key.kind != YamlKind::scalar) refuse(key, "a key must be a word");
    if (limits_.duplicate_keys == DuplicateKeys::kept) return;
    if (!open_.back().met.insert(key.text).second) refuse(key, "duplicate key \"" + key.text + '"');
  }

  YamlLimits limits_;
  YamlNode root_;
  std::vector<Open> open_;
  std::size_t nodes_ = 0;
  bool started_ = false;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i].text == key) return &items[i];
  return nullptr;
}

Result<YamlNode, YamlProblem> parse_yaml(std::string_view text, const YamlLimits& limits) {
  if (text.size() > limits.bytes) return fail(YamlProblem{.message = "larger than " + std::to_string(limits.bytes >> 20) + " MiB"});
  if (!is_utf8(text) || text.find('\0') != std::string_view::npos) return fail(YamlProblem{.message = "not UTF-8 text"});
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    TreeBuilder builder(limits);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take();
  } catch (YamlProblem& problem) {
    return fail(std::move(problem));
  } catch (const YAML::Exception& error) {  // its message names the construct, never the contents
    const bool placed = !error.mark.is_null();
    return fail(YamlProblem{placed ? error.mark.line + 1 : 0, placed ? error.mark.column + 1 : 0, "not YAML: " + error.msg});
  }
}

}  // namespace demarc
