#include "base/encode.hpp"
#include "base/strings.hpp"
#include "gateway/router.hpp"

namespace demarc::gateway {

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  for (const std::string_view pair : split(query, '&')) {
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    std::string value;
    const std::string_view coded = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    for (std::size_t i = 0; i < coded.size(); ++i) {
      if (coded[i] == '+') {
        value += ' ';
      } else if (coded[i] == '%') {
        const auto byte = from_hex(coded.substr(i + 1, 2));
        if (!byte || byte->size() != 1) return {};
        value += *byte;
        i += 2;
      } else {
        value += coded[i];
      }
    }
    return value;
  }
  return {};
}

}  // namespace demarc::gateway
