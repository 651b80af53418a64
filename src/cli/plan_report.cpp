// demarc plan report: the business case as HTML, PDF, XLSX, CSV and FOCUS in one folder; --example does it for an invented company.
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "cli/cli.hpp"
#include "cli/place.hpp"
#include "cli/plan_commands.hpp"
#include "core/json/writer.hpp"
#include "planning/report/report.hpp"

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;

struct Order {
  PlanFiles files;
  std::string out = "report", trace, profile;
  double first_token_ms = 500;
  planning::SimulateOptions simulate;
  std::vector<std::string> formats = {"html", "pdf", "xlsx", "csv", "focus"};
  bool example = false;
};

bool wants(const Order& order, const char* format) { return std::ranges::find(order.formats, format) != order.formats.end(); }

bool written(const fs::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (out.good()) return true;
  std::cerr << path.string() << ": cannot be written\n";
  return false;
}

// WeasyPrint of Debian makes the PDF of the same HTML; without it everything else is written all the same.
bool make_pdf(const fs::path& html, const fs::path& pdf) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::execlp("weasyprint", "weasyprint", "--quiet", html.c_str(), pdf.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return false;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// What a trace says about capacity; nothing if there is none, or it cannot be met.
std::optional<planning::CapacityData> capacity_of(const std::string& trace_path, const std::string& profile_path, double first_token_ms,
                                                  const std::string& trace_name) {
  if (trace_path.empty() || profile_path.empty()) return {};
  const auto text = read_whole(profile_path, 1 << 20);
  const auto profiles = text ? planning::read_profiles(*text, profile_path) : fail(profile_path + ": cannot be read");
  if (!profiles) return std::cerr << profiles.error() << '\n', std::nullopt;
  std::ifstream in(trace_path, std::ios::binary);
  const auto formats = planning::read_formats(planning::builtin_formats(), "built in");
  CHECK(formats.ok());
  std::vector<planning::Arrival> trace;
  const auto read = planning::read_export(
      in, *formats,
      {.row =
           [&](planning::Row&& row) {
             if (row.requests <= 1 && row.usage.known())
               trace.push_back({static_cast<double>(row.start.unix_ns) / 1e9, row.usage.total_input(), row.usage.total_output()});
           },
       .rejected = [](const planning::Rejected&) {}});
  if (!read) return std::cerr << trace_path << ": " << read.error().message << '\n', std::nullopt;
  const auto sizing = planning::size_for(trace, profiles->front(), {.first_token_s = first_token_ms / 1000});
  if (!sizing) return std::cerr << trace_path << ": no number of machines meets the target\n", std::nullopt;
  std::array<char, 80> target{};
  std::snprintf(target.data(), target.size(), "first token within %.0f ms for 99 of 100 requests", first_token_ms);
  return planning::CapacityData{
      trace_name, profiles->front().name, profiles->front().source + (profiles->front().date.empty() ? "" : ", " + profiles->front().date), *sizing,
      1,          target.data()};
}

std::optional<Order> example_of(const Order& order) {
  Order out = order;
  const fs::path folder = fs::path(order.out) / "example-company";
  std::error_code error;
  fs::remove_all(folder, error), fs::create_directories(folder, error);
  for (const char* name : {"plan.yaml", "usage.csv", "invoice.csv", "requests.csv", "profiles.yaml"})
    if (!written(folder / name, planning::example_file(name))) return {};
  out.files.plan = folder / "plan.yaml", out.trace = folder / "requests.csv", out.profile = folder / "profiles.yaml";
  return out;
}

int report(const Shared& shared, const Order& asked) {
  std::error_code error;
  fs::create_directories(asked.out, error);
  std::optional<Order> example;
  if (asked.example) {
    example = example_of(asked);
    if (!example) return kFailed;
  }
  const Order& order = example ? *example : asked;
  auto computed = compute(order.files);
  const auto prices = load_prices(order.files);
  if (!computed || !prices) return kFailed;
  auto outcome = planning::simulate(computed->model, computed->plan.correlations, order.simulate);
  if (!outcome) return std::cerr << order.files.plan << ": " << outcome.error() << '\n', kFailed;
  auto retirements = planning::Retirements::read(planning::builtin_retirements());
  auto history = planning::read_history(planning::builtin_history());
  CHECK(retirements.ok() && history.ok());
  planning::ReportData data{.plan = std::move(computed->plan),
                            .model = std::move(computed->model),
                            .cells = std::move(computed->cells),
                            .outcome = std::move(*outcome),
                            .retirements = std::move(*retirements),
                            .history = std::move(*history)};
  data.bars = planning::tornado(data.model), data.break_even = planning::break_even(data.model), data.surface = planning::npv_surface(data.model, 11);
  data.today = format_rfc3339(now()).substr(0, 10);
  data.command = asked.example ? "demarc plan report --example" : "demarc plan report " + order.files.plan;
  data.capacity = capacity_of(order.trace, order.profile, order.first_token_ms, fs::path(order.trace).filename());

  std::string book_path;
  if (asked.example) {
    book_path = fs::path(order.out) / "example-company" / "plan.sqlite";
  } else if (const auto place = find_place(shared); place && fs::exists(place->data + "/plan.sqlite")) {
    book_path = place->data + "/plan.sqlite";
  }
  if (!book_path.empty()) {
    auto book = planning::UsageBook::open(book_path);
    if (!book) return std::cerr << "demarc plan report: " << book.error() << '\n', kFailed;
    if (asked.example) {
      const auto formats = planning::read_formats(planning::builtin_formats(), "built in");
      for (const char* name : {"usage.csv", "invoice.csv"}) {
        const auto imported = book->import(fs::path(order.out) / "example-company" / name, *formats, [](std::uint64_t) {});
        if (!imported) return std::cerr << name << ": " << imported.error().message << '\n', kFailed;
      }
    }
    auto judgements = planning::Judgements::open(*book);
    auto days = book->days();
    auto findings = book->findings(100'000);
    auto inventory = planning::take_inventory(*book, *prices);
    if (!judgements || !days || !findings || !inventory) return std::cerr << "demarc plan report: " << book_path << " cannot be read\n", kFailed;
    data.reconciliation = planning::reconcile(*days, *prices), data.findings = std::move(*findings);
    data.inventory = std::move(*inventory), data.classes = planning::classify_all(data.inventory, *judgements);
  }

  std::vector<std::string> files;
  const fs::path folder(order.out), html = folder / "report.html";
  const std::string page = planning::print_html(data);
  if (!written(html, page)) return kFailed;
  if (wants(order, "html")) files.push_back(html);
  if (wants(order, "xlsx")) {
    if (const auto wrong = planning::write_workbook(data, folder / "report.xlsx")) return std::cerr << *wrong << '\n', kFailed;
    files.push_back(folder / "report.xlsx");
  }
  if (wants(order, "csv") && written(folder / "months.csv", planning::print_csv(data))) files.push_back(folder / "months.csv");
  if (wants(order, "focus") && written(folder / "forecast-focus.csv", planning::print_focus(data))) files.push_back(folder / "forecast-focus.csv");
  if (wants(order, "pdf")) {
    if (make_pdf(html, folder / "report.pdf"))
      files.push_back(folder / "report.pdf");
    else
      std::cerr << "no PDF: it is made by WeasyPrint; apt-get install weasyprint, or print report.html to PDF in a browser\n";
  }
  if (!wants(order, "html")) fs::remove(html, error);
  if (shared.json) {
    std::string out;
    JsonWriter json(out);
    json.object([&] {
      json.array("files", [&] {
        for (const std::string& file : files) json.value(file);
      });
    });
    std::cout << out << '\n';
  } else {
    for (const std::string& file : files) std::cout << file << '\n';
  }
  return kOk;
}

}  // namespace

void add_plan_report(CLI::App& plan, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command = add_command(plan, shared, "report", "the business case on pages: HTML, PDF, XLSX with live formulas, CSV, FOCUS",
                                  [&shared, order] { return report(shared, *order); });
  add_plan_files(command, order->files);
  command->add_flag("--example", order->example, "for an invented company, to see what it looks like");
  command->add_option("-o,--out", order->out, "folder")->capture_default_str();
  command->add_option("--formats", order->formats, "html, pdf, xlsx, csv, focus")
      ->delimiter(',')
      ->check(CLI::IsMember({"html", "pdf", "xlsx", "csv", "focus"}));
  command->add_option("--trace", order->trace, "a request log to replay for the page about capacity");
  command->add_option("--profile", order->profile, "measured engine profiles for it");
  command->add_option("--first-token-ms", order->first_token_ms, "its target")->capture_default_str()->check(CLI::PositiveNumber);
  command->add_option("--draws", order->simulate.draws, "of Monte Carlo")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, planning::kMostDraws));
  command->add_option("--seed", order->simulate.seed, "of Monte Carlo")->capture_default_str();
}

}  // namespace demarc::cli
