// demarc batch run | ls | show | output | cancel, and demarc files ls | rm
#include <simdjson.h>

#include <fstream>
#include <iostream>

#include "base/time.hpp"
#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/connection.hpp"
#include "cli/job_client.hpp"
#include "cli/progress.hpp"
#include "core/json/writer.hpp"

namespace demarc::cli {
namespace {

namespace dom = simdjson::dom;

constexpr int kReadyTimeoutMs = 120'000;

struct Order {
  std::string file, endpoint, out, id;
  std::vector<std::string> ids;
  bool detach = false;
};

int stop(const JobFault& fault) { return std::cerr << "demarc: " << fault.why << '\n', fault.code; }

using Body = std::function<int(Connection&)>;
int with_connection(const Shared& shared, Connection::IfNone if_none, const Body& body) {
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc: " << place.error() << '\n', kFailed;
  const auto connection = Connection::open(*place, if_none);
  if (!connection) return std::cerr << "demarc: " << connection.error() << '\n', kUnavailable;
  return body(**connection);
}

// Where each line says it goes: the first one's stands for all, and the gateway sees to the others.
std::string endpoint_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string line;
  std::string_view url;
  dom::parser parser;
  while (std::getline(in, line) && line.find_first_not_of(" \t\r") == std::string::npos) {
  }
  return parser.parse(line)["url"].get(url) == simdjson::SUCCESS ? std::string(url) : std::string("/v1/chat/completions");
}

std::string batch_order(const std::string& input, const std::string& endpoint) {
  std::string out;
  JsonWriter json(out);
  json.object([&] { json.field("input_file_id", input), json.field("endpoint", endpoint), json.field("completion_window", "24h"); });
  return out;
}

// What it wrote: to `out`, its errors beside as NAME.errors.jsonl; without `out` both to where a terminal expects them.
Result<void, JobFault> fetch(Connection& connection, const JobSeen& job, const std::string& out) {
  const auto into = [&](const std::string& file, const std::string& path, std::ostream& otherwise) -> Result<void, JobFault> {
    if (file.empty()) return {};
    std::ofstream to;
    if (!path.empty()) to.open(path, std::ios::binary);
    std::ostream& stream = path.empty() ? otherwise : to;
    TRY(download(connection, file, [&](std::string_view piece) { stream << piece; }));
    stream.flush();
    if (!stream) return fail(JobFault{kFailed, path + " cannot be written"});
    return {};
  };
  TRY(into(job.output_file, out, std::cout));
  return into(job.error_file, out.empty() ? "" : out + ".errors.jsonl", std::cerr);
}

std::string summary(const JobSeen& job) {
  return job.id + " " + job.state + ": " + std::to_string(job.completed) + " of " + std::to_string(job.total) + " done, " +
         std::to_string(job.failed) + " failed";
}

int run(const Shared& shared, const Order& order) {
  return with_connection(shared, Connection::IfNone::start_one, [&](Connection& connection) -> int {
    if (order.detach && connection.own_gateway()) return stop({kUsage, "--detach needs a gateway that stays: demarc serve"});
    if (const auto ready = connection.wait_for_detectors(kReadyTimeoutMs); !ready) return stop({kUnavailable, ready.error()});
    const auto input = upload(connection, order.file, "batch", order.file.substr(order.file.rfind('/') + 1));
    if (!input) return stop(input.error());
    const auto made = ask(connection, "POST", "/v1/batches", batch_order(*input, order.endpoint.empty() ? endpoint_of(order.file) : order.endpoint));
    if (!made) return remove_file(connection, *input), stop(made.error());
    const JobSeen batch = read_job(made->body);
    if (order.detach) return std::cout << (shared.json ? made->body : batch.id) << '\n', kOk;
    Counter counter(std::cerr, on_terminal(), "requests");
    const auto done = follow(connection, batch.id, [&](const JobSeen& seen) { counter.show(seen.completed + seen.failed, seen.total); });
    counter.end();
    if (!done) return stop(done.error());
    if (!shared.json || !order.out.empty())
      if (const auto fetched = fetch(connection, *done, order.out); !fetched) return stop(fetched.error());
    std::cerr << summary(*done) << '\n' << done->errors;
    if (shared.json) std::cout << done->json << '\n';
    return done->state == "completed" && done->failed == 0 ? kOk : kFailed;
  });
}

int print(const Shared& shared, const std::string& body, const std::function<void(dom::element)>& row) {
  if (shared.json) return std::cout << body << '\n', kOk;
  dom::parser parser;
  dom::array items;
  if (parser.parse(body)["data"].get(items) == simdjson::SUCCESS)
    for (const dom::element item : items) row(item);
  return kOk;
}

int list(const Shared& shared) {
  return with_connection(shared, Connection::IfNone::fail, [&](Connection& connection) -> int {
    const auto answer = ask(connection, "GET", "/v1/jobs?limit=100");
    if (!answer) return stop(answer.error());
    if (!shared.json) std::printf("%-42s %-13s %-11s %9s %7s %7s  %s\n", "ID", "KIND", "STATE", "DONE", "FAILED", "OF", "CREATED");
    return print(shared, answer->body, [](dom::element item) {
      const JobSeen job = read_job(simdjson::minify(item));
      std::printf("%-42s %-13s %-11s %9lld %7lld %7lld  %s\n", job.id.c_str(), job.kind.c_str(), job.state.c_str(),
                  static_cast<long long>(job.completed), static_cast<long long>(job.failed), static_cast<long long>(job.total),
                  format_rfc3339(Instant{job.created_s * 1'000'000'000}).c_str());
    });
  });
}

int show(const Shared& shared, const Order& order, const std::string& method, const std::string& action) {
  return with_connection(shared, Connection::IfNone::fail, [&](Connection& connection) -> int {
    const auto answer = ask(connection, method, "/v1/jobs/" + order.id + action);
    if (!answer) return stop(answer.error());
    const JobSeen job = read_job(answer->body);
    if (shared.json)
      std::cout << answer->body << '\n';
    else
      std::cout << summary(job) << '\n' << job.errors;
    return kOk;
  });
}

int output(const Shared& shared, const Order& order) {
  return with_connection(shared, Connection::IfNone::fail, [&](Connection& connection) -> int {
    const auto answer = ask(connection, "GET", "/v1/jobs/" + order.id);
    if (!answer) return stop(answer.error());
    const JobSeen job = read_job(answer->body);
    if (!job.over()) return stop({kFailed, summary(job) + "; its output is there when it is over"});
    const auto fetched = fetch(connection, job, order.out);
    return fetched ? kOk : stop(fetched.error());
  });
}

int list_files(const Shared& shared) {
  return with_connection(shared, Connection::IfNone::fail, [&](Connection& connection) -> int {
    const auto answer = ask(connection, "GET", "/v1/files");
    if (!answer) return stop(answer.error());
    if (!shared.json) std::printf("%-42s %-13s %12s  %-20s  %s\n", "ID", "PURPOSE", "BYTES", "EXPIRES", "NAME");
    return print(shared, answer->body, [](dom::element item) {
      std::string_view id, purpose, name;
      std::int64_t bytes = 0, expires_s = 0;
      static_cast<void>(item["id"].get(id)), static_cast<void>(item["purpose"].get(purpose)), static_cast<void>(item["filename"].get(name));
      static_cast<void>(item["bytes"].get(bytes)), static_cast<void>(item["expires_at"].get(expires_s));
      std::printf("%-42s %-13s %12lld  %-20.19s  %s\n", std::string(id).c_str(), std::string(purpose).c_str(), static_cast<long long>(bytes),
                  format_rfc3339(Instant{expires_s * 1'000'000'000}).c_str(), std::string(name).c_str());
    });
  });
}

int remove_files(const Shared& shared, const Order& order) {
  return with_connection(shared, Connection::IfNone::fail, [&](Connection& connection) -> int {
    int worst = kOk;
    for (const std::string& id : order.ids) {
      const auto answer = ask(connection, "DELETE", "/v1/files/" + id);
      if (!answer)
        std::cerr << id << ": " << answer.error().why << '\n', worst = std::max(worst, answer.error().code);
      else
        std::cout << (shared.json ? answer->body : id + " deleted") << '\n';
    }
    return worst;
  });
}

}  // namespace

void add_batch(CLI::App& app, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* batch = app.add_subcommand("batch", "many requests from a file, and whatever else runs as a job");
  batch->require_subcommand(1);
  CLI::App* start =
      add_command(*batch, shared, "run", "run the requests of a file and wait for their answers", [&shared, order] { return run(shared, *order); });
  start->add_option("file", order->file, "a request a line, as OpenAI's batches have them (JSONL)")->required()->check(CLI::ExistingFile);
  start->add_option("-o,--output", order->out, "write the answers here, errors to NAME.errors.jsonl; else to stdout and stderr");
  start->add_option("--endpoint", order->endpoint, "else the url of the first line");
  start->add_flag("--detach", order->detach, "do not wait: print the batch's id");
  add_command(*batch, shared, "ls", "the newest 100 jobs of this key, batches and transcriptions", [&shared] { return list(shared); });
  const auto of_one = [&](const char* name, const char* text, std::function<int()> body) {
    CLI::App* command = add_command(*batch, shared, name, text, std::move(body));
    command->add_option("id", order->id, "as `demarc batch ls` shows it")->required();
    return command;
  };
  of_one("show", "how far a job is", [&shared, order] { return show(shared, *order, "GET", ""); });
  of_one("output", "what a job wrote", [&shared, order] {
    return output(shared, *order);
  })->add_option("-o,--output", order->out, "write the answers here, errors to NAME.errors.jsonl; else to stdout and stderr");
  of_one("cancel", "stop a job; what is done of it is kept", [&shared, order] { return show(shared, *order, "POST", "/cancel"); });

  CLI::App* files = app.add_subcommand("files", "files that were uploaded, and that jobs wrote");
  files->require_subcommand(1);
  add_command(*files, shared, "ls", "those of this key", [&shared] { return list_files(shared); });
  CLI::App* remove = add_command(*files, shared, "rm", "delete files", [&shared, order] { return remove_files(shared, *order); });
  remove->add_option("id", order->ids, "as `demarc files ls` shows them")->required();
}

}  // namespace demarc::cli
