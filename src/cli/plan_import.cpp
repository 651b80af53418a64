// demarc plan import: usage exports, invoices and request logs into plan.sqlite of the data folder; what is wrong with them; whether they add up.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/strings.hpp"
#include "cli/cli.hpp"
#include "cli/place.hpp"
#include "cli/plan_commands.hpp"
#include "cli/progress.hpp"
#include "core/json/writer.hpp"
#include "planning/import/reconcile.hpp"

namespace demarc::cli {
namespace {

struct Order {
  std::vector<std::string> files;
  std::string mapping;
  std::vector<std::string> prices;
};

constexpr std::size_t kFindingsShown = 40;

// Columns that are called like a field of ours, or nearly: what the wizard offers first.
std::string guess_of(const std::string& field, const std::vector<std::string>& columns) {
  const auto folded = [](std::string_view text) {
    std::string out = to_lower(text);
    std::erase_if(out, [](char c) { return c == '_' || c == ' ' || c == '-' || c == '.'; });
    return out;
  };
  static const std::vector<std::pair<std::string, std::vector<std::string>>> likely = {
      {"start", {"date", "day", "time", "timestamp", "createdat", "start", "starttime"}},
      {"model", {"model", "modelname", "deployment"}},
      {"cost", {"cost", "usd", "amount", "spend", "price", "total"}},
      {"input", {"inputtokens", "prompttokens", "tokensin", "input"}},
      {"output", {"outputtokens", "completiontokens", "tokensout", "output"}},
      {"requests", {"requests", "calls", "count"}},
      {"key", {"user", "key", "apikey"}},
      {"project", {"project", "team", "department"}},
      {"workload", {"workload", "application", "app", "usecase"}},
      {"provider", {"provider", "vendor"}}};
  for (const auto& [name, words] : likely)
    if (name == field)
      for (const std::string& word : words)
        for (const std::string& column : columns)
          if (folded(column) == word) return column;
  return {};
}

planning::Format guessed_format(const planning::UnknownColumns& unknown) {
  planning::Format format{.name = "own", .kind = planning::RowKind::usage, .needs = unknown.columns};
  for (const auto& [field, meaning] : planning::mappable_fields())
    if (const std::string column = guess_of(field, unknown.columns); !column.empty()) format.fields[field] = column;
  return format;
}

// Asks on a terminal which column means what; an empty answer takes the offer, "-" takes none.
planning::Format asked_format(const std::string& path, const planning::UnknownColumns& unknown) {
  planning::Format format = guessed_format(unknown);
  std::cerr << "\n" << path << " is in no format demarc knows. Its columns:\n";
  for (std::size_t i = 0; i < unknown.columns.size(); ++i) {
    std::cerr << "  " << i + 1 << "  " << unknown.columns[i];
    if (!unknown.first_rows.empty() && i < unknown.first_rows[0].size()) std::cerr << "   (" << unknown.first_rows[0][i].substr(0, 40) << ")";
    std::cerr << '\n';
  }
  std::cerr << "For each of these give its column's number; Enter takes what is offered, - is none.\n";
  std::string answer;
  for (const auto& [field, meaning] : planning::mappable_fields()) {
    const auto offered = format.fields.find(field);
    std::cerr << field << " (" << meaning << ")" << (offered == format.fields.end() ? " []: " : " [" + offered->second + "]: ");
    if (!std::getline(std::cin, answer)) break;
    answer = std::string(trim(answer));
    if (answer == "-") format.fields.erase(field);
    const std::size_t number =
        answer.empty() || answer.find_first_not_of("0123456789") != std::string::npos || answer.size() > 4 ? 0 : std::stoul(answer);
    if (number >= 1 && number <= unknown.columns.size()) format.fields[field] = unknown.columns[number - 1];
  }
  std::cerr << "Is it an invoice (what was billed) rather than usage? [y/N]: ";
  if (std::getline(std::cin, answer) && (answer == "y" || answer == "Y")) format.kind = planning::RowKind::invoice;
  std::cerr << "Provider, if no column says it (openai, anthropic, …): ";
  if (std::getline(std::cin, answer)) format.provider = std::string(trim(answer));
  return format;
}

// A mapping beside the file, made by asking or by guessing; nothing if there was nobody to ask.
std::optional<planning::Format> map_unknown(const std::string& path, const planning::UnknownColumns& unknown) {
  const std::string file = path + ".mapping.yaml";
  const bool ask = isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0;
  const planning::Format format = ask ? asked_format(path, unknown) : guessed_format(unknown);
  const bool written = static_cast<bool>(std::ofstream(file) << "# Which column of " << std::filesystem::path(path).filename().string()
                                                             << " means what (docs/reference/plan.md).\n"
                                                             << planning::print_mapping(format));
  std::cerr << (written ? "wrote " : "could not write ") << file << (ask ? "" : ", a guess: look at it, then import again with --mapping") << '\n';
  return ask && written && format.fields.contains("start") ? std::optional(format) : std::nullopt;
}

std::string line_of(const std::string& path, const planning::Imported& in) {
  return path + ": " + in.read.format + ", " + std::to_string(in.read.rows) + " rows" +
         (in.first_day.empty() ? "" : " from " + in.first_day + " to " + in.last_day) +
         (in.duplicates > 0 ? ", " + std::to_string(in.duplicates) + " known already" : "") +
         (in.contradictions > 0 ? ", " + std::to_string(in.contradictions) + " contradict what is known" : "") +
         (in.read.rejected > 0 ? ", " + std::to_string(in.read.rejected) + " could not be read" : "") +
         (in.read.other_services > 0 ? ", " + std::to_string(in.read.other_services) + " about other services" : "");
}

int import(const Shared& shared, const Order& order) {
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc plan import: " << place.error() << '\n', kFailed;
  const auto prices = load_prices({.prices = order.prices});
  if (!prices) return kFailed;
  auto formats = planning::read_formats(planning::builtin_formats(), "built in");
  CHECK(formats.ok());
  if (!order.mapping.empty()) {
    const auto text = read_whole(order.mapping, 1 << 20);
    if (!text) return kFailed;
    auto own = planning::read_formats(*text, order.mapping);
    if (!own) return std::cerr << own.error() << '\n', kFailed;
    formats->insert(formats->begin(), own->begin(), own->end());
  }
  std::error_code ignored;
  std::filesystem::create_directories(place->data, ignored);
  auto book = planning::UsageBook::open(place->data + "/plan.sqlite");
  if (!book) return std::cerr << "demarc plan import: " << book.error() << '\n', kFailed;

  std::uint64_t all_bytes = 0;
  for (const std::string& path : order.files)
    if (const auto size = std::filesystem::file_size(path, ignored); !ignored) all_bytes += size;
  bool failed = false;
  {
    Progress progress(std::cerr, on_terminal(), {.files = order.files.size(), .bytes = all_bytes});
    for (const std::string& path : order.files) {
      std::uint64_t told = 0;
      const auto tell = [&](std::uint64_t bytes) { progress.add(0, bytes - std::min(told, bytes)), told = std::max(told, bytes); };
      auto imported = book->import(path, *formats, tell);
      if (!imported && !imported.error().unknown.columns.empty() && order.mapping.empty()) {
        progress.say(path + ": " + imported.error().message);
        if (const auto own = map_unknown(path, imported.error().unknown)) imported = book->import(path, {*own}, tell);
      }
      if (imported)
        progress.say(line_of(path, *imported));
      else
        failed = true, progress.say(path + ": " + imported.error().message);
      progress.add(1, 0);
    }
  }
  const auto findings = book->findings(100'000);
  const auto days = book->days();
  if (!findings || !days) return std::cerr << "demarc plan import: " << (findings ? days.error() : findings.error()) << '\n', kFailed;
  const planning::Reconciliation reconciled = planning::reconcile(*days, *prices);
  if (shared.json) {
    std::string out;
    JsonWriter json(out);
    json.object([&] {
      json.array("findings", [&] {
        for (const planning::Finding& f : *findings)
          json.object([&] {
            json.field("kind", planning::to_string(f.kind)), json.field("file", f.file), json.field("line", f.line), json.field("message", f.message);
          });
      });
      json.raw_field("reconciliation", planning::to_json(reconciled));
    });
    std::cout << out << '\n';
  } else {
    for (std::size_t i = 0; i < std::min(findings->size(), kFindingsShown); ++i) {
      const planning::Finding& f = (*findings)[i];
      std::cout << planning::to_string(f.kind) << ": " << f.file << (f.line > 0 ? ":" + std::to_string(f.line) : std::string()) << ": " << f.message
                << '\n';
    }
    if (findings->size() > kFindingsShown) std::cout << "… and " << findings->size() - kFindingsShown << " more findings (--json shows all)\n";
    std::cout << planning::print(reconciled);
  }
  return failed ? kFailed : kOk;
}

}  // namespace

void add_plan_import(CLI::App& plan, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command = add_command(plan, shared, "import", "usage exports, invoices, request logs; what is wrong with them, whether they add up",
                                  [&shared, order] { return import(shared, *order); });
  command->add_option("files", order->files, "CSV or JSON; without any: what is imported already");
  command->add_option("--mapping", order->mapping, "which column means what, for files in a format of your own");
  command->add_option("--prices", order->prices, "price files that win over the built-in book");
}

}  // namespace demarc::cli
