// demarc classify FILE... and demarc classify train DATA.csv: labels for texts, and a classifier of one's own.
#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "base/strings.hpp"
#include "cli/classify_images.hpp"
#include "cli/classify_train.hpp"
#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/text_client.hpp"
#include "core/io/disk.hpp"
#include "core/json/writer.hpp"
#include "text/classifier.hpp"
#include "text/csv.hpp"

namespace demarc::cli {
namespace {

constexpr int kReadyTimeoutMs = 120'000;

struct Order {
  std::vector<std::string> files, labels;
  std::string examples, classifier, workload, model = "auto", column, text_column = "text", label_column = "label";
  double threshold = -1;
  bool lines = false, image = false, watch = false;
  std::string out;
  int until_s = 0;
};

// What says how to classify, as fields of the request.
Result<std::string, std::string> fields_of(const Order& order) {
  std::string out;
  JsonWriter json(out);
  std::string wrong;
  json.object([&] {
    json.field("model", order.workload.empty() ? order.model : "workload/" + order.workload);
    if (order.threshold >= 0) json.field("threshold", order.threshold);
    if (!order.labels.empty())
      json.array("labels", [&] {
        for (const std::string& label : order.labels) {
          const std::size_t mark = label.find('=');
          json.object([&] {
            json.field("name", trim(label.substr(0, mark)));
            if (mark != std::string::npos) json.field("description", trim(label.substr(mark + 1)));
          });
        }
      });
    if (!order.examples.empty()) {
      const auto bytes = read_file(real_disk(), order.examples, text::kMaxClassifierBytes);
      const auto table = bytes ? text::read_csv(*bytes) : fail(std::string(to_string(bytes.error())));
      if (!table) return void(wrong = order.examples + ": " + table.error());
      const auto text = table->column(order.text_column), label = table->column(order.label_column);
      if (!text || !label) return void(wrong = order.examples + ": " + (text ? label.error() : text.error()));
      json.array("examples", [&] {
        for (const auto& row : table->rows) json.object([&] { json.field("text", row[*text]), json.field("label", row[*label]); });
      });
    }
    if (!order.classifier.empty()) {
      const auto bytes = read_file(real_disk(), order.classifier, text::kMaxClassifierBytes);
      if (!bytes) return void(wrong = order.classifier + ": " + std::string(to_string(bytes.error())));
      if (const auto read = text::Classifier::read(*bytes); !read) return void(wrong = order.classifier + ": " + read.error());
      json.raw_field("classifier", *bytes);
    }
  });
  if (!wrong.empty()) return fail(std::move(wrong));
  return out;
}

void print_result(const Shared& shared, const std::string& file, std::size_t index, simdjson::dom::element result) {
  if (shared.json) {
    std::string out;
    JsonWriter json(out);
    json.object([&] { json.field("file", file), json.field("index", index), json.raw_field("result", simdjson::minify(result)); });
    std::cout << out << '\n';
    return;
  }
  double confidence = 0;
  static_cast<void>(result["confidence"].get(confidence));
  std::string said;
  std::string_view label;
  simdjson::dom::array labels;
  if (result["label"].get(label) == simdjson::SUCCESS) said = label;
  if (result["labels"].get(labels) == simdjson::SUCCESS)
    for (const simdjson::dom::element one : labels) said += (said.empty() ? "" : "|") + std::string(one.get_string().value_unsafe());
  char number[16];
  std::snprintf(number, sizeof number, "%.3f", confidence);
  std::cout << file << ':' << index + 1 << '\t' << (said.empty() ? "-" : said) << '\t' << number << '\n';
}

int classify_file(Connection& connection, const Shared& shared, const Order& order, const std::string& fields, const std::string& file) {
  const auto stop = [&](int code, const std::string& why) { return std::cerr << "demarc classify: " << file << ": " << why << '\n', code; };
  const auto texts = texts_in(file, order.column, order.lines || file == "-" ? Lines::each : Lines::whole);
  if (!texts) return stop(kFailed, texts.error());
  Counter counter(std::cerr, on_terminal(), "texts");
  for (std::size_t begin = 0; begin < texts->size();) {
    const std::size_t end = end_of_call(*texts, begin);
    std::string body = "{\"input\":[";
    for (std::size_t i = begin; i < end; ++i) body += (i > begin ? "," : "") + json_string((*texts)[i]);
    body += "]," + fields.substr(1);
    const auto answer = post_json(connection, "/v1/classifications", body);
    if (!answer) return counter.end(), stop(answer.error().exit_code, answer.error().message);
    simdjson::dom::parser parser;
    simdjson::dom::array results;
    if (parser.parse(*answer)["results"].get(results) != simdjson::SUCCESS || results.size() != end - begin)
      return counter.end(), stop(kFailed, "the gateway answered with something that is no list of results");
    counter.end();
    for (const simdjson::dom::element result : results) print_result(shared, file, begin++, result["label"].value_unsafe());
    counter.show(static_cast<std::int64_t>(begin), static_cast<std::int64_t>(texts->size()));
  }
  return kOk;
}

// The files below a folder, in order.
std::vector<std::string> all_files(const std::vector<std::string>& named) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  for (const std::string& one : named) {
    std::error_code error;
    if (one == "-" || !fs::is_directory(one, error)) {
      files.push_back(one);
      continue;
    }
    std::vector<std::string> inner;
    for (const auto& entry : fs::recursive_directory_iterator(one, error))
      if (entry.is_regular_file(error)) inner.push_back(entry.path().string());
    std::ranges::sort(inner);
    files.insert(files.end(), inner.begin(), inner.end());
  }
  return files;
}

int classify_pictures(const Shared& shared, const Order& order) {
  if (!order.examples.empty() && !std::filesystem::is_directory(order.examples))
    return std::cerr << "demarc classify: --examples of pictures is a folder with a folder of pictures for each label\n", kUsage;
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc classify: " << place.error() << '\n', kFailed;
  auto connection = Connection::open(*place, Connection::IfNone::start_one);
  if (!connection) return std::cerr << "demarc classify: " << connection.error() << '\n', kFailed;
  if (const auto ready = (*connection)->wait_ready(kReadyTimeoutMs, "image_classification"); !ready)
    return std::cerr << "demarc classify: " << ready.error() << '\n', kUnavailable;
  return classify_images(**connection, {.files = order.files,
                                        .examples = order.examples,
                                        .model = order.workload.empty() ? order.model : "workload/" + order.workload,
                                        .out = order.out,
                                        .threshold = order.threshold,
                                        .json = shared.json,
                                        .watch = order.watch,
                                        .until_s = order.until_s});
}

int classify(const Shared& shared, const Order& order) {
  if (order.files.empty()) return std::cerr << "demarc classify: which texts? (demarc classify --help)\n", kUsage;
  if (order.image) return classify_pictures(shared, order);
  if (order.labels.empty() && order.examples.empty() && order.classifier.empty() && order.workload.empty())
    return std::cerr << "demarc classify: nothing says what to tell apart: --labels, --examples, --classifier or --workload\n", kUsage;
  const auto fields = fields_of(order);
  if (!fields) return std::cerr << "demarc classify: " << fields.error() << '\n', kFailed;
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc classify: " << place.error() << '\n', kFailed;
  auto connection = Connection::open(*place, Connection::IfNone::start_one);
  if (!connection) return std::cerr << "demarc classify: " << connection.error() << '\n', kFailed;
  if (const auto ready = (*connection)->wait_ready(kReadyTimeoutMs, "classification"); !ready)
    return std::cerr << "demarc classify: " << ready.error() << '\n', kUnavailable;
  int worst = kOk;  // one bad file does not keep the others from being done
  for (const std::string& file : all_files(order.files)) worst = std::max(worst, classify_file(**connection, shared, order, *fields, file));
  return worst;
}

}  // namespace

