#include "dialect/json/tree.hpp"

#include <charconv>
#include <cstdlib>

namespace demarc::dialect {

class TreeBuilder final : public JsonSink {
 public:
  TreeBuilder(JsonTree& tree, std::size_t kept_depth) : tree_(tree), kept_depth_(kept_depth) {
    tree_.nodes_.assign(1, {});
    tree_.keys_.clear();
    open_.reserve(8);
  }
  bool open_object(std::size_t at) override { return open(JsonType::object, at); }
  bool open_array(std::size_t at) override { return open(JsonType::array, at); }
  bool close_object(std::size_t end) override { return close(end); }
  bool close_array(std::size_t end) override { return close(end); }
  bool key(JsonText raw, std::string_view name) override {
    if (open_.size() > kept_depth_) return true;
    key_ = {raw.span.begin + 1, raw.span.end - 1};
    key_escaped_ = raw.escaped;
    if (raw.escaped) {
      key_ = {tree_.keys_.size(), 0};
      tree_.keys_.emplace_back(name);
    }
    return true;
  }
  bool string(JsonText raw) override {
    scratch_.clear();
    if (raw.escaped && !unescape(std::string_view(*tree_.text_).substr(raw.span.begin + 1, raw.span.size() - 2), scratch_)) {
      bad_escape_at = raw.span.begin;
      return false;
    }
    if (open_.size() <= kept_depth_) add(JsonType::string, raw.span).escaped = raw.escaped;
    return true;
  }
  std::optional<std::size_t> bad_escape_at;
  bool number(Span span) override { return keep(JsonType::number, span); }
  bool literal(Span span) override { return keep((*tree_.text_)[span.begin] == 'n' ? JsonType::null : JsonType::boolean, span); }

 private:
  struct Open {
    std::uint32_t node = 0, last_child = 0;
  };
  bool keep(JsonType type, Span span) {
    if (open_.size() <= kept_depth_) add(type, span);
    return true;
  }
  JsonTree::Node& add(JsonType type, Span span) {
    const auto index = static_cast<std::uint32_t>(tree_.nodes_.size());
    if (!open_.empty()) {
      Open& parent = open_.back();
      (parent.last_child == 0 ? tree_.nodes_[parent.node].first : tree_.nodes_[parent.last_child].next) = index;
      parent.last_child = index;
      ++tree_.nodes_[parent.node].size;
    }
    tree_.nodes_.push_back({.type = type, .key_escaped = key_escaped_, .span = span, .key = key_});
    key_ = {}, key_escaped_ = false;
    return tree_.nodes_.back();
  }
  bool open(JsonType type, std::size_t at) {
    const bool kept = open_.size() <= kept_depth_;
    if (kept) add(type, {at, at});
    open_.push_back({kept ? static_cast<std::uint32_t>(tree_.nodes_.size() - 1) : 0U, 0});
    return true;
  }
  bool close(std::size_t end) {
    if (open_.back().node != 0) tree_.nodes_[open_.back().node].span.end = end;
    open_.pop_back();
    return true;
  }

  JsonTree& tree_;
  std::size_t kept_depth_;
  std::vector<Open> open_;
  Span key_{};
  bool key_escaped_ = false;
  std::string scratch_;
};

Result<void, JsonError> JsonTree::read(std::string& text, const JsonLimits& limits, std::size_t kept_depth) {
  text_ = &padded(text);
  TreeBuilder builder(*this, kept_depth);
  auto result = read_json(text, limits, builder);
  if (!result) nodes_.assign(1, {});
  if (builder.bad_escape_at) return fail(JsonError{*builder.bad_escape_at, "malformed escape"});
  return result;
}

JsonType JsonNode::type() const { return at_ == 0 ? JsonType::none : tree_->nodes_[at_].type; }
Span JsonNode::span() const { return at_ == 0 ? Span{} : tree_->nodes_[at_].span; }
std::size_t JsonNode::size() const { return at_ == 0 ? 0 : tree_->nodes_[at_].size; }

std::string_view JsonNode::raw() const { return at_ == 0 ? std::string_view{} : std::string_view(*tree_->text_).substr(span().begin, span().size()); }

std::string_view JsonNode::key() const {
  if (at_ == 0) return {};
  const auto& node = tree_->nodes_[at_];
  if (node.key_escaped) return tree_->keys_[node.key.begin];
  return std::string_view(*tree_->text_).substr(node.key.begin, node.key.size());
}

JsonNode JsonNode::operator[](std::string_view key) const {
  if (!is(JsonType::object)) return {};
  for (const JsonNode child : *this)
    if (child.key() == key) return child;
  return {};
}

std::string JsonNode::text() const {
  HalfPair none;
  std::string out = text(none);
  if (none) out += "\xef\xbf\xbd";
  return out;
}

std::string JsonNode::text(HalfPair& carry) const {
  std::string out;
  if (!is(JsonType::string)) return out;
  const std::string_view inside = raw().substr(1, raw().size() - 2);
  if (!carry && !tree_->nodes_[at_].escaped) return std::string(inside);
  if (!unescape(inside, out, &carry)) return {};
  return out;
}

std::optional<std::int64_t> JsonNode::integer() const {
  if (!is(JsonType::number)) return {};
  std::int64_t value = 0;
  const std::string_view digits = raw();
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return {};
  return value;
}

std::optional<double> JsonNode::number() const {
  if (!is(JsonType::number)) return {};
  return std::strtod(std::string(raw()).c_str(), nullptr);
}

std::optional<bool> JsonNode::boolean() const {
  if (!is(JsonType::boolean)) return {};
  return raw() == "true";
}

JsonNode::Iterator JsonNode::begin() const { return {tree_, is(JsonType::object) || is(JsonType::array) ? tree_->nodes_[at_].first : 0U}; }

JsonNode::Iterator& JsonNode::Iterator::operator++() {
  at_ = tree_->nodes_[at_].next;
  return *this;
}

}  // namespace demarc::dialect
