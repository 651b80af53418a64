// demarc redact [FILE|FOLDER...]: hides personal data and secrets in texts, or gives back what was hidden; with a report of what was found.
#include <simdjson.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "base/strings.hpp"
#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "core/json/writer.hpp"

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kReadyTimeoutMs = 120'000;
constexpr std::size_t kPieceBytes = 4 << 20;        // of one call; cut at a line's end
constexpr std::uintmax_t kFileBytes = 1ULL << 30U;  // of one file

struct Order {
  std::vector<std::string> paths, types;
  std::string op = "placeholder", conversation, folder, report;
  bool restore = false, explain = false;
};

struct Found {
  std::string type, kind, path, tier, reason;
  std::uint64_t start = 0, end = 0;  // code points of the file (of the JSON value at `path`, if there is one)
  double score = 0;
};

struct Done {
  std::string file, output;
  std::vector<Found> found;
};

struct Input {
  std::string name;  // as shown; "-" is standard input
  fs::path path;     // "" for standard input
  fs::path below;    // where it goes below --output
};

// The files that are meant, folders read whole and in order. Hidden files and folders are passed over.
Result<std::vector<Input>, std::string> inputs_of(const Order& order) {
  std::vector<Input> inputs;
  if (order.paths.empty()) inputs.push_back({"-", {}, "stdin.txt"});
  for (const std::string& given : order.paths) {
    std::error_code error;
    if (!fs::is_directory(given, error)) {
      inputs.push_back({given, given, fs::path(given).filename()});
      continue;
    }
    std::vector<fs::path> files;
    for (auto at = fs::recursive_directory_iterator(given, fs::directory_options::skip_permission_denied, error); at != fs::end(at);
         at.increment(error)) {
      if (error) return fail(given + ": " + error.message());
      const bool hidden = at->path().filename().string().starts_with('.');
      if (hidden && at->is_directory(error)) at.disable_recursion_pending();
      if (!hidden && at->is_regular_file(error)) files.push_back(at->path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) inputs.push_back({file.string(), file, fs::relative(file, given)});
  }
  return inputs;
}

Result<std::string, std::string> read_input(const Input& input) {
  if (input.path.empty()) return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::error_code error;
  const std::uintmax_t size = fs::file_size(input.path, error);
  if (error) return fail(error.message());
  if (size > kFileBytes) return fail(std::string("larger than 1 GiB; cut it first"));
  std::ifstream in(input.path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in.good() && !in.eof()) return fail(std::string("cannot be read"));
  if (!is_utf8(text) || text.find('\0') != std::string::npos) return fail(std::string("is not a text in UTF-8, so it was passed over"));
  return text;
}

// Pieces of about kPieceBytes, cut behind a line's end where there is one.
std::vector<std::string_view> pieces_of(std::string_view text) {
  std::vector<std::string_view> pieces;
  while (text.size() > kPieceBytes) {
    std::size_t cut = text.rfind('\n', kPieceBytes);
    if (cut == std::string_view::npos) {
      cut = kPieceBytes;
      while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
      --cut;
    }
    pieces.push_back(text.substr(0, cut + 1));
    text.remove_prefix(cut + 1);
  }
  pieces.push_back(text);
  return pieces;
}

bool is_json(const Input& input, const std::string& text) {
  if (input.path.extension() != ".json" || text.size() > kPieceBytes) return false;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  return parser.parse(text).get(root) == simdjson::SUCCESS && (root.is_object() || root.is_array());
}

std::string call_body(const Order& order, std::string_view piece, bool json_value) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("mode", order.restore ? "restore" : "redact");
    json.field("operator", order.op);
    if (!order.conversation.empty()) json.field("conversation", order.conversation);
    if (!order.types.empty())
      json.array("types", [&] {
        for (const std::string& type : order.types) json.value(type);
      });
    json.array("input", [&] { json_value ? json.raw(piece) : json.value(piece); });
  });
  return out;
}

