#include "dialect/batches.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>

#include "base/strings.hpp"
#include "core/json/or_null.hpp"
#include "dialect/dialect.hpp"

namespace demarc::dialect {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMostFiles = 10'000, kMostMetadata = 16, kMostCustomId_bytes = 512;
constexpr std::string_view kWindow = "24h";

ApiError bad(std::string message, std::string param) {
  return {.kind = ErrorKind::bad_request, .message = std::move(message), .param = std::move(param)};
}

Result<std::string, ApiError> text_of(dom::object order, const char* name) {
  std::string_view text;
  dom::element at;
  if (order[name].get(at) != simdjson::SUCCESS) return fail(bad("missing required parameter", name));
  if (at.get(text) != simdjson::SUCCESS || text.empty()) return fail(bad("expected a text", name));
  return std::string(text);
}

// At most 16 texts of at most 512 bytes, as OpenAI has it.
Result<std::string, ApiError> metadata_of(dom::object order) {
  dom::element at;
  dom::object metadata;
  if (order["metadata"].get(at) != simdjson::SUCCESS || at.is_null()) return std::string();
  if (at.get(metadata) != simdjson::SUCCESS || metadata.size() > kMostMetadata)
    return fail(bad("expected an object of at most 16 texts", "metadata"));
  for (const dom::key_value_pair member : metadata) {
    std::string_view text;
    if (member.value.get(text) != simdjson::SUCCESS || text.size() > 512 || member.key.size() > 64)
      return fail(bad("expected texts of at most 512 bytes, under names of at most 64", "metadata"));
  }
  return std::string(simdjson::minify(metadata));
}

Result<dom::object, ApiError> object_of(dom::parser& parser, const std::string& body) {
  dom::object order;
  if (parser.parse(body).get(order) != simdjson::SUCCESS) return fail(ApiError{ErrorKind::bad_request, "The body is not a JSON object."});
  return order;
}

bool is_scalar(dom::element value) { return value.is_string() || value.is_number() || value.is_bool(); }

std::string text_of_scalar(dom::element value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : std::string(simdjson::minify(value));
}

struct FilesKind {
  JobKind kind;
  std::string_view endpoint;
  std::array<std::string_view, 2> given;  // fields that say what the files are, or which part of them: the job does that
};
constexpr auto kFilesKinds = std::to_array<FilesKind>({
    {JobKind::transcription, "/v1/audio/transcriptions", {"file", ""}},
    {JobKind::ocr, "/v1/ocr", {"document", "pages"}},
    {JobKind::image_classification, "/v1/images/classifications", {"input", ""}},
});

Result<const FilesKind*, ApiError> kind_of(dom::object order) {
  const std::string name = TRY(text_of(order, "kind"));
  const auto found = std::ranges::find_if(kFilesKinds, [&](const FilesKind& kind) { return to_string(kind.kind) == name; });
  if (found != kFilesKinds.end()) return &*found;
  std::string names;
  for (const FilesKind& kind : kFilesKinds) names.append(names.empty() ? "" : ", ").append(to_string(kind.kind));
  return fail(bad("expected one of " + names + "; batches are made by POST /v1/batches", "kind"));
}

Result<std::string, ApiError> options_of(dom::object order, const FilesKind& kind) {
  dom::element at;
  dom::object options;
  if (order["options"].get(at) != simdjson::SUCCESS) return std::string("{}");
  if (at.get(options) != simdjson::SUCCESS)
    return fail(bad("expected an object: the fields of POST " + std::string(kind.endpoint) + " besides " + std::string(kind.given[0]), "options"));
  for (const dom::key_value_pair member : options) {
    const std::string name = "options." + std::string(member.key);
    if (std::ranges::find(kind.given, member.key) != kind.given.end()) return fail(bad("the files are in file_ids, each is worked on whole", name));
    if (member.key == "stream" && text_of_scalar(member.value) != "false")
      return fail(bad("a job does not stream; GET /v1/jobs/{id}/events tells how far it is", name));
    dom::array items;
    bool good = is_scalar(member.value) || kind.kind == JobKind::image_classification;  // whose examples are objects
    if (member.value.get(items) == simdjson::SUCCESS) {
      good = true;
      for (const dom::element item : items) good = good && (is_scalar(item) || kind.kind == JobKind::image_classification);
    }
    if (!good) return fail(bad("expected a text, a number, true, false, or a list of these", name));
  }
  return std::string(simdjson::minify(options));
}

void write_time(JsonWriter& json, std::string_view name, const std::optional<Instant>& at) {
  field_or_null(json, name, at ? std::optional(at->unix_ns / 1'000'000'000) : std::nullopt);
}

void write_errors(JsonWriter& json, const Job& job) {
  if (job.errors.empty()) return json.field("errors", json_null);
  json.object("errors", [&] {
    json.field("object", "list");
    json.array("data", [&] {
      for (const JobError& error : job.errors)
        json.object([&] {
          json.field("code", error.code);
          json.field("message", error.message);
          text_or_null(json, "param", error.param);
          if (error.line)
            json.field("line", *error.line);
          else
            json.field("line", json_null);
        });
    });
  });
}

void write_times(JsonWriter& json, const Job& job) {
  const auto ended_as = [&](JobState state) { return job.state == state ? job.ended : std::nullopt; };
  write_time(json, "created_at", job.created);
  write_time(json, "in_progress_at", job.started);
  write_time(json, "expires_at", job.expires);
  write_time(json, "finalizing_at", job.finalizing);
  write_time(json, "completed_at", ended_as(JobState::completed));
  write_time(json, "failed_at", ended_as(JobState::failed));
  write_time(json, "expired_at", ended_as(JobState::expired));
  write_time(json, "cancelling_at", job.cancelling);
  write_time(json, "cancelled_at", ended_as(JobState::cancelled));
}

// Files exist from the end on.
void write_files(JsonWriter& json, const Job& job) {
  text_or_null(json, "output_file_id", is_over(job.state) ? job.output_file : "");
  text_or_null(json, "error_file_id", is_over(job.state) ? job.error_file : "");
}

// White space away, every other byte as it came; "" if it is no JSON.
std::string on_one_line(const std::string& body) {
  dom::parser parser;
  dom::element whole;
  if (parser.parse(body).get(whole) != simdjson::SUCCESS) return {};
  std::string out(body.size() + simdjson::SIMDJSON_PADDING, '\0');
  std::size_t size = 0;
  if (simdjson::minify(body.data(), body.size(), out.data(), size) != simdjson::SUCCESS) return {};
  out.resize(size);
  return out;
}

void write_metadata(JsonWriter& json, const Job& job) {
  if (job.metadata.empty())
    json.field("metadata", json_null);
  else
    json.raw_field("metadata", job.metadata);
}

}  // namespace

Result<BatchOrder, ApiError> read_batch_order(std::string body) {
  dom::parser parser;
  const dom::object order = TRY(object_of(parser, body));
  BatchOrder out{.input_file = TRY(text_of(order, "input_file_id")),
                 .endpoint = TRY(text_of(order, "endpoint")),
                 .window = TRY(text_of(order, "completion_window")),
                 .metadata = TRY(metadata_of(order))};
  if (!may_batch(out.endpoint)) return fail(bad("no batches of this endpoint; docs/reference/batches.md lists those there are", "endpoint"));
  if (out.window != kWindow) return fail(bad("expected \"24h\"", "completion_window"));
  return out;
}

Result<FilesOrder, ApiError> read_files_order(std::string body) {
  dom::parser parser;
  const dom::object order = TRY(object_of(parser, body));
  const FilesKind* kind = TRY(kind_of(order));
  dom::array files;
  FilesOrder out{.kind = kind->kind,
                 .endpoint = std::string(kind->endpoint),
                 .files = {},
                 .options = TRY(options_of(order, *kind)),
                 .metadata = TRY(metadata_of(order))};
  if (order["file_ids"].get(files) != simdjson::SUCCESS || files.size() == 0 || files.size() > kMostFiles)
    return fail(bad("expected the ids of 1 to 10000 uploaded files", "file_ids"));
  for (const dom::element file : files) {
    std::string_view id;
    if (file.get(id) != simdjson::SUCCESS) return fail(bad("expected the ids of uploaded files", "file_ids"));
    out.files.emplace_back(id);
  }
  return out;
}

std::vector<FormField> read_options(const std::string& json) {
  dom::parser parser;
  dom::object options;
  std::vector<FormField> out;
  if (parser.parse(json).get(options) != simdjson::SUCCESS) return out;
  for (const dom::key_value_pair member : options) {
    dom::array items;
    if (member.value.get(items) != simdjson::SUCCESS) {
      out.emplace_back(member.key, text_of_scalar(member.value));
      continue;
    }
    for (const dom::element item : items) out.emplace_back(member.key, text_of_scalar(item));
  }
  return out;
}

bool may_batch(std::string_view endpoint) {
  const Dialect* dialect = find_dialect("POST", endpoint);
  return dialect != nullptr && dialect->operation != Operation::transcription && dialect->operation != Operation::translation;
}

void BatchInput::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) return void(rest_.append(bytes));
    if (rest_.empty()) {
      line(bytes.substr(0, end));
    } else {
      rest_.append(bytes.substr(0, end));
      line(rest_);
      rest_.clear();
    }
    ++offset_;  // the line feed
    bytes.remove_prefix(end + 1);
  }
}

