// JsonTree: a JSON text as nodes that know where they stand in it. For stream events, answers and for turning one dialect's request into another's;
// requests themselves are read in one walk without it (walk.hpp).
//
//   JsonTree tree = TRY(JsonTree::read(event.data));     // the text must outlive the tree
//   for (JsonNode choice : tree.root()["choices"]) finish = choice["finish_reason"].text();
//
// A missing member or element is a node of type none, so paths chain without checks. Not shared between threads; a tree may be read again and again
// into the same object, keeping its memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/json/reader.hpp"

namespace demarc::dialect {

enum class JsonType : std::uint8_t { none, null, boolean, number, string, array, object };

class JsonTree;

class JsonNode {
 public:
  JsonNode() = default;
  [[nodiscard]] JsonType type() const;
  [[nodiscard]] bool is(JsonType t) const { return type() == t; }
  explicit operator bool() const { return type() != JsonType::none && type() != JsonType::null; }
  JsonNode operator[](std::string_view key) const;
  [[nodiscard]] std::string_view key() const;                 // decoded; "" of an element
  [[nodiscard]] Span span() const;                            // in the text, with quotes or brackets
  [[nodiscard]] std::string_view raw() const;                 // the bytes at span
  [[nodiscard]] std::string text() const;                     // decoded string; "" if it is none
  [[nodiscard]] std::string text(HalfPair& carry) const;      // likewise, joining an emoji cut in two
  [[nodiscard]] std::optional<std::int64_t> integer() const;  // a number without fraction that fits
  [[nodiscard]] std::optional<double> number() const;
  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::size_t size() const;  // members or elements

  class Iterator {
   public:
    Iterator(const JsonTree* tree, std::uint32_t at) : tree_(tree), at_(at) {}
    JsonNode operator*() const { return {tree_, at_}; }
    Iterator& operator++();
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const JsonTree* tree_;
    std::uint32_t at_;
  };
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] Iterator end() const { return {tree_, 0}; }

 private:
  friend class JsonTree;
  friend class Iterator;
  JsonNode(const JsonTree* tree, std::uint32_t at) : tree_(tree), at_(at) {}
  const JsonTree* tree_ = nullptr;
  std::uint32_t at_ = 0;  // index of the node; 0 is none
};

class JsonTree {
 public:
  // Gives `text` the padding it needs. Below `kept_depth` nothing is kept but where it stands: for answers that are mostly numbers.
  Result<void, JsonError> read(std::string& text, const JsonLimits& limits = {}, std::size_t kept_depth = static_cast<std::size_t>(-1));
  [[nodiscard]] JsonNode root() const { return {this, nodes_.size() > 1 ? 1U : 0U}; }

 private:
  friend class JsonNode;
  friend class TreeBuilder;
  struct Node {
    JsonType type = JsonType::none;
    bool escaped = false, key_escaped = false;
    Span span, key{};                   // key: between its quotes
    std::uint32_t next = 0, first = 0;  // sibling, first child
    std::uint32_t size = 0;
  };
  const std::string* text_ = nullptr;
  std::vector<Node> nodes_;
  std::vector<std::string> keys_;  // decoded ones of nodes with key_escaped: key.begin is the index
};

}  // namespace demarc::dialect