std::string text_at(simdjson::dom::element from, const char* field) {
  std::string_view text;
  return from[field].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

void read_found(simdjson::dom::element result, std::uint64_t offset, std::vector<Found>& into) {
  simdjson::dom::array findings;
  if (result["findings"].get(findings) != simdjson::SUCCESS) return;
  for (const simdjson::dom::element one : findings) {
    Found found{.type = text_at(one, "type"),
                .kind = text_at(one, "kind"),
                .path = text_at(one, "path"),
                .tier = text_at(one, "tier"),
                .reason = text_at(one, "reason")};
    const std::uint64_t shift = found.path.empty() ? offset : 0;
    if (one["start"].get(found.start) != simdjson::SUCCESS || one["end"].get(found.end) != simdjson::SUCCESS) continue;
    found.start += shift, found.end += shift;
    static_cast<void>(one["score"].get(found.score));
    into.push_back(std::move(found));
  }
}

struct Failed {
  int exit_code;
  std::string message;
};

Result<Done, Failed> redact_one(Connection& connection, const Order& order, const Input& input) {
  const auto text = read_input(input);
  if (!text) return fail(Failed{kFailed, text.error()});
  Done done{.file = input.name, .output = {}, .found = {}};
  const bool json_value = is_json(input, *text);
  std::uint64_t offset = 0;
  for (const std::string_view piece : pieces_of(*text)) {
    const auto answer = connection.call("POST", "/v1/redactions", {{"content-type", "application/json"}}, call_body(order, piece, json_value));
    if (!answer) return fail(Failed{kUnavailable, answer.error()});
    if (answer->status != 200) return fail(Failed{exit_code_of(answer->status), error_message(*answer)});
    simdjson::dom::parser parser;
    simdjson::dom::element result;
    if (parser.parse(answer->body)["results"].at(0).get(result) != simdjson::SUCCESS) return fail(Failed{kFailed, "the answer cannot be read"});
    done.output += json_value ? simdjson::minify(result["output"]) + "\n" : text_at(result, "output");
    read_found(result, offset, done.found);
    offset += count_code_points(piece);
  }
  return done;
}

void explain(const Done& done) {
  std::cerr << done.file << '\n';
  for (const Found& found : done.found) {
    std::string line = "  " + found.type + (found.kind.empty() ? "" : " (" + found.kind + ")");
    line.resize(std::max<std::size_t>(line.size() + 1, 32), ' ');
    line += std::to_string(found.start) + "-" + std::to_string(found.end) + (found.path.empty() ? "" : " in " + found.path);
    line.resize(std::max<std::size_t>(line.size() + 1, 52), ' ');
    line += found.tier + " " + std::to_string(found.score).substr(0, 4) + (found.reason.empty() ? "" : "  " + found.reason);
    std::cerr << line << '\n';
  }
}

void write_report(std::ostream& out, const std::vector<Done>& all) {
  const auto quoted = [](const std::string& text) {
    std::string field = "\"";
    for (const char c : text) field += c == '"' ? "\"\"" : std::string(1, c);
    return field + "\"";
  };
  out << "file,type,kind,path,start,end,tier,score\n";
  for (const Done& done : all)
    for (const Found& found : done.found)
      out << quoted(done.file) << ',' << found.type << ',' << found.kind << ',' << quoted(found.path) << ',' << found.start << ',' << found.end << ','
          << found.tier << ',' << std::to_string(found.score).substr(0, 4) << '\n';
}

std::string json_report(const std::vector<Done>& all) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.array("files", [&] {
      for (const Done& done : all)
        json.object([&] {
          json.field("file", done.file);
          json.field("output", done.output);
          json.array("findings", [&] {
            for (const Found& found : done.found)
              json.object([&] {
                json.field("type", found.type);
                if (!found.kind.empty()) json.field("kind", found.kind);
                if (!found.path.empty()) json.field("path", found.path);
                json.field("start", found.start);
                json.field("end", found.end);
                json.field("tier", found.tier);
                json.field("score", found.score);
                if (!found.reason.empty()) json.field("reason", found.reason);
              });
          });
        });
    });
  });
  return out;
}

void say_summary(const std::vector<Done>& all, std::size_t failed) {
  std::map<std::string, std::size_t> counts;
  std::size_t total = 0;
  for (const Done& done : all)
    for (const Found& found : done.found) ++counts[found.type], ++total;
  std::cerr << all.size() << (all.size() == 1 ? " text, " : " texts, ") << total << (total == 1 ? " finding" : " findings");
  const char* separator = ": ";
  for (const auto& [type, count] : counts) std::cerr << separator << count << " " << type, separator = ", ";
  if (failed > 0) std::cerr << "; " << failed << " not done, see above";
  std::cerr << '\n';
}

