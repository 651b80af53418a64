#include "models/catalogue.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "models/catalogue_text.hpp"
#include "models/disk.hpp"

namespace demarc::models {
namespace {

constexpr std::size_t kMaxNameBytes = 100, kMaxPathBytes = 255;
constexpr std::uint64_t kMaxCatalogueBytes = 4ULL << 20;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '+';
}

std::vector<std::string> names_of(const Catalogue& catalogue) {
  std::vector<std::string> names;
  names.reserve(catalogue.entries.size());
  for (const Entry& entry : catalogue.entries) names.push_back(entry.name);
  return names;
}

std::string joined(const std::vector<Archive>& archives) {
  std::string text;
  for (const Archive& archive : archives) text += (text.empty() ? "" : ",") + archive.package + "==" + archive.version;
  return text;
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::chat: return "chat";
    case Role::fim: return "fim";
    case Role::speech: return "speech";
    case Role::embedding: return "embedding";
    case Role::names: return "names";
    case Role::rerank: return "rerank";
    case Role::image: return "image";
    case Role::ocr: return "ocr";
  }
  return "";
}

std::string_view to_string(SourceKind kind) {
  switch (kind) {
    case SourceKind::hf: return "hf";
    case SourceKind::pypi: return "pypi";
    case SourceKind::npm: return "npm";
    case SourceKind::file: return "file";
  }
  return "";
}

ModelResult<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::chat, Role::fim, Role::speech, Role::embedding, Role::names, Role::rerank, Role::image, Role::ocr})
    if (to_string(role) == text) return role;
  return fail(ModelError{ModelErrorKind::bad_catalogue,
                         "unknown role '" + std::string(text) + "': expected chat, fim, speech, embedding, names, rerank, image or ocr"});
}

std::string Source::uri() const {
  std::string scheme = std::string(to_string(kind)) + ":";
  switch (kind) {
    case SourceKind::hf: return scheme + repo;
    case SourceKind::pypi:
    case SourceKind::npm: return scheme + joined(archives);
    case SourceKind::file: return scheme + folder;
  }
  return scheme;
}

bool is_model_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes && text.front() != '.' && text.front() != '-' && std::ranges::all_of(text, is_plain);
}

bool is_inner_path(std::string_view text) {
  if (text.empty() || text.size() > kMaxPathBytes) return false;
  return std::ranges::all_of(split(text, '/'), [](std::string_view part) {
    return !part.empty() && part != "." && part != ".." && part.front() != '-' && std::ranges::all_of(part, is_plain);
  });
}

const Entry* Catalogue::find(std::string_view name) const {
  const auto found = std::ranges::find(entries, name, &Entry::name);
  return found == entries.end() ? nullptr : &*found;
}

ModelResult<Entry> Catalogue::at(std::string_view name) const {
  if (const Entry* entry = find(name)) return *entry;
  const auto near = nearest(name, names_of(*this));
  return fail(ModelError{ModelErrorKind::unknown_model, "the catalogue has no model '" + std::string(name) + "'",
                         near ? "did you mean " + *near + "?" : "`demarc models ls` lists what there is"});
}

const Catalogue& built_in_catalogue() {
  static const Catalogue catalogue = [] {
    auto parsed = parse_catalogue(built_in_catalogue_text(), "built-in catalogue");
    CHECK(parsed.ok());  // a test reads the same text
    return std::move(parsed).value();
  }();
  return catalogue;
}

ModelResult<Catalogue> load_catalogue(const std::filesystem::path& data) {
  Catalogue catalogue = built_in_catalogue();
  const auto own_file = data / "models" / "catalogue.yaml";
  auto text = read_small_file(own_file, kMaxCatalogueBytes);
  if (!text.ok() && text.error().kind == ModelErrorKind::not_found) return catalogue;
  Catalogue own = TRY(parse_catalogue(TRY(std::move(text)), own_file.native()));
  for (Entry& entry : own.entries) {
    if (catalogue.find(entry.name) != nullptr)
      return fail(ModelError{ModelErrorKind::bad_catalogue, own_file.native() + ": '" + entry.name + "' is a model of the built-in catalogue too",
                             "give yours another name"});
    catalogue.entries.push_back(std::move(entry));
  }
  return catalogue;
}

}  // namespace demarc::models