void BatchInput::end() {
  if (!rest_.empty()) line(rest_);
  if (pieces.empty() && errors.empty()) complain("empty_file", "There is no request in the input file.");
}

void BatchInput::complain(std::string code, std::string message, std::string param) {
  if (errors.size() < kMostBatchErrors)
    errors.push_back({std::move(code), std::move(message), std::move(param), number_ > 0 ? std::optional(number_) : std::nullopt});
}

void BatchInput::line(std::string_view text) {
  const std::int64_t offset = offset_;
  offset_ += static_cast<std::int64_t>(text.size()), ++number_;
  if (text.find_first_not_of(" \t\r") == std::string_view::npos) return;
  if (number_ > limits_.lines) {
    if (number_ == limits_.lines + 1)
      complain("max_requests_exceeded", "The input file has more than " + std::to_string(limits_.lines) + " requests.");
    return;
  }
  if (text.size() > limits_.line_bytes) return complain("line_too_long", "This line is longer than a request may be.");
  const simdjson::padded_string padded(text);
  dom::parser parser;
  dom::object request;
  if (parser.parse(padded).get(request) != simdjson::SUCCESS) return complain("invalid_json_line", "This line is not parseable as valid JSON.");
  std::string_view custom_id, method, url;
  dom::object body;
  if (request["custom_id"].get(custom_id) != simdjson::SUCCESS)
    return complain("missing_required_parameter", "Missing required parameter: 'custom_id'.", "custom_id");
  if (custom_id.size() > kMostCustomId_bytes) return complain("invalid_custom_id", "The custom_id is longer than 512 bytes.", "custom_id");
  if (request["method"].get(method) != simdjson::SUCCESS || method != "POST")
    return complain("invalid_method", "Expected the method POST.", "method");
  if (request["url"].get(url) != simdjson::SUCCESS || url != endpoint_)
    return complain("mismatched_endpoint", "The url of each request is the batch's endpoint, " + endpoint_ + ".", "url");
  if (request["body"].get(body) != simdjson::SUCCESS) return complain("missing_required_parameter", "Missing required parameter: 'body'.", "body");
  bool stream = false;
  if (body["stream"].get(stream) == simdjson::SUCCESS && stream)
    return complain("invalid_request", "A request of a batch does not stream.", "body.stream");
  if (!seen_.emplace(custom_id).second) return complain("duplicate_custom_id", "This custom_id stands on a line before, too.", "custom_id");
  pieces.push_back(
      {.number = number_, .custom_id = std::string(custom_id), .file = {}, .offset = offset, .bytes = static_cast<std::int64_t>(text.size())});
}

