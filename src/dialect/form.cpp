#include "dialect/form.hpp"

#include <algorithm>

#include "base/encode.hpp"
#include "core/io/loop.hpp"

namespace demarc::dialect {

Form::Form() {
  const auto random = system_random().bytes<12>();
  boundary_ = "demarc" + to_hex({reinterpret_cast<const char*>(random.data()), random.size()});
}

void Form::field(std::string_view name, std::string_view value) {
  body_.append("--").append(boundary_).append("\r\nContent-Disposition: form-data; name=\"").append(name).append("\"\r\n\r\n").append(value);
  body_ += "\r\n";
}

void Form::file(std::string_view name, std::string filename, std::string_view bytes) {
  std::replace_if(filename.begin(), filename.end(), [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }, '_');
  body_.reserve(body_.size() + bytes.size() + 512);
  body_.append("--").append(boundary_).append("\r\nContent-Disposition: form-data; name=\"").append(name);
  body_.append("\"; filename=\"").append(filename).append("\"\r\nContent-Type: application/octet-stream\r\n\r\n").append(bytes).append("\r\n");
}

std::string Form::content_type() const { return "multipart/form-data; boundary=" + boundary_; }

std::string Form::finish() { return std::move(body_.append("--").append(boundary_).append("--\r\n")); }

}  // namespace demarc::dialect
