// demarc models check FILE|NAME…: is this file what it says it is? In a process that can do nothing else.
#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/check_file.hpp"
#include "cli/cli.hpp"
#include "cli/machine.hpp"
#include "cli/models_commands.hpp"
#include "cli/place.hpp"
#include "core/json/writer.hpp"

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;

struct Checked {
  std::string name;
  fs::path path;
  models::ModelResult<models::format::Facts> facts;
};

// A path, or a model that is installed: all its files.
models::ModelResult<std::vector<std::pair<std::string, fs::path>>> files_of(const Place& place, const std::string& what) {
  std::error_code error;
  if (fs::exists(what, error)) return std::vector{std::pair(fs::path(what).filename().native(), fs::path(what))};
  const models::Store store(place.data);
  const auto model = TRY(store.resolve(what));
  std::vector<std::pair<std::string, fs::path>> files;
  for (const models::FileSpec& file : model.locked.files) files.emplace_back(file.path, store.folder(what) / file.path);
  return files;
}

std::string describe(const models::format::Facts& facts) {
  std::string text(to_string(facts.format));
  if (!facts.gguf) return text;
  const models::format::Gguf& model = *facts.gguf;
  text += ", " + (model.architecture.empty() ? "no architecture named" : model.architecture) + ", " + std::to_string(model.tensors) +
          " tensors, mostly " + model.quantisation;
  if (model.chat_template_bytes > 0) text += "; its chat template runs only in the engine";
  return text;
}

int check(const Shared& shared, const Place& place, const std::vector<std::string>& names) {
  std::vector<Checked> all;
  for (const std::string& what : names) {
    const auto files = files_of(place, what);
    if (!files) {
      std::cerr << "demarc models check: " << what << " is neither a file nor an installed model\n";
      return kFailed;
    }
    for (const auto& [name, path] : *files) all.push_back({name, path, check_file(name, path)});
  }
  bool good = true;
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.array("files", [&] {
      for (const Checked& file : all) {
        good = good && file.facts.ok();
        json.object([&] {
          json.field("name", file.name), json.field("accepted", file.facts.ok());
          if (file.facts.ok()) json.raw_field("facts", models::format::print(*file.facts));
          if (!file.facts.ok()) json.field("reason", file.facts.error().message);
        });
        if (shared.json) continue;
        if (file.facts.ok()) std::cout << file.name << ": " << describe(*file.facts) << '\n';
        if (!file.facts.ok()) std::cerr << "demarc models check: " << file.facts.error().message << '\n';
      }
    });
  });
  if (shared.json) std::cout << out << '\n';
  return good ? kOk : kVerificationFailed;
}

}  // namespace

void add_models_check(CLI::App& group, Shared& shared) {
  auto names = std::make_shared<std::vector<std::string>>();
  CLI::App* command = add_command(group, shared, "check",
                                  "look into a model's file, in a process that can do nothing else; exit code 5 if it is refused", [&shared, names] {
                                    const auto place = find_place(shared);
                                    if (!place) return std::cerr << "demarc models: " << place.error() << '\n', static_cast<int>(kFailed);
                                    return check(shared, *place, *names);
                                  });
  command->add_option("files", *names, "files, or names of installed models")->required();
}

}  // namespace demarc::cli
