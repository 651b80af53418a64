// Whether a text ends inside a URL is the same whether it is read as it is or through JSON's escapes.
#include "privacy/url_state.hpp"

#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "fuzz.hpp"

FUZZ(url_state) {
  const std::string text = with_values(bytes);
  if (!is_utf8(text)) return;
  privacy::UrlState plain, json;
  for (char c : text) plain.take(c, privacy::TextForm::plain);
  const std::string quoted = json_string(text);
  for (char c : std::string_view(quoted).substr(1, quoted.size() - 2)) json.take(c, privacy::TextForm::json);
  CHECK(plain.inside() == json.inside());
  // A blank line ends all but what stands in an attribute's quotes; these here may be the first of one.
  for (char c : std::string_view("\"'\n\n")) plain.take(c, privacy::TextForm::plain);
  CHECK(!plain.inside() || text.find('=') != std::string::npos);
}
