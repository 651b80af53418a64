#include "cli/job_client.hpp"

#include <simdjson.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <vector>

#include "dialect/form.hpp"
#include "dialect/sse.hpp"

namespace demarc::cli {
namespace {

namespace dom = simdjson::dom;

constexpr int kPatience_s = 60;  // with a gateway that is away

std::string text_of(dom::element object, const char* name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::int64_t number_of(dom::element object, const char* name) {
  std::int64_t number = 0;
  return object[name].get(number) == simdjson::SUCCESS ? number : 0;
}

JobFault fault_of(const Answer& answer) { return {exit_code_of(answer.status), error_message(answer)}; }

}  // namespace

JobSeen read_job(const std::string& json) {
  dom::parser parser;
  dom::element root;
  JobSeen seen{.json = json};
  if (parser.parse(json).get(root) != simdjson::SUCCESS) return seen;
  seen.id = text_of(root, "id"), seen.kind = text_of(root, "object") == "batch" ? "batch" : text_of(root, "kind"),
  seen.state = text_of(root, "status");
  seen.output_file = text_of(root, "output_file_id"), seen.error_file = text_of(root, "error_file_id"),
  seen.created_s = number_of(root, "created_at");
  dom::element counts, metadata;
  if (root["progress"].get(counts) == simdjson::SUCCESS || root["request_counts"].get(counts) == simdjson::SUCCESS)
    seen.total = number_of(counts, "total"), seen.completed = number_of(counts, "completed"), seen.failed = number_of(counts, "failed");
  if (root["metadata"].get(metadata) == simdjson::SUCCESS) seen.metadata = simdjson::minify(metadata);
  dom::array errors;
  if (root["errors"]["data"].get(errors) == simdjson::SUCCESS)
    for (const dom::element error : errors) {
      const std::int64_t line = number_of(error, "line");
      seen.errors += (line > 0 ? "line " + std::to_string(line) + ": " : "") + text_of(error, "message") + "\n";
    }
  return seen;
}

Result<Answer, JobFault> ask(Connection& connection, const std::string& method, const std::string& target, const std::string& body) {
  auto answer = connection.call(method, target, {{"content-type", "application/json"}}, body);
  if (!answer) return fail(JobFault{kUnavailable, answer.error()});
  if (answer->status != 200) return fail(fault_of(*answer));
  return *std::move(answer);
}

Result<std::string, JobFault> upload(Connection& connection, const std::string& path, std::string_view purpose, std::string filename) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream bytes;
  bytes << in.rdbuf();
  if (!in) return fail(JobFault{kFailed, path + " cannot be read, or is empty"});
  dialect::Form form;
  form.field("purpose", purpose);
  form.file("file", std::move(filename), bytes.view());
  const std::string type = form.content_type();
  auto answer = connection.call("POST", "/v1/files", {{"content-type", type}}, form.finish());
  if (!answer) return fail(JobFault{kUnavailable, path + ": " + answer.error()});
  if (answer->status != 200) return fail(JobFault{exit_code_of(answer->status), path + ": " + error_message(*answer)});
  return read_job(answer->body).id;
}

// The events end where the gateway does; whoever comes back to it finds the job where it stood.
Result<JobSeen, JobFault> follow(Connection& connection, const std::string& id, const std::function<void(const JobSeen&)>& on_change) {
  for (int away_s = 0; away_s < kPatience_s; ++away_s) {
    std::optional<JobSeen> last;
    dialect::SseSplitter splitter;
    const auto read = [&](std::string_view piece) {
      std::vector<dialect::SseEvent> events;
      static_cast<void>(splitter.feed(piece, events));
      for (const dialect::SseEvent& event : events) {
        last = read_job(event.data);
        on_change(*last);
      }
    };
    const auto answer = connection.call("GET", "/v1/jobs/" + id + "/events", {}, "", read);
    if (last && last->over()) return *last;
    if (answer && answer->status != 200 && answer->status != 503) return fail(fault_of(*answer));
    if (last) away_s = 0;
    if (connection.own_gateway() && !answer) return fail(JobFault{kUnavailable, answer.error()});
    sleep(1);
  }
  return fail(JobFault{kUnavailable, "the gateway is away. " + id + " goes on when it is back, and the same command takes it up."});
}

Result<void, JobFault> download(Connection& connection, const std::string& file, const Connection::OnPiece& on_piece) {
  const auto answer = connection.call("GET", "/v1/files/" + file + "/content", {}, "", on_piece);
  if (!answer) return fail(JobFault{kUnavailable, answer.error()});
  if (answer->status != 200) return fail(fault_of(*answer));
  return {};
}

void remove_file(Connection& connection, const std::string& file) {
  if (!file.empty()) static_cast<void>(connection.call("DELETE", "/v1/files/" + file, {}, ""));
}

}  // namespace demarc::cli
