// demarc audit ls | show | verify | prove | export | erase
#include <simdjson.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/audit_export.hpp"
#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/connection.hpp"
#include "core/json/writer.hpp"
#include "governance/verify.hpp"

namespace demarc::cli {
namespace {

struct Order {
  std::string from, limit = "20", index, folder, vkey, since, subject;
};

std::string text_of(simdjson::simdjson_result<simdjson::dom::element> value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

int call(const Shared& shared, const std::string& target, const std::function<void(const std::string&)>& print, const std::string& method = "GET",
         const std::string& content = "") {
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc audit: " << place.error() << '\n', kFailed;
  auto connection = Connection::open(*place, Connection::IfNone::start_one);
  if (!connection) return std::cerr << "demarc audit: " << connection.error() << '\n', kFailed;
  const auto answer = (*connection)->call(method, target, {}, content);
  if (!answer) return std::cerr << "demarc audit: " << answer.error() << '\n', kUnavailable;
  if (answer->status != 200) return std::cerr << "demarc audit: " << error_message(*answer) << '\n', exit_code_of(answer->status);
  if (shared.json)
    std::cout << answer->body << '\n';
  else
    print(answer->body);
  return kOk;
}

int erase(const Shared& shared, const std::string& subject) {
  std::string content;
  JsonWriter json(content);
  json.object([&] { json.field("subject", subject); });
  const auto say = [&](const std::string& body) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    std::int64_t conversations = 0, files = 0, record = 0;
    if (parser.parse(body).get(root) != simdjson::SUCCESS) return;
    static_cast<void>(root["conversations"].get(conversations));
    static_cast<void>(root["files"].get(files));
    static_cast<void>(root["record"].get(record));
    std::cout << "erased " << subject << ": the key of its commitments, and the values of " << conversations << " conversations, and " << files
              << " files with their jobs (record " << record << "). Backups of the data folder are yours to destroy.\n";
  };
  return call(shared, "/admin/v1/erase", say, "POST", content);
}

void print_list(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array records;
  if (parser.parse(body).get(root) != simdjson::SUCCESS || root["records"].get(records) != simdjson::SUCCESS) return;
  std::printf("%8s  %-24s %-8s %-14s %s\n", "INDEX", "TIME", "KIND", "UPSTREAM", "ABOUT");
  for (const simdjson::dom::element entry : records) {
    std::int64_t index = 0;
    static_cast<void>(entry["index"].get(index));
    const auto record = entry["record"];
    std::string about = text_of(record["id"]);
    for (const char* field : {"outcome", "effect", "cause", "reason"})
      if (const std::string value = text_of(record[field]); !value.empty()) about += " " + value;
    std::printf("%8lld  %-24s %-8s %-14.14s %s\n", static_cast<long long>(index), text_of(record["ts"]).c_str(), text_of(record["kind"]).c_str(),
                text_of(record["upstream"]).c_str(), about.c_str());
  }
}

std::optional<std::string> read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return {};
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string report_json(const governance::VerifyReport& report) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("ok", report.ok());
    json.field("origin", report.origin);
    json.field("size", report.size);
    json.field("uncovered", report.uncovered);
    json.array("problems", [&] {
      for (const governance::Problem& problem : report.problems)
        json.object([&] {
          json.field("kind", governance::to_string(problem.kind));
          json.field("file", problem.file);
          if (problem.index)
            json.field("index", *problem.index);
          else
            json.field("index", json_null);
          json.field("what", problem.what);
        });
    });
  });
  return out;
}

