#include "gateway/jobs/watch_ways.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/encode.hpp"
#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "dialect/form.hpp"
#include "dialect/mistral_ocr.hpp"
#include "gateway/context.hpp"
#include "gateway/jobs/piece_parts.hpp"

namespace demarc::gateway {
namespace {

using config::WatchDo;

constexpr std::string_view kError = ".error.json", kRedacted = ".redacted", kPart = ".part", kNew = ".tmp";
constexpr auto kRecordings =
    std::to_array<std::string_view>({".wav", ".mp3", ".m4a", ".mp4",  ".ogg", ".oga", ".opus", ".flac", ".webm", ".mkv", ".mov",
                                     ".aac", ".wma", ".amr", ".aiff", ".aif", ".mka", ".mpga", ".mpeg", ".3gp",  ".avi"});
constexpr auto kDocuments = std::to_array<std::string_view>(
    {".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".webp", ".bmp", ".pnm", ".docx", ".xlsx", ".pptx", ".html", ".htm", ".eml", ".txt"});
constexpr auto kPictures = std::to_array<std::string_view>({".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"});

// Endings of what is worked on; none: whatever comes.
std::span<const std::string_view> endings_of(WatchDo what) {
  switch (what) {
    case WatchDo::transcribe: return kRecordings;
    case WatchDo::parse: return kDocuments;
    case WatchDo::classify: return kPictures;
    case WatchDo::redact: break;
  }
  return {};
}

std::string ending_of(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos || dot == 0 ? std::string() : name.substr(dot);
}

std::string result_ending(const config::WatchedFolder& folder, const std::string& ending) {
  if (folder.what == WatchDo::redact) return std::string(kRedacted) + ending;
  if (folder.format == "text") return ".txt";
  if (folder.format == "markdown") return ".md";
  return folder.format == "srt" || folder.format == "vtt" ? "." + folder.format : ".json";
}

std::string document_body(const config::WatchedFolder& folder, const std::string& name, const std::string& bytes) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("model", folder.model);
    json.raw_field("document", dialect::mistral_ocr::document_of(name, bytes));
  });
  return out;
}

std::string form_body(const config::WatchedFolder& folder, const std::string& name, const std::string& bytes, std::string& content_type) {
  dialect::Form form;
  if (folder.what == WatchDo::transcribe)
    form.field("model", folder.model), form.field("response_format", folder.format);
  else
    form.field("mode", "redact");
  form.file("file", name, bytes);
  content_type = form.content_type();
  return form.finish();
}

std::string_view target_of(WatchDo what) {
  switch (what) {
    case WatchDo::transcribe: return "/v1/audio/transcriptions";
    case WatchDo::redact: return "/v1/redactions";
    case WatchDo::parse: return "/v1/ocr";
    case WatchDo::classify: return "/v1/images/classifications";
  }
  return "";
}

Result<std::string, std::string> redacted_file(const simdjson::dom::element& answer) {
  std::string_view data;
  if (answer["results"].at(0)["output"]["file"]["data"].get(data) != simdjson::SUCCESS) return fail(std::string("The answer holds no file."));
  auto bytes = from_base64(data);
  if (!bytes) return fail(std::string("The answer holds no file."));
  return *std::move(bytes);
}

Result<std::string, std::string> markdown_of_pages(const simdjson::dom::element& answer) {
  simdjson::dom::array pages;
  if (answer["pages"].get(pages) != simdjson::SUCCESS) return fail(std::string("The answer holds no pages."));
  std::string out;
  for (const simdjson::dom::element page : pages) {
    std::string_view text;
    if (page["markdown"].get(text) == simdjson::SUCCESS && !text.empty()) (out += out.empty() ? "" : "\n\n") += text;
  }
  return out + "\n";
}

}  // namespace

bool is_input(const config::WatchedFolder& folder, const std::string& name) {
  if (name.starts_with('.') || name.ends_with(kError) || name.ends_with(kPart) || name.ends_with(kNew)) return false;
  const std::string ending = ending_of(name);
  const auto endings = endings_of(folder.what);
  if (!endings.empty()) return std::ranges::find(endings, to_lower(ending)) != endings.end();
  return !std::string_view(name).substr(0, name.size() - ending.size()).ends_with(kRedacted);
}

Places places_of(const config::WatchedFolder& folder, const std::string& name) {
  const std::string input = folder.folder + "/" + name;
  if (folder.what == WatchDo::classify) return {.input = input, .result = folder.out, .error = {}};
  const std::string out = (folder.out.empty() ? folder.folder : folder.out) + "/", ending = ending_of(name),
                    stem = name.substr(0, name.size() - ending.size());
  return {.input = input, .result = out + stem + result_ending(folder, ending), .error = out + name + std::string(kError)};
}

HttpRequest request_for(const config::WatchedFolder& folder, const std::string& name, const std::string& bytes) {
  std::string content_type = "application/json", body;
  switch (folder.what) {
    case WatchDo::transcribe:
    case WatchDo::redact: body = form_body(folder, name, bytes, content_type); break;
    case WatchDo::parse: body = document_body(folder, name, bytes); break;
    case WatchDo::classify: body = picture_body("{\"model\":" + json_string(folder.model) + "}", bytes); break;
  }
  HttpRequest http{.method = "POST",
                   .target = std::string(target_of(folder.what)),
                   .headers = {{"content-type", content_type}, {"demarc-class", "batch"}},
                   .body = std::move(body),
                   .remote = std::string(kAdminPeer)};
  if (!folder.key.empty()) http.headers.add("authorization", "Bearer " + folder.key);
  http.body.reserve(http.body.size() + 64);  // for the parser's padding
  return http;
}

Result<std::string, std::string> result_of(const config::WatchedFolder& folder, const std::string& answer) {
  const bool as_it_came = folder.what == WatchDo::transcribe || (folder.what == WatchDo::parse && folder.format == "json");
  if (as_it_came) return answer;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(answer).get(root) != simdjson::SUCCESS) return fail(std::string("The answer is not JSON."));
  return folder.what == WatchDo::parse ? markdown_of_pages(root) : redacted_file(root);
}

PictureLine line_of(const std::string& name, std::string written, int status, const std::string& answer) {
  PictureLine line{.file = name, .written = std::move(written)};
  simdjson::dom::parser parser;
  simdjson::dom::element root, result;
  std::string_view text;
  const bool is_json = parser.parse(answer).get(root) == simdjson::SUCCESS;
  if (is_json && status == 200 && root["results"].at(0)["label"].get(result) == simdjson::SUCCESS) {
    if (result["label"].get(text) == simdjson::SUCCESS) line.label = text;
    static_cast<void>(result["confidence"].get(line.confidence));
    line.result = simdjson::minify(result);
    return line;
  }
  const bool says_why = is_json && root["error"]["message"].get(text) == simdjson::SUCCESS;
  line.error = says_why ? std::string(text) : "the answer has status " + std::to_string(status) + " and is no result";
  return line;
}

std::string error_text(std::string_view message) {
  std::string out;
  JsonWriter json(out);
  json.object([&] { json.object("error", [&] { json.field("message", message), json.field("type", "invalid_request_error"); }); });
  return out;
}

}  // namespace demarc::gateway