std::string read_batch_body(std::string line) {
  line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  simdjson::ondemand::parser parser;  // gives the bytes as they came
  simdjson::ondemand::document document;
  simdjson::ondemand::object body;
  std::string_view bytes;
  std::string out;
  if (parser.iterate(line).get(document) != simdjson::SUCCESS || document["body"].get_object().get(body) != simdjson::SUCCESS ||
      body.raw_json().get(bytes) != simdjson::SUCCESS)
    return out;
  out.reserve(bytes.size() + simdjson::SIMDJSON_PADDING);
  out += trim(bytes);  // raw_json() goes up to what follows
  return out;          // moved: a copy would have no room
}

std::string file_json(const StoredFile& file) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("id", file.id);
    json.field("object", "file");
    json.field("bytes", file.bytes);
    write_time(json, "created_at", file.created);
    write_time(json, "expires_at", file.expires);
    json.field("filename", file.filename);
    json.field("purpose", file.purpose);
    json.field("status", "processed");
  });
  return out;
}

std::string deleted_file_json(std::string_view id) {
  std::string out;
  JsonWriter json(out);
  json.object([&] { json.field("id", id), json.field("object", "file"), json.field("deleted", true); });
  return out;
}

std::string batch_json(const Job& batch) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("id", batch.id);
    json.field("object", "batch");
    json.field("endpoint", batch.endpoint);
    write_errors(json, batch);
    json.field("input_file_id", batch.input_file);
    json.field("completion_window", batch.window);
    json.field("status", to_string(batch.state));
    write_files(json, batch);
    write_times(json, batch);
    json.object("request_counts", [&] {
      json.field("total", batch.total);
      json.field("completed", batch.completed);
      json.field("failed", batch.failed);
    });
    write_metadata(json, batch);
  });
  return out;
}

