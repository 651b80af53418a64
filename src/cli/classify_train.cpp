#include "cli/classify_train.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include "base/strings.hpp"
#include "base/time.hpp"
#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/text_client.hpp"
#include "core/io/disk.hpp"
#include "core/io/loop.hpp"
#include "core/json/writer.hpp"
#include "models/digest.hpp"
#include "text/csv.hpp"
#include "text/report.hpp"
#include "text/train.hpp"

namespace demarc::cli {
namespace {

constexpr int kReadyTimeoutMs = 120'000;
constexpr std::size_t kMaxDataBytes = std::size_t{1} << 30;

struct Order {
  std::string data, out, report, model = "auto", text_column = "text", label_column = "label", several;
  double precision = 0, certainty = 0.95;
  std::size_t folds = 5;
};

struct Labelled {
  std::vector<std::string> texts, names;
  std::vector<std::vector<std::uint32_t>> labels;
};

Result<Labelled, std::string> read_data(const Order& order) {
  const auto bytes = read_file(real_disk(), order.data, kMaxDataBytes);
  if (!bytes) return fail(std::string(to_string(bytes.error())));
  text::Table table = TRY(text::read_csv(*bytes));
  const std::size_t text = TRY(table.column(order.text_column)), label = TRY(table.column(order.label_column));
  std::map<std::string, std::uint32_t> numbers;
  const auto each = [&](const std::string& cell, auto&& use) {
    if (order.several.empty()) return use(std::string(trim(cell)));
    for (std::size_t at = 0; at <= cell.size();) {
      const std::size_t end = std::min(cell.find(order.several, at), cell.size());
      if (const std::string_view one = trim(std::string_view(cell).substr(at, end - at)); !one.empty()) use(std::string(one));
      at = end + order.several.size();
    }
  };
  Labelled out;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (trim(table.rows[i][text]).empty()) return fail("row " + std::to_string(i + 1) + " has no text");
    if (order.several.empty() && trim(table.rows[i][label]).empty()) return fail("row " + std::to_string(i + 1) + " has no label");
    each(table.rows[i][label], [&](const std::string& name) { numbers.emplace(name, 0); });
  }
  for (auto& [name, number] : numbers) number = static_cast<std::uint32_t>(out.names.size()), out.names.push_back(name);
  for (auto& row : table.rows) {
    std::vector<std::uint32_t>& of_text = out.labels.emplace_back();
    each(row[label], [&](const std::string& name) { of_text.push_back(numbers.at(name)); });
    std::ranges::sort(of_text);
    of_text.erase(std::unique(of_text.begin(), of_text.end()), of_text.end());
    out.texts.push_back(std::move(row[text]));
  }
  return out;
}

bool write(const std::string& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out << bytes;
  out.close();
  if (!out) std::cerr << "demarc classify train: " << path << ": cannot be written\n";
  return out.good();
}

void tell(const Shared& shared, const Order& order, const text::Trained& trained) {
  if (shared.json) return void(std::cout << text::report_json(trained));
  const text::Quality& quality = trained.classifier.quality;
  const auto percent = [](double share) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f %%", share * 100);
    return std::string(text.data());
  };
  std::cout << order.out << ": " << trained.classifier.labels.size() << " labels from " << trained.classifier.lineage.rows << " texts\n"
            << "right in cross-validation: " << percent(quality.accuracy) << ", F1 " << std::to_string(quality.macro_f1).substr(0, 5)
            << ", confidence off by " << percent(quality.calibration_error) << '\n';
  if (quality.target_precision > 0 && quality.coverage > 0)
    std::cout << "to be right in " << percent(quality.target_precision) << " of answers: " << percent(quality.precision) << " right, "
              << percent(quality.coverage) << " answered\n";
  else if (quality.target_precision > 0)
    std::cout << "no threshold keeps " << percent(quality.target_precision) << " with " << percent(quality.certainty)
              << " certainty: it never answers\n";
  if (!order.report.empty()) std::cout << "report: " << order.report << '\n';
}

