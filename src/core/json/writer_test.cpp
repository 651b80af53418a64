#include "core/json/writer.hpp"

#include <gtest/gtest.h>

namespace demarc {
namespace {

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("a", 1);
    json.array("b", [&] {
      json.value("x");
      json.value(json_null);
      json.object([] {});
    });
    json.field("c", true);
    json.raw_field("d", "[1]");
  });
  EXPECT_EQ(out, R"({"a":1,"b":["x",null,{}],"c":true,"d":[1]})");
}

TEST(JsonWriter, HasOneZero) {
  std::string text;
  JsonWriter json(text);
  json.array([&] { json.value(0.0), json.value(-0.0), json.value(-0.5); });
  EXPECT_EQ(text, "[0,0,-0.5]");
}

TEST(JsonWriter, EscapesAsCanonicalJsonAsks) { EXPECT_EQ(json_string("a\"b\\c\n\x01\x7f/é"), "\"a\\\"b\\\\c\\n\\u0001\x7f/é\""); }

TEST(JsonWriter, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(json_string("a\xff\xc3"), "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(json_string("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace demarc
