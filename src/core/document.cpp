#include "core/document.hpp"

#include <algorithm>
#include <array>

namespace demarc {
namespace {

constexpr std::array<std::string_view, kRouteCount> kRoutes = {"text_layer", "ocr", "native", "blank"};
constexpr std::array<std::string_view, kDocumentBlockKindCount> kKinds = {"heading", "paragraph", "list_item", "table", "figure", "code"};

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? std::nullopt : std::optional(static_cast<Enum>(found - names.begin()));
}

}  // namespace

std::string_view to_string(Route route) { return kRoutes[static_cast<std::size_t>(route)]; }
std::string_view to_string(DocumentBlockKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::optional<Route> parse_route(std::string_view name) { return find<Route>(kRoutes, name); }
std::optional<DocumentBlockKind> parse_document_block_kind(std::string_view name) { return find<DocumentBlockKind>(kKinds, name); }

void DocumentBox::unite(const DocumentBox& other) {
  if (other.empty()) return;
  if (empty()) {
    *this = other;
    return;
  }
  left = std::min(left, other.left), top = std::min(top, other.top);
  right = std::max(right, other.right), bottom = std::max(bottom, other.bottom);
}

}  // namespace demarc