int train(const Shared& shared, Order order) {
  const auto stop = [](int code, const std::string& why) { return std::cerr << "demarc classify train: " << why << '\n', code; };
  if (order.out.empty()) order.out = std::filesystem::path(order.data).replace_extension(".classifier.json").string();
  auto data = read_data(order);
  if (!data) return stop(kFailed, order.data + ": " + data.error());
  const auto place = find_place(shared);
  if (!place) return stop(kFailed, place.error());
  auto connection = Connection::open(*place, Connection::IfNone::start_one);
  if (!connection) return stop(kFailed, connection.error());
  if (const auto ready = (*connection)->wait_ready(kReadyTimeoutMs, "embedding"); !ready) return stop(kUnavailable, ready.error());
  Counter counter(std::cerr, on_terminal(), "texts");
  auto vectors = vectors_of(**connection, order.model, data->texts,
                            [&](std::size_t done) { counter.show(static_cast<std::int64_t>(done), static_cast<std::int64_t>(data->texts.size())); });
  counter.end();
  if (!vectors) return stop(vectors.error().exit_code, vectors.error().message);
  if (vectors->model_digest.empty()) return stop(kFailed, "only vectors of a model of our own can be trained on: its receipt names its digest");
  vectors->samples.labels = std::move(data->labels);
  Counter steps(std::cerr, on_terminal(), "fits");
  const text::TrainOptions options{.folds = order.folds, .target_precision = order.precision, .certainty = order.certainty};
  auto trained = text::train(vectors->samples, data->names, order.several.empty() ? text::Labels::one : text::Labels::several, options,
                             [&](std::size_t done, std::size_t all) { steps.show(static_cast<std::int64_t>(done), static_cast<std::int64_t>(all)); });
  steps.end();
  if (!trained) return stop(kFailed, order.data + ": " + trained.error());
  const auto digest = models::digest_file(order.data, {}, [](std::uint64_t) {});
  if (!digest) return stop(kFailed, digest.error().message);
  text::Lineage& lineage = trained->classifier.lineage;
  lineage.model = vectors->model, lineage.model_digest = vectors->model_digest;
  lineage.data = std::filesystem::path(order.data).filename().string(), lineage.data_sha256 = digest->sha256;
  lineage.made = format_rfc3339(system_clock().now());
  if (!write(order.out, trained->classifier.print() + "\n")) return kFailed;
  if (!order.report.empty()) {
    if (!write(order.report, text::report_html(*trained))) return kFailed;
    if (!write(std::filesystem::path(order.report).replace_extension(".json").string(), text::report_json(*trained))) return kFailed;
  }
  tell(shared, order, *trained);
  return kOk;
}

}  // namespace

CLI::App* add_classify_train(CLI::App& classify, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command = add_command(classify, shared, "train", "a classifier from a table of labelled texts, cross-validated and calibrated",
                                  [&shared, order] { return train(shared, *order); });
  command->add_option("data", order->data, "a CSV file with the columns text and label")->required()->check(CLI::ExistingFile);
  command->add_option("-o,--output", order->out, "the classifier's file (else: beside the data)");
  command->add_option("-r,--report", order->report, "also write a report: this HTML file, and a .json beside it");
  command->add_option("-p,--precision", order->precision, "abstain so that this share of answers is right: 0.95")->check(CLI::Range(0.5, 0.999));
  command->add_option("--certainty", order->certainty, "with which that has to be shown")->capture_default_str()->check(CLI::Range(0.5, 0.999));
  command->add_option("-m,--model", order->model, "an embedding model or upstream")->capture_default_str();
  command->add_option("--text", order->text_column, "the column with the text")->capture_default_str();
  command->add_option("--label", order->label_column, "the column with the label")->capture_default_str();
  command->add_option("--several", order->several, "a text may have several labels, with this between them: |");
  command->add_option("--folds", order->folds, "parts of the cross-validation")->capture_default_str()->check(CLI::Range(2, 20));
  return command;
}

}  // namespace demarc::cli
