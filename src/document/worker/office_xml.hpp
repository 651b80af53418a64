// What Word, Excel and PowerPoint files have in common: XML members that refer to each other.
//
//   const Xml styles(members, "word/styles.xml");              // an empty one where there is none, or it is damaged
//   for (pugi::xml_node style : children(styles.root(), "style")) …
//   auto targets = relations(members, "xl/workbook.xml");       // id → member
//
// Names go without their prefix: writers choose those. pugixml knows no entities but the five of XML, so none can grow. One thread.
#pragma once

#include <map>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "document/worker/native.hpp"

namespace demarc::document::worker {

class Xml {
 public:
  Xml(const Members& members, std::string_view name) {
    const auto found = members.find(name);
    if (found != members.end()) document_.load_buffer(found->second.data(), found->second.size(), pugi::parse_default | pugi::parse_ws_pcdata_single);
  }
  [[nodiscard]] pugi::xml_node root() const { return document_.document_element(); }

 private:
  pugi::xml_document document_;
};

inline std::string_view bare(std::string_view name) { return name.substr(name.find(':') == std::string_view::npos ? 0 : name.find(':') + 1); }
inline bool is(const pugi::xml_node& node, std::string_view name) { return bare(node.name()) == name; }

inline pugi::xml_node child(const pugi::xml_node& parent, std::string_view name) {
  for (const pugi::xml_node node : parent.children())
    if (is(node, name)) return node;
  return {};
}
inline std::vector<pugi::xml_node> children(const pugi::xml_node& parent, std::string_view name) {
  std::vector<pugi::xml_node> out;
  for (const pugi::xml_node node : parent.children())
    if (is(node, name)) out.push_back(node);
  return out;
}
inline pugi::xml_node at(pugi::xml_node node, std::initializer_list<std::string_view> path) {
  for (const std::string_view name : path) node = child(node, name);
  return node;
}
inline std::string_view attribute(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_attribute attribute : node.attributes())
    if (bare(attribute.name()) == name) return attribute.value();
  return {};
}
int number(std::string_view text, int otherwise);

// What a member's relations point to, as names of members.
std::map<std::string, std::string, std::less<>> relations(const Members& members, std::string_view member);

}  // namespace demarc::document::worker
