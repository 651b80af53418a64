// demarc complete FILE:LINE[:COL]: fills in at a place of a file, with --repo knowing the files around it.
#include <simdjson.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/connection.hpp"
#include "cli/progress.hpp"
#include "code/context.hpp"
#include "core/io/http.hpp"
#include "core/json/writer.hpp"

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kReadyTimeoutMs = 120'000;
constexpr std::size_t kPrefixLines = 256, kSuffixLines = 64;  // as much as editors send
constexpr std::uintmax_t kMostFileBytes = 4U << 20U;

struct Order {
  std::string where, repo, repository, model = "auto", sensitivity, workload;
  std::int64_t max_tokens = 64;
  bool whole_lines = false, only_request = false;
};

struct Spot {
  fs::path file;
  std::size_t line = 0, column = 0;  // from 1; column 0: the line's end
};

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value > 0 ? std::optional(value) : std::nullopt;
}

// FILE:LINE[:COL]; a file's name may hold colons.
std::optional<Spot> read_spot(std::string_view where) {
  const std::size_t last = where.rfind(':');
  if (last == std::string_view::npos || last == 0) return {};
  const auto tail = number(where.substr(last + 1));
  if (!tail) return {};
  const std::size_t before = where.rfind(':', last - 1);
  if (before != std::string_view::npos && before > 0)
    if (const auto line = number(where.substr(before + 1, last - before - 1))) return Spot{std::string(where.substr(0, before)), *line, *tail};
  return Spot{std::string(where.substr(0, last)), *tail, 0};
}

struct Around {
  std::string prefix, line, suffix;  // line: of the cursor's line what stands before it
};

// The column counts bytes, as compilers and editors' plugins do.
Result<Around, std::string> read_around(const Spot& spot) {
  std::error_code failed;
  if (fs::file_size(spot.file, failed) > kMostFileBytes || failed)
    return fail(spot.file.string() + (failed ? ": cannot be read" : ": larger than 4 MiB"));
  std::ifstream in(spot.file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::size_t> begins = {0};
  for (std::size_t at = 0; at < text.size(); ++at)
    if (text[at] == '\n') begins.push_back(at + 1);
  if (spot.line > begins.size()) return fail(spot.file.string() + " has only " + std::to_string(begins.size()) + " lines");
  const std::size_t begin = begins[spot.line - 1], end = std::min(text.find('\n', begin), text.size());
  const std::size_t cursor = spot.column == 0 ? end : begin + spot.column - 1;
  if (cursor > end)
    return fail("line " + std::to_string(spot.line) + " of " + spot.file.string() + " has only " + std::to_string(end - begin) + " columns");
  const std::size_t first = begins[spot.line > kPrefixLines ? spot.line - kPrefixLines : 0];
  const std::size_t behind = spot.line + kSuffixLines < begins.size() ? begins[spot.line + kSuffixLines] : text.size();
  return Around{
      .prefix = text.substr(first, begin - first), .line = text.substr(begin, cursor - begin), .suffix = text.substr(cursor, behind - cursor)};
}

struct Known {  // of the repository
  std::vector<code::Piece> pieces;
  std::string path;  // of the file, below it
  code::Updated updated;
};

Result<Known, std::string> look_around(const Place& place, const Order& order, const Spot& spot, const Around& around) {
  std::error_code failed;
  const fs::path root = fs::canonical(order.repo, failed);
  if (failed) return fail(order.repo + ": is no folder");
  const fs::path file = fs::canonical(spot.file, failed);
  const fs::path below = file.lexically_relative(root);
  if (failed || below.empty() || below.native().starts_with("..")) return fail(spot.file.string() + " is not below " + order.repo);
  auto index = TRY(code::CodeIndex::open(place.data + "/code", root.native()));
  Known known{.pieces = {}, .path = below.generic_string(), .updated = {}};
  Counter counter(std::cerr, on_terminal(), "files");
  known.updated = TRY(
      index.update({}, [&](std::size_t done, std::size_t all) { counter.show(static_cast<std::int64_t>(done), static_cast<std::int64_t>(all)); }));
  counter.end();
  known.pieces = TRY(code::context_for(index, {.path = known.path, .prefix = around.prefix + around.line, .suffix = around.suffix}, {}));
  return known;
}

std::string request_body(const Order& order, const Around& around, const Known& known, const std::string& repository) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("model", order.model);
    json.field("input_prefix", around.prefix);
    json.field("input_suffix", around.suffix);
    json.field("prompt", around.line);
    if (!known.pieces.empty())
      json.array("input_extra", [&] {
        for (const code::Piece& piece : known.pieces) json.object([&] { json.field("filename", piece.path), json.field("text", piece.text); });
      });
    json.field("n_predict", order.max_tokens);
    json.field("temperature", 0);
    if (!order.whole_lines) json.array("stop", [&] { json.value("\n"); });
    json.object("metadata", [&] {
      if (!repository.empty()) json.field("repository", repository);
      if (!known.path.empty()) json.field("path", known.path);
    });
  });
  return out;
}

