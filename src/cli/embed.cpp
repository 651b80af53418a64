// demarc embed FILE...: the vectors of texts, a line of JSON each.
#include <filesystem>
#include <iostream>

#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/text_client.hpp"
#include "core/json/writer.hpp"

namespace demarc::cli {
namespace {

constexpr int kReadyTimeoutMs = 120'000;

struct Order {
  std::vector<std::string> files;
  std::string model = "auto", column;
  bool lines = false;
};

int embed_file(Connection& connection, const Order& order, const std::string& file) {
  const auto texts = texts_in(file, order.column, order.lines || file == "-" ? Lines::each : Lines::whole);
  if (!texts) return std::cerr << "demarc embed: " << file << ": " << texts.error() << '\n', kFailed;
  Counter counter(std::cerr, on_terminal(), "texts");
  const auto vectors = vectors_of(connection, order.model, *texts,
                                  [&](std::size_t done) { counter.show(static_cast<std::int64_t>(done), static_cast<std::int64_t>(texts->size())); });
  counter.end();
  if (!vectors) return std::cerr << "demarc embed: " << file << ": " << vectors.error().message << '\n', vectors.error().exit_code;
  for (std::size_t i = 0; i < texts->size(); ++i) {
    std::string out;
    JsonWriter json(out);
    json.object([&] {
      json.field("file", file), json.field("index", i), json.field("model", vectors->model);
      json.array("embedding", [&] {
        for (const float value : vectors->samples.vector(i)) json.value(static_cast<double>(value));
      });
    });
    std::cout << out << '\n';
  }
  return kOk;
}

int embed(const Shared& shared, const Order& order) {
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc embed: " << place.error() << '\n', kFailed;
  auto connection = Connection::open(*place, Connection::IfNone::start_one);
  if (!connection) return std::cerr << "demarc embed: " << connection.error() << '\n', kFailed;
  if (const auto ready = (*connection)->wait_ready(kReadyTimeoutMs, "embedding"); !ready)
    return std::cerr << "demarc embed: " << ready.error() << '\n', kUnavailable;
  int worst = kOk;  // one bad file does not keep the others from being done
  for (const std::string& file : order.files) worst = std::max(worst, embed_file(**connection, order, file));
  return worst;
}

}  // namespace

void add_embed(CLI::App& app, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command = add_command(app, shared, "embed", "vectors of texts, a line of JSON each", [&shared, order] { return embed(shared, *order); });
  command->add_option("files", order->files, "texts; of .csv and .jsonl one column or field; - reads lines from standard input")->required();
  command->add_option("-m,--model", order->model, "an embedding model or upstream")->capture_default_str();
  command->add_option("--column", order->column, "of .csv and .jsonl: where the text stands (else: text)");
  command->add_flag("--lines", order->lines, "each line of a text file is a text");
}

}  // namespace demarc::cli
