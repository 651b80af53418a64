// demarc models quantize NAME TYPE: makes a smaller model out of an installed one with llama-quantize, in the engines' sandbox, and pins it with its
// lineage.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "base/strings.hpp"
#include "cli/check_file.hpp"
#include "cli/cli.hpp"
#include "cli/machine.hpp"
#include "cli/models_commands.hpp"
#include "cli/place.hpp"
#include "core/json/writer.hpp"
#include "models/fit.hpp"
#include "models/make.hpp"

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;
using models::ModelError;
using models::ModelErrorKind;

constexpr int kLimitMs = 4 * 3600 * 1000;

struct Order {
  std::string name, type, as;
  bool again = false;  // of weights that are quantised already
};

bool is_exact(const std::string& type) { return type == "F16" || type == "BF16" || type == "F32"; }

// "0 (0c1e57098)" out of "…version: 0 (0c1e57098)" or "…build = 0 (0c1e57098)": what the tool says of itself before it works.
std::string version_in(std::string_view output) {
  for (const std::string_view line : split(output, '\n')) {
    for (const std::string_view key : {"build = ", "version: ", "build: "})
      if (const std::size_t at = line.find(key); at != std::string_view::npos) {
        std::string_view said = line.substr(at + key.size());
        said = said.substr(0, said.find(" with "));
        return std::string(trim(said));
      }
  }
  return "not said";
}

// Ended early or refused, nothing of it stays.
class Part {
 public:
  explicit Part(fs::path path) : path_(std::move(path)) { remove(); }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;
  ~Part() { remove(); }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  void remove() const {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  fs::path path_;
};

models::ModelResult<models::LockedModel> quantize(const Place& place, const Order& order) {
  const models::Store store(place.data);
  const models::Resolved source = TRY(store.resolve(order.name));
  const models::format::Facts facts = TRY(models::inspect(store, source, check_file));
  if (!facts.gguf) return fail(ModelError{ModelErrorKind::bad_weights, order.name + " is no GGUF; llama-quantize reads nothing else"});
  if (!is_exact(facts.gguf->quantisation) && !order.again)
    return fail(ModelError{ModelErrorKind::bad_weights, order.name + " is quantised already (" + facts.gguf->quantisation + "): each time loses more",
                           "take an F16 or BF16 of it, or insist with --again"});
  const std::string name = order.as.empty() ? order.name + "-" + to_lower(order.type) : order.as;
  if (!models::is_model_name(name)) return fail(ModelError{ModelErrorKind::unknown_model, "'" + name + "' is not a name for a model"});
  const std::string file_name = name + ".gguf", source_name = source.locked.files.front().path;
  TRY(models::make_folder(store.incoming()));
  TRY(models::need_free_space(store.incoming(), source.size_bytes));
  const Part part(store.incoming() / ("quantize-" + name + ".part"));
  const std::string program = programs_folder() + "/llama-quantize";
  std::vector<std::string> argv = {program};
  std::string command = "llama-quantize ";
  if (order.again) argv.emplace_back("--allow-requantize"), command += "--allow-requantize ";
  command += source_name + " " + file_name + " " + order.type;
  argv.insert(argv.end(),
              {fs::canonical(source.weights).native(), part.path().native(), order.type, std::to_string(this_machine(MemorySpeed::skip).cores)});
  std::cerr << name << ": " << command << '\n';
  const auto output = run_program(argv, kLimitMs);
  if (!output)
    return fail(ModelError{::access(program.c_str(), X_OK) == 0 ? ModelErrorKind::bad_weights : ModelErrorKind::tool_missing,
                           "llama-quantize: " + output.error(), ::access(program.c_str(), X_OK) == 0 ? "" : "build it: ./run version"});
  const models::Made made{name, file_name, part.path(), {order.name, source.digest, "llama-quantize", version_in(*output), command}};
  return models::keep_made(store, source.locked, made, check_file, {});
}

int run(const Shared& shared, const Place& place, const Order& order) {
  const auto made = quantize(place, order);
  if (!made) {
    std::cerr << "demarc models quantize: " << made.error().message << '\n';
    if (!made.error().hint.empty()) std::cerr << "Try: " << made.error().hint << '\n';
    return kFailed;
  }
  if (!shared.json) {
    std::cout << made->name << ": " << gib(models::total_bytes(made->files)) << ", " << made->digest << ", made of " << made->lineage->from << " ("
              << made->lineage->from_digest.substr(0, 19) << ")\n";
    return kOk;
  }
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("name", made->name), json.field("digest", made->digest), json.field("size_bytes", models::total_bytes(made->files));
    json.object("lineage", [&] {
      json.field("from", made->lineage->from), json.field("digest", made->lineage->from_digest), json.field("tool", made->lineage->tool);
      json.field("version", made->lineage->version), json.field("command", made->lineage->command);
    });
  });
  return std::cout << out << '\n', kOk;
}

}  // namespace

void add_models_quantize(CLI::App& group, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command =
      add_command(group, shared, "quantize", "make a smaller model of an installed one, and pin it with its lineage", [&shared, order] {
        const auto place = find_place(shared);
        if (!place) return std::cerr << "demarc models: " << place.error() << '\n', static_cast<int>(kFailed);
        return run(shared, *place, *order);
      });
  std::vector<std::string> types;
  for (const models::Quantisation& quantisation : models::quantisations()) types.emplace_back(quantisation.name);
  command->add_option("name", order->name, "an installed GGUF model")->required();
  command->add_option("type", order->type, "what to make of it: demarc models advise NAME")->required()->check(CLI::IsMember(types));
  command->add_option("--as", order->as, "the new model's name (NAME-TYPE)");
  command->add_flag("--again", order->again, "also of weights that are quantised already, which loses more");
}

}  // namespace demarc::cli