void add_classify(CLI::App& app, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command = add_command(app, shared, "classify", "labels for texts; train makes a classifier of your own", [] { return kOk; });
  command->add_option("files", order->files, "texts or folders of them; of .csv and .jsonl one column or field; - reads lines from standard input");
  command
      ->add_option("-l,--labels", order->labels,
                   "with commas: billing,refund; or one each with what it means: 'refund=the customer wants money back'")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      ->add_option("-e,--examples", order->examples,
                   "a CSV file with the columns text and label: a few of each label; of pictures a folder for each label")
      ->check(CLI::ExistingPath);
  command->add_option("-c,--classifier", order->classifier, "a file that demarc classify train made")->check(CLI::ExistingFile);
  command->add_option("-w,--workload", order->workload, "a workload of demarc.yaml that has a classifier");
  command->add_option("-m,--model", order->model, "an embedding model or upstream")->capture_default_str();
  command->add_option("-t,--threshold", order->threshold, "abstain below this confidence")->check(CLI::Range(0.0, 1.0));
  command->add_option("--column", order->column, "of .csv and .jsonl: where the text stands (else: text)");
  command->add_flag("--lines", order->lines, "each line of a text file is a text");
  command->add_flag("--image", order->image, "pictures, from files and folders");
  command->add_flag("--watch", order->watch, "with --image: goes on with what comes into the folders");
  command->add_option("--until", order->until_s, "with --watch: ends after so many seconds without a new picture")->check(CLI::Range(1, 86'400));
  command->add_option("-o,--output", order->out, "with --image: appends to this .csv or .jsonl file");
  CLI::App* trained = add_classify_train(*command, shared);
  command->callback([&shared, order, trained] {
    if (!trained->parsed()) shared.exit_code = classify(shared, *order);
  });
}

}  // namespace demarc::cli
