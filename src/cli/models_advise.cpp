// demarc models advise MODEL: which quantisation fits this machine at which context, how fast, how exact; each figure with its source.
#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <memory>
#include <span>

#include "cli/check_file.hpp"
#include "cli/cli.hpp"
#include "cli/machine.hpp"
#include "cli/models_commands.hpp"
#include "cli/place.hpp"
#include "core/json/writer.hpp"
#include "engine/ledger.hpp"
#include "models/profiles.hpp"

namespace demarc::cli {
namespace {

struct Question {
  std::string name;
  std::uint64_t context_tokens = 8'192;
};

struct Known {
  models::Shape shape;
  std::string shape_source;  // where the shape is from
  std::string have;          // the quantisation that is installed or in the catalogue
  std::uint64_t have_bytes = 0;
  std::string digest;  // of the installed model
};

// "…-Q4_K_M.gguf" → "Q4_K_M": names of files say it in full, where the head only tells each tensor's type.
std::string quantisation_in(std::string_view file) {
  const std::string upper = [&] {
    std::string text(file);
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return text;
  }();
  for (const models::Quantisation& quantisation : models::quantisations())
    if (upper.find(quantisation.name) != std::string::npos) return std::string(quantisation.name);
  return "";
}

models::ModelResult<Known> find_out(const Place& place, const std::string& name) {
  const auto catalogue = TRY(models::load_catalogue(place.data));
  const models::Store store(place.data);
  const auto installed = store.resolve(name);
  const models::Entry* entry = catalogue.find(name);
  if (!installed && entry == nullptr) return fail(catalogue.at(name).error());
  Known known;
  const std::vector<models::FileSpec>& files = installed ? installed->locked.files : entry->files;
  known.have = quantisation_in(files.front().path), known.have_bytes = models::total_bytes(files);
  if (installed) {
    known.digest = installed->digest;
    const auto facts = TRY(models::inspect(store, *installed, check_file));
    if (facts.gguf) known.shape = models::shape_of(*facts.gguf), known.shape_source = "the head of its file";
  } else if (entry->shape.known()) {
    known.shape = entry->shape, known.shape_source = "its publisher's config.json, by the catalogue";
  }
  if (known.shape.known()) return known;
  using models::ModelError;
  return fail(ModelError{models::ModelErrorKind::not_installed, "what '" + name + "' needs is known once its file is here and is a GGUF",
                         installed ? "" : "demarc models pull " + name});
}

// Of the layers, as many as the ledger would put on these GPUs if nothing else ran here. A tenth of what is free is left to everything else.
std::uint32_t layers_on(std::span<const Device> gpus, const Question& question, const models::Shape& shape, const models::Machine& machine,
                        std::uint64_t weights) {
  std::vector<engine::Device> devices{{.id = "ram", .total_bytes = models::usable_bytes(machine)}};
  for (const Device& gpu : gpus) devices.push_back({.id = gpu.name, .total_bytes = gpu.free_bytes / 10 * 9});
  const std::uint64_t without_context = models::memory_bytes(shape, weights, 0);
  const engine::Need need{.weights_bytes = weights,
                          .kv_bytes = models::memory_bytes(shape, weights, question.context_tokens) - without_context,
                          .compute_bytes = without_context - weights,
                          .layers = static_cast<std::uint32_t>(shape.layers)};
  return engine::Ledger(std::move(devices)).ask({.key = question.name, .need = need}, {}).placement.gpu_layers;
}

void print_table(const Question& question, const Known& known, const models::Machine& machine, const std::vector<Device>& gpus,
                 const std::vector<models::Choice>& all, const models::Speed* measured) {
  std::printf("%s\n%u cores, %s of memory, %s free, read at %.1f GB/s\n", question.name.c_str(), machine.cores, gib(machine.memory_bytes).c_str(),
              gib(machine.free_bytes).c_str(), static_cast<double>(machine.bytes_per_second) / 1e9);
  const models::Choice* advised = models::best(all);
  const std::uint64_t weights = advised != nullptr ? advised->weights : known.have_bytes;
  const auto layers = [&](std::span<const Device> some) { return layers_on(some, question, known.shape, machine, weights); };
  for (const Device& gpu : gpus)
    std::printf("%s, %s: %s free, holds %u of %llu layers\n", gpu.name.c_str(), gpu.description.c_str(), gib(gpu.free_bytes).c_str(),
                layers(std::span(&gpu, 1)), static_cast<unsigned long long>(known.shape.layers));
  if (gpus.size() > 1) std::printf("Together they hold %u of %llu layers.\n", layers(gpus), static_cast<unsigned long long>(known.shape.layers));
  std::printf("\n%-8s %9s %13s %9s %12s %12s  %s\n", "QUANT", "WEIGHTS", "MEMORY", "CONTEXT", "TOKENS/S", "PERPLEXITY", "FITS");
  for (const models::Choice& choice : all) {
    const bool have = choice.quantisation->name == known.have;
    std::array<char, 32> speed{"not known"}, rise{"reference"};
    if (have && measured != nullptr && measured->tokens_per_second > 0)
      std::snprintf(speed.data(), speed.size(), "%.1f m", measured->tokens_per_second);
    else if (choice.tokens_per_second)
      std::snprintf(speed.data(), speed.size(), "%.1f e", *choice.tokens_per_second);
    if (choice.quantisation->perplexity_rise) std::snprintf(rise.data(), rise.size(), "+%.4f c", *choice.quantisation->perplexity_rise);
    std::printf("%-8s %9s %13s %9llu %12s %12s  %s\n", std::string(choice.quantisation->name).c_str(), gib(choice.weights).c_str(),
                gib(choice.memory).c_str(), static_cast<unsigned long long>(choice.longest_context), speed.data(), rise.data(),
                !choice.fits ? "no"
                : have       ? "yes, this"
                             : "yes");
  }
  std::printf("\nMEMORY: at %llu tokens of context; CONTEXT: the longest that fits.\n", static_cast<unsigned long long>(question.context_tokens));
  std::printf("Shape from %s.\nm measured here%s; e estimated: the memory's speed\nover what each token reads, so at most; c cited from\n%s.\n",
              known.shape_source.c_str(), measured != nullptr ? (" at " + measured->time).c_str() : " (demarc bench engine)",
              std::string(models::kQuantisationSource).c_str());
  if (advised != nullptr)
    std::printf("Advice: %s, the most exact that fits and writes 8 tokens a second, else the\nsmallest that costs hardly any exactness.\n",
                std::string(advised->quantisation->name).c_str());
  else
    std::printf("Advice: none fits at this context. Ask for a shorter one (--context), or take a smaller model.\n");
}

std::string to_json(const Question& question, const Known& known, const models::Machine& machine, const std::vector<Device>& gpus,
                    const std::vector<models::Choice>& all, const models::Speed* measured) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("model", question.name), json.field("context_tokens", question.context_tokens);
    json.object("machine", [&] {
      json.field("name", machine_name()), json.field("cores", machine.cores), json.field("memory_bytes", machine.memory_bytes);
      json.field("free_bytes", machine.free_bytes), json.field("memory_bytes_per_second", machine.bytes_per_second);
      json.array("gpus", [&] {
        for (const Device& gpu : gpus)
          json.object([&] {
            json.field("name", gpu.name), json.field("description", gpu.description), json.field("total_bytes", gpu.total_bytes);
            json.field("free_bytes", gpu.free_bytes);
          });
      });
    });
    json.object("shape", [&] {
      json.field("source", known.shape_source), json.field("parameters", known.shape.parameters), json.field("layers", known.shape.layers);
      json.field("kv_bytes_per_token", known.shape.kv_elements_per_token * 2), json.field("context_tokens", known.shape.context_tokens);
    });
    json.array("choices", [&] {
      for (const models::Choice& choice : all)
        json.object([&] {
          const bool have = choice.quantisation->name == known.have;
          json.field("quantisation", choice.quantisation->name), json.field("installed", have && !known.digest.empty());
          json.field("weights_bytes", choice.weights), json.field("memory_bytes", choice.memory);
          json.field("longest_context_tokens", choice.longest_context), json.field("fits", choice.fits);
          const bool is_measured = have && measured != nullptr && measured->tokens_per_second > 0;
          json.name("tokens_per_second");
          if (is_measured || choice.tokens_per_second)
            json.value(is_measured ? measured->tokens_per_second : *choice.tokens_per_second);
          else
            json.value(json_null);
          json.field("tokens_per_second_source", is_measured ? "measured " + measured->time : "estimated from the memory's speed");
          json.name("perplexity_rise");
          if (choice.quantisation->perplexity_rise)
            json.value(*choice.quantisation->perplexity_rise);
          else
            json.value(json_null);
          json.field("perplexity_source", models::kQuantisationSource);
        });
    });
    const models::Choice* choice = models::best(all);
    json.name("advice");
    if (choice != nullptr)
      json.value(choice->quantisation->name);
    else
      json.value(json_null);
  });
  return out;
}

