// Walking the texts of a Part down through JSON inside JSON: what examine() searches and what redact() rewrites agree by using this one.
//
// Is there a document: a part that says so (Encoding::json_document), and any string that is a whole object or array. Of a document its leaves are
// the texts; of everything else the text itself. Pure; any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "privacy/detector.hpp"
#include "privacy/examine.hpp"
#include "privacy/json_leaves.hpp"

namespace demarc::privacy {

enum class Nesting : std::uint8_t { whole, too_deep };

// visit(leaf, text): leaf as in Place.
Nesting walk_texts(std::string_view text, std::string_view label, std::uint32_t depth,
                   const std::function<Walk(const std::vector<Span>& leaf, const Text& text)>& visit);

// The last name in a Part's path: "phone" of "messages[3].metadata.phone".
std::string_view label_of(std::string_view path);

// `text` with the texts at the given leaves replaced, JSON strings within JSON strings written anew. Leaves are as walk_texts() gave them, in order.
struct NewText {
  std::vector<Span> leaf;
  std::string text;
};
std::string rewrite(std::string_view text, const std::vector<const NewText*>& news, std::size_t depth = 0);

}  // namespace demarc::privacy
