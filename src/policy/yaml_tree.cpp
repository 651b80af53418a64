#include "policy/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <set>
#include <sstream>

#include "base/strings.hpp"

namespace demarc::policy {
namespace {

struct Refusal {  // thrown out of yaml-cpp's callbacks, caught in parse_yaml
  int line, column;
  std::string message;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(YamlLimits limits) : limits_(limits) {}
  YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(start(mark, "", anchor, YamlKind::null)); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark, "YAML aliases are not allowed: write the value out"); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    YamlNode node = start(mark, tag, anchor, YamlKind::scalar);
    node.text = value, node.quoted = tag == "!";
    leaf(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(start(mark, tag, anchor, YamlKind::list));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(start(mark, tag, anchor, YamlKind::map));
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    YamlNode node;
    YamlNode key{};
    bool has_key = false;
    std::set<std::string, std::less<>> keys{};
  };

  [[noreturn]] static void refuse(const YAML::Mark& mark, std::string message) { throw Refusal{mark.line + 1, mark.column + 1, std::move(message)}; }

  YamlNode start(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlKind kind) {
    if (anchor != 0) refuse(mark, "YAML anchors are not allowed: write the value out");
    if (!tag.empty() && tag != "?" && tag != "!") refuse(mark, "YAML tags are not allowed");
    if (++nodes_ > limits_.nodes) refuse(mark, "too many values: at most " + std::to_string(limits_.nodes));
    YamlNode node;
    node.kind = kind, node.line = mark.line + 1, node.column = mark.column + 1;
    return node;
  }
  void open(YamlNode node) {
    if (frames_.size() >= limits_.depth)
      throw Refusal{node.line, node.column, "nested too deeply: at most " + std::to_string(limits_.depth) + " levels"};
    frames_.push_back({std::move(node)});
  }
  void close() {
    YamlNode node = std::move(frames_.back().node);
    frames_.pop_back();
    leaf(std::move(node));
  }
  void leaf(YamlNode node) {
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node.kind == YamlKind::list) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.has_key) {
      if (node.kind != YamlKind::scalar) throw Refusal{node.line, node.column, "a key must be a word"};
      if (!frame.keys.insert(node.text).second) throw Refusal{node.line, node.column, "duplicate key \"" + node.text + '"'};
      frame.key = std::move(node), frame.has_key = true;
    } else {
      frame.node.keys.push_back(std::move(frame.key)), frame.node.items.push_back(std::move(node));
      frame.has_key = false;
    }
  }

  YamlLimits limits_;
  std::size_t nodes_ = 0;
  YamlNode root_;
  std::vector<Frame> frames_;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i].text == key) return &items[i];
  return nullptr;
}

Result<YamlNode, PolicyProblem> parse_yaml(std::string_view text, std::string_view file, YamlLimits limits) {
  const auto problem = [&](int line, int column, std::string message) {
    return fail(PolicyProblem{Severity::error, std::string(file), line, column, std::move(message)});
  };
  if (!is_utf8(text) || text.find('\0') != std::string_view::npos) return problem(0, 0, "not UTF-8 text");
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(limits);
    if (!parser.HandleNextDocument(builder)) return problem(0, 0, "the file is empty");
    YamlNode root = builder.take();
    TreeBuilder rest(limits);
    if (parser.HandleNextDocument(rest)) {
      const YamlNode second = rest.take();
      return problem(second.line, second.column, "a second YAML document: a file holds one");
    }
    return root;
  } catch (const Refusal& refusal) {
    return problem(refusal.line, refusal.column, refusal.message);
  } catch (const YAML::Exception& error) {
    return problem(error.mark.line + 1, error.mark.column + 1, "not YAML: " + error.msg);
  }
}

}  // namespace demarc::policy
