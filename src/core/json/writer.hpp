// JsonWriter: appends JSON to a string, comma by comma.
//
//   std::string out;
//   JsonWriter json(out);
//   json.object([&] {
//     json.field("id", id);
//     json.field("usd", json_null);
//     json.array("rules", [&] { for (auto& rule : rules) json.value(rule); });
//   });
//
// Strings are written with the escapes of RFC 8785 (canonical JSON); bytes that are not UTF-8 become U+FFFD. Keys come out in the order they are
// written: who needs canonical order writes them sorted. Not shared between threads; no failure.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace demarc {

struct JsonNull {};
inline constexpr JsonNull json_null{};

void append_json_string(std::string& out, std::string_view text);  // with quotes
std::string json_string(std::string_view text);                    // with quotes

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void value(std::string_view text) { separate(), append_json_string(out_, text); }
  void value(const char* text) { value(std::string_view(text)); }
  void value(bool truth) { separate(), out_ += truth ? "true" : "false"; }
  void value(JsonNull) { separate(), out_ += "null"; }
  template <std::integral Int>
  void value(Int number) {
    separate(), out_ += std::to_string(number);
  }
  void value(double number);  // shortest form that reads back the same (ECMAScript's, as RFC 8785 asks); not finite: null
  void raw(std::string_view json) { separate(), out_ += json; }  // already JSON

  template <class T>
  void field(std::string_view key, const T& v) {
    name(key), value(v);
  }
  void raw_field(std::string_view key, std::string_view json) { name(key), raw(json); }
  void name(std::string_view key);

  template <class Body>
  void object(Body&& body) {
    open('{'), body(), close('}');
  }
  template <class Body>
  void object(std::string_view key, Body&& body) {
    name(key), object(body);
  }
  template <class Body>
  void array(Body&& body) {
    open('['), body(), close(']');
  }
  template <class Body>
  void array(std::string_view key, Body&& body) {
    name(key), array(body);
  }

 private:
  void separate() {
    if (needs_comma_) out_ += ',';
    needs_comma_ = true;
  }
  void open(char bracket) { separate(), out_ += bracket, needs_comma_ = false; }
  void close(char bracket) { out_ += bracket, needs_comma_ = true; }

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace demarc