std::string job_json(const Job& job) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("id", job.id);
    json.field("object", "job");
    json.field("kind", to_string(job.kind));
    json.field("endpoint", job.endpoint);
    json.field("status", to_string(job.state));
    write_times(json, job);
    json.object("progress", [&] {
      json.field("total", job.total);
      json.field("completed", job.completed);
      json.field("failed", job.failed);
      if (job.kind == JobKind::transcription) json.field("audio_seconds", static_cast<double>(job.amount) / 1000.0);
      if (job.kind == JobKind::ocr) json.field("pages", job.amount);
    });
    write_files(json, job);
    write_errors(json, job);
    write_metadata(json, job);
  });
  return out;
}

std::string page_json(std::span<const std::string> objects, std::string_view first_id, std::string_view last_id, bool has_more) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("object", "list");
    json.array("data", [&] {
      for (const std::string& object : objects) json.raw(object);
    });
    text_or_null(json, "first_id", first_id);
    text_or_null(json, "last_id", last_id);
    json.field("has_more", has_more);
  });
  return out;
}

std::string result_line(const Piece& piece, const PieceAnswer& answer) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("id", "batch_" + answer.request_id);
    json.field("custom_id", piece.custom_id);
    json.object("response", [&] {
      json.field("status_code", answer.status);
      json.field("request_id", answer.request_id);
      const std::string compact = answer.content_type.starts_with("application/json") ? on_one_line(answer.body) : std::string();
      if (compact.empty())
        json.field("body", answer.body);
      else
        json.raw_field("body", compact);
    });
    json.field("error", json_null);
  });
  return out += '\n';
}

std::string unrun_line(std::string_view job, const Piece& piece, std::string_view code, std::string_view message) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("id", "batch_req_" + std::string(job) + "_" + std::to_string(piece.number));
    json.field("custom_id", piece.custom_id);
    json.field("response", json_null);
    json.object("error", [&] { json.field("code", code), json.field("message", message); });
  });
  return out += '\n';
}

}  // namespace demarc::dialect
