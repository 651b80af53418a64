#include "speech/worker/form.hpp"

#include <charconv>
#include <cmath>

#include "base/strings.hpp"
#include "core/voices.hpp"

namespace demarc::speech::worker {
namespace {

std::string_view field(const httplib::Request& request, const char* name) {
  const auto found = request.files.find(name);
  return found == request.files.end() ? std::string_view() : std::string_view(found->second.content);
}

Result<std::optional<double>, std::string> read_temperature(std::string_view text) {
  if (text.empty()) return std::optional<double>();
  double temperature = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), temperature);
  if (error != std::errc() || end != text.data() + text.size() || !(temperature >= 0 && temperature <= 1))
    return fail(std::string("temperature must be a number from 0 to 1."));
  return std::optional<double>(temperature);
}

Result<std::optional<std::int64_t>, std::string> read_seconds(const httplib::Request& request, const char* name) {
  const std::string_view text = trim(field(request, name));
  if (text.empty()) return std::optional<std::int64_t>();
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || !(seconds >= 0 && seconds <= kMaxDurationS))
    return fail(std::string(name) + " must be seconds from 0 to " + std::to_string(kMaxDurationS) + ".");
  return std::optional<std::int64_t>(std::llround(seconds * 1'000));
}

Result<std::optional<std::size_t>, std::string> read_speakers(std::string_view text) {
  if (text.empty() || text == "false") return std::optional<std::size_t>();
  if (text == "true") return std::optional(kMostSpeakers);
  std::size_t most = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), most);
  if (error != std::errc() || end != text.data() + text.size() || most < 1 || most > kMostSpeakers)
    return fail("demarc_speakers must be true, false, or the most there may be, from 1 to " + std::to_string(kMostSpeakers) + ".");
  return std::optional(most);
}

}  // namespace

Result<Form, std::string> read_form(const httplib::Request& request) {
  if (!request.is_multipart_form_data()) return fail(std::string("The body must be multipart/form-data with the field file."));
  if (!request.has_file("file")) return fail(std::string("The field file is missing."));
  Form form{.file = field(request, "file")};
  form.wish.language = to_lower(trim(field(request, "language")));
  form.wish.prompt = field(request, "prompt");
  form.wish.temperature = TRY(read_temperature(trim(field(request, "temperature"))));
  form.wish.from_ms = TRY(read_seconds(request, "demarc_from")).value_or(0);
  form.wish.for_ms = TRY(read_seconds(request, "demarc_for"));
  form.wish.speakers = TRY(read_speakers(trim(field(request, "demarc_speakers"))));
  const std::string_view stream = trim(field(request, "stream"));
  form.delivery = stream == "true" || stream == "1" ? Delivery::events : Delivery::whole;
  for (const auto& [name, content] : request.files)
    if (name == "timestamp_granularities[]" && trim(content.content) == "word") form.wish.words = true;
  if (const std::string_view name = trim(field(request, "response_format")); !name.empty()) {
    const std::optional<Format> format = parse_format(name);
    if (!format) return fail(std::string("response_format must be json, text, verbose_json, srt or vtt."));
    form.format = *format;
  }
  return form;
}

}  // namespace demarc::speech::worker