Result<void, std::string> write_output(const Order& order, const Input& input, const Done& done) {
  if (order.folder.empty()) return std::cout << done.output << std::flush, Result<void, std::string>{};
  const fs::path to = fs::path(order.folder) / input.below;
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  std::ofstream out(to, std::ios::binary);
  out << done.output;
  out.close();
  if (!out) return fail(to.string() + ": cannot be written");
  return {};
}

int redact(const Shared& shared, const Order& order) {
  const auto inputs = inputs_of(order);
  if (!inputs) return std::cerr << "demarc redact: " << inputs.error() << '\n', kFailed;
  if (inputs->size() > 1 && order.folder.empty() && !shared.json)
    return std::cerr << "demarc redact: several files need --output FOLDER (or --json)\n", kUsage;
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc redact: " << place.error() << '\n', kFailed;
  auto connection = Connection::open(*place, Connection::IfNone::start_one);
  if (!connection) return std::cerr << "demarc redact: " << connection.error() << '\n', kFailed;
  if (order.restore && (*connection)->own_gateway())
    return std::cerr << "demarc redact: placeholders live in the gateway that made them, and none is running. Start one: demarc serve\n",
           kUnavailable;

  if (const auto ready = (*connection)->wait_for_detectors(kReadyTimeoutMs); !ready)
    return std::cerr << "demarc redact: " << ready.error() << '\n', kUnavailable;

  const bool bar = isatty(STDERR_FILENO) == 1 && inputs->size() > 1;
  std::vector<Done> all;
  int worst = kOk;
  std::size_t failed = 0;
  for (std::size_t i = 0; i < inputs->size(); ++i) {
    const Input& input = (*inputs)[i];
    if (inputs->size() > 1)
      std::cerr << (bar ? "\r\x1b[K" : "") << "[" << i + 1 << "/" << inputs->size() << "] " << input.name << (bar ? "" : "\n") << std::flush;
    auto done = redact_one(**connection, order, input);  // one bad file does not keep the others from being done
    if (!done) {
      std::cerr << (bar ? "\r\x1b[K" : "") << input.name << ": " << done.error().message << '\n';
      worst = std::max(worst, done.error().exit_code), ++failed;
      continue;
    }
    if (!shared.json)
      if (const auto written = write_output(order, input, *done); !written) return std::cerr << "demarc redact: " << written.error() << '\n', kFailed;
    if (order.explain) explain(*done);
    if (!shared.json) done->output.clear();
    all.push_back(std::move(*done));
  }
  if (bar) std::cerr << "\r\x1b[K";
  if (shared.json) std::cout << json_report(all) << '\n';
  if (!order.report.empty()) {
    std::ofstream report(order.report);
    write_report(report, all);
    report.close();
    if (!report) return std::cerr << "demarc redact: " << order.report << ": cannot be written\n", kFailed;
  }
  if (!order.restore) say_summary(all, failed);
  return worst;
}

}  // namespace

void add_redact(CLI::App& app, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command =
      add_command(app, shared, "redact", "hide personal data and secrets in texts", [&shared, order] { return redact(shared, *order); });
  command->add_option("paths", order->paths, "files and folders; none: standard input")->check(CLI::ExistingPath);
  command->add_option("--operator", order->op, "placeholder or surrogate (can be restored), mask, hash or drop")
      ->capture_default_str()
      ->check(CLI::IsMember({"placeholder", "mask", "hash", "surrogate", "drop"}));
  command->add_option("--types", order->types, "only these, with commas: CREDIT_CARD,EMAIL_ADDRESS")->delimiter(',');
  command->add_option("-c,--conversation", order->conversation, "a name: equal values get equal placeholders, and --restore knows them");
  command->add_flag("--restore", order->restore, "give back what placeholders stand for");
  command->add_flag("--explain", order->explain, "list every finding: where, by which tier, how sure, why");
  command->add_option("-o,--output", order->folder, "write each result below this folder");
  command->add_option("--report", order->report, "write all findings to this CSV file; no contents");
}

}  // namespace demarc::cli
