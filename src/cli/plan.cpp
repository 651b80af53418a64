// demarc plan: what should run where, what it costs, what it risks. Works on files; no server need run, and nothing is sent anywhere.
#include <chrono>
#include <fstream>
#include <iostream>

#include "cli/cli.hpp"
#include "cli/plan_commands.hpp"
#include "cli/plan_start.hpp"

namespace demarc::cli {

void add_plan_files(CLI::App* command, PlanFiles& files) {
  command->add_option("plan", files.plan, "the plan (docs/reference/plan.md)")->capture_default_str();
  command->add_option("--prices", files.prices, "price files that win over the built-in book");
}

std::optional<std::string> read_whole(const std::string& path, std::size_t most_bytes) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::cerr << path << ": cannot be read\n", std::nullopt;
  std::string text(most_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > most_bytes) return std::cerr << path << ": larger than " << most_bytes / (1 << 20) << " MiB\n", std::nullopt;
  return text;
}

Instant now() { return {std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count()}; }

std::optional<ledger::PriceBook> load_prices(const PlanFiles& files) {
  std::vector<ledger::PriceText> texts = {ledger::builtin_prices()};
  for (const std::string& path : files.prices) {
    auto text = read_whole(path, 4 << 20);
    if (!text) return {};
    texts.push_back({path, std::move(*text)});
  }
  auto book = ledger::PriceBook::load(texts);
  if (!book) return std::cerr << book.error().print() << '\n', std::nullopt;
  return std::move(*book);
}

std::optional<Computed> compute(const PlanFiles& files) {
  const auto book = load_prices(files);
  if (!book) return {};
  const auto text = read_whole(files.plan, 4 << 20);
  if (!text) return {};
  auto plan = planning::read_plan(*text, files.plan, *book, now());
  if (!plan) return std::cerr << plan.error().print() << '\n', std::nullopt;
  Computed out{std::move(*plan), {}, {}};
  out.model = planning::build_model(out.plan);
  auto cells = planning::evaluate(out.model.sheet);
  if (!cells) return std::cerr << files.plan << ": the cell " << cells.error().cell << ' ' << cells.error().message << '\n', std::nullopt;
  out.cells = std::move(*cells);
  return out;
}

void add_plan(CLI::App& app, Shared& shared) {
  CLI::App* plan = app.add_subcommand("plan", "the business case: what should run where, what it costs, when it pays back");
  plan->require_subcommand(1);
  add_plan_import(*plan, shared);
  add_plan_inventory(*plan, shared);
  add_plan_size(*plan, shared);
  add_plan_compare(*plan, shared);
  add_plan_simulate(*plan, shared);
  add_plan_pilot(*plan, shared);
  add_plan_report(*plan, shared);
  add_plan_start(*plan, shared);
}

}  // namespace demarc::cli
