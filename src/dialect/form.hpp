// A multipart/form-data body (RFC 7578) for a call that uploads a file; multipart.hpp reads it.
//
//   Form form; form.field("mode", "redact"); form.file("file", "a.csv", bytes);
//   connection.call("POST", "/v1/redactions", {{"content-type", form.content_type()}}, form.finish());
//
// One thread.
#pragma once

#include <string>
#include <string_view>

namespace demarc::dialect {

class Form {
 public:
  Form();
  void field(std::string_view name, std::string_view value);
  void file(std::string_view name, std::string filename, std::string_view bytes);
  [[nodiscard]] std::string content_type() const;
  std::string finish();  // the body; once, last

 private:
  std::string boundary_, body_;
};

}  // namespace demarc::dialect