int advise(const Shared& shared, const Place& place, const Question& question) {
  const auto known = find_out(place, question.name);
  if (!known) {
    std::cerr << "demarc models advise: " << known.error().message << '\n';
    if (!known.error().hint.empty()) std::cerr << "Try: " << known.error().hint << '\n';
    return kFailed;
  }
  const models::Machine machine = this_machine(MemorySpeed::measure);
  const auto devices = engine_devices();  // an engine that is not built has none
  const std::vector<Device> gpus = devices ? *devices : std::vector<Device>{};
  const auto all = models::choices(known->shape, machine, question.context_tokens);
  const models::Profiles profiles = models::read_profiles(place.data);
  const models::Speed* measured = profiles.speed_of(known->digest, machine_name());
  if (shared.json)
    std::cout << to_json(question, *known, machine, gpus, all, measured) << '\n';
  else
    print_table(question, *known, machine, gpus, all, measured);
  return kOk;
}

}  // namespace

void add_models_advise(CLI::App& group, Shared& shared) {
  auto question = std::make_shared<Question>();
  CLI::App* command =
      add_command(group, shared, "advise", "which quantisation of a model fits this machine, how fast and how exact", [&shared, question] {
        const auto place = find_place(shared);
        if (!place) return std::cerr << "demarc models: " << place.error() << '\n', static_cast<int>(kFailed);
        return advise(shared, *place, *question);
      });
  command->add_option("name", question->name, "a model that is installed or in the catalogue")->required();
  command->add_option("--context", question->context_tokens, "tokens of context it shall hold (8192)")->check(CLI::Range(512, 1 << 24));
}

}  // namespace demarc::cli
