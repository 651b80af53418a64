#include "core/encode_part.hpp"

#include "core/json/writer.hpp"

namespace demarc {

std::string encode(const Part& part, std::string_view new_text) {
  switch (part.encoding) {
    case Encoding::json_string:
    case Encoding::json_document:
    case Encoding::json_key:
    case Encoding::json_number: return json_string(new_text);
    case Encoding::raw: return std::string(new_text);
  }
  return {};
}

}  // namespace demarc