void print_json(std::string_view completion, const Known& known, const std::string& receipt) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("completion", completion);
    json.array("context", [&] {
      for (const code::Piece& piece : known.pieces)
        json.object([&] { json.field("path", piece.path), json.field("line", piece.line), json.field("bytes", piece.text.size()); });
    });
    if (!receipt.empty()) json.raw_field("receipt", receipt);
  });
  std::cout << out << '\n';
}

int stop(int code, const std::string& why) { return std::cerr << "demarc complete: " << why << '\n', code; }

int complete(const Shared& shared, const Order& order) {
  const auto spot = read_spot(order.where);
  if (!spot) return stop(kUsage, "expected FILE:LINE or FILE:LINE:COLUMN, both from 1");
  const auto around = read_around(*spot);
  if (!around) return stop(kFailed, around.error());
  const auto place = find_place(shared);
  if (!place) return stop(kFailed, place.error());
  Known known{.pieces = {}, .path = spot->file.generic_string(), .updated = {}};
  std::string repository = order.repository;
  if (!order.repo.empty()) {
    auto looked = look_around(*place, order, *spot, *around);
    if (!looked) return stop(kFailed, looked.error());
    known = std::move(*looked);
    std::error_code failed;
    if (repository.empty()) repository = fs::canonical(order.repo, failed).filename().string();
    if (known.updated.with_secrets > 0)
      std::cerr << "demarc complete: " << known.updated.with_secrets << " of " << known.updated.files << " files hold secrets and were left out\n";
  }
  const std::string body = request_body(order, *around, known, repository);
  if (order.only_request) return std::cout << body << '\n', kOk;

  auto connection = Connection::open(*place, Connection::IfNone::start_one);
  if (!connection) return stop(kFailed, connection.error());
  if (const auto ready = (*connection)->wait_ready(kReadyTimeoutMs, "fim"); !ready) return stop(kUnavailable, ready.error());
  Headers headers{{"content-type", "application/json"}};
  if (!order.sensitivity.empty()) headers.add("demarc-sensitivity", order.sensitivity);
  if (!order.workload.empty()) headers.add("demarc-workload", order.workload);
  const auto answer = (*connection)->call("POST", "/infill", headers, body);
  if (!answer) return stop(kUnavailable, answer.error());
  if (answer->status != 200) return stop(exit_code_of(answer->status), error_message(*answer));
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view text;
  if (parser.parse(answer->body).get(root) != simdjson::SUCCESS || root["content"].get(text) != simdjson::SUCCESS)
    return stop(kFailed, "the answer has no content");
  if (!shared.json) return std::cout << text << '\n', kOk;
  const auto receipt = (*connection)->call("GET", "/v1/receipts/" + std::string(answer->headers.get("demarc-request-id")), {}, "");
  return print_json(text, known, receipt && receipt->status == 200 ? receipt->body : ""), kOk;
}

}  // namespace

void add_complete(CLI::App& app, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command = add_command(app, shared, "complete", "fills in at a place of a file", [&shared, order] { return complete(shared, *order); });
  command->add_option("where", order->where, "FILE:LINE or FILE:LINE:COLUMN, from 1; without a column the line's end")->required();
  command->add_option("--repo", order->repo, "the folder of its repository: definitions and neighbours in it are shown to the model");
  command->add_option("--repository", order->repository, "what the policy knows the repository by (else the folder's name)");
  command->add_option("-m,--model", order->model, "a model, alias, workload/NAME, or auto")->capture_default_str();
  command->add_option("-s,--sensitivity", order->sensitivity, "public, internal, confidential or restricted: only tightens");
  command->add_option("-w,--workload", order->workload, "the workload this is for");
  command->add_option("--max-tokens", order->max_tokens, "the most tokens to fill in")->check(CLI::Range(1, 2048))->capture_default_str();
  command->add_flag("--lines", order->whole_lines, "several lines; else to the end of one");
  command->add_flag("--print-request", order->only_request, "print what would be asked of /infill, and ask nobody");
}

}  // namespace demarc::cli