int verify(const Shared& shared, const Order& order) {
  std::string folder = order.folder;
  if (folder.empty()) {
    const auto place = find_place(shared);
    if (!place) return std::cerr << "demarc audit verify: " << place.error() << '\n', kFailed;
    folder = place->data + "/audit";
  }
  const std::string vkey_file = order.vkey.empty() ? folder + "/vkey" : order.vkey;
  const auto vkey = read_text(vkey_file);
  if (!vkey)
    return std::cerr << "demarc audit verify: " << vkey_file << " cannot be read. The public key belongs on media you trust; name it with --vkey\n",
           kFailed;
  governance::VerifyOptions options{.vkey = std::string(vkey->substr(0, vkey->find('\n'))), .since = {}};
  if (!order.since.empty()) {
    options.since = read_text(order.since);
    if (!options.since) return std::cerr << "demarc audit verify: " << order.since << " cannot be read\n", kFailed;
  }
  const governance::VerifyReport report = governance::verify_log(real_disk(), folder, options);
  if (shared.json)
    std::cout << report_json(report) << '\n';
  else if (report.ok())
    std::cout << "verified: " << report.origin << ", " << report.size << " records under the signed checkpoint, " << report.uncovered
              << " beyond it, none changed, removed or added\n";
  for (const governance::Problem& problem : report.problems)
    std::cerr << "NOT VERIFIED: " << governance::to_string(problem.kind) << (problem.file.empty() ? "" : ", " + problem.file)
              << (problem.index ? ", record " + std::to_string(*problem.index) : "") << ": " << problem.what << '\n';
  if (order.vkey.empty() && report.ok())
    std::cerr << "note: checked against the key that lies in the folder itself; --vkey FILE names one you trust\n";
  return report.ok() ? kOk : kVerificationFailed;
}

}  // namespace

void add_audit(CLI::App& app, Shared& shared) {
  CLI::App* audit = app.add_subcommand("audit", "what happened, and the proof of it");
  audit->require_subcommand(1);
  auto order = std::make_shared<Order>();
  CLI::App* ls = add_command(*audit, shared, "ls", "the newest records, or those from an index on", [&shared, order] {
    return call(shared, "/admin/v1/audit?limit=" + order->limit + (order->from.empty() ? "" : "&from=" + order->from), print_list);
  });
  ls->add_option("--from", order->from, "first index")->check(CLI::NonNegativeNumber);
  ls->add_option("-n,--limit", order->limit, "how many, at most 1000")->capture_default_str()->check(CLI::PositiveNumber);
  CLI::App* show = add_command(*audit, shared, "show", "one record, as it is stored", [&shared, order] {
    return call(shared, "/admin/v1/audit/" + order->index, [](const std::string& body) { std::cout << body << '\n'; });
  });
  show->add_option("index", order->index, "of the record")->required()->check(CLI::NonNegativeNumber);
  CLI::App* prove = add_command(*audit, shared, "prove", "an inclusion proof of one record (c2sp.org/tlog-proof)", [&shared, order] {
    return call(shared, "/admin/v1/audit/" + order->index + "/proof", [](const std::string& body) { std::cout << body; });
  });
  prove->add_option("index", order->index, "of the record")->required()->check(CLI::NonNegativeNumber);
  CLI::App* erasure = add_command(*audit, shared, "erase", "destroy what is kept of one caller's contents: commitments can be opened no more",
                                  [&shared, order] { return erase(shared, order->subject); });
  erasure->add_option("subject", order->subject, "a key's id, or local: callers without a key")->required();
  auto exported = std::make_shared<AuditExport>();
  CLI::App* export_command = add_command(*audit, shared, "export", "records as they are stored, one JSON object a line",
                                         [&shared, exported] { return export_audit(shared, *exported); });
  export_command->add_option("folder", exported->folder, "an audit folder or a copy of one (else the server's)");
  export_command->add_option("--since", exported->since, "records of this date or RFC 3339 time and later");
  export_command->add_option("--until", exported->until, "records before it");
  CLI::App* check = add_command(*audit, shared, "verify",
                                "check a log, or an offline copy of one, with its public key alone; exit code 5 if anything is not as signed",
                                [&shared, order] { return verify(shared, *order); });
  check->add_option("folder", order->folder, "the audit folder or a copy of it (else this data folder's)");
  check->add_option("--vkey", order->vkey, "file with the log's public key, from media you trust");
  check->add_option("--since", order->since, "an older checkpoint that this log must contain");
}

}  // namespace demarc::cli
