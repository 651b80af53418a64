// Heads of messages as bytes. What could break a line apart (control bytes in a value) is replaced by spaces, so that no text from outside can forge
// a header. Internal to http/. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/io/http.hpp"

namespace demarc::http {

void append_field(std::string& out, std::string_view name, std::string_view value);
void append_number(std::string& out, std::size_t number);
void append_hex(std::string& out, std::size_t number);
std::string_view reason_phrase(int status);
bool is_safe_target(std::string_view target);  // no spaces, no control bytes, not empty
bool is_token(std::string_view name);          // a method or field name, RFC 9110 section 5.6.2

}  // namespace demarc::http
