#include "core/model_name.hpp"

#include <algorithm>

namespace demarc {

bool could_be_model_name(std::string_view text) {
  constexpr std::size_t kMost = 128;
  constexpr std::string_view kSigns = "._:/@+-";
  return !text.empty() && text.size() <= kMost && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kSigns.find(c) != std::string_view::npos;
  });
}

std::string said_model(std::string_view name) {
  return could_be_model_name(name) ? "model \"" + std::string(name) + "\"" : std::string("model that was asked for");
}

}  // namespace demarc
