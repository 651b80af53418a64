#include "models/lock.hpp"

#include <algorithm>
#include <tuple>

#include "core/json/writer.hpp"
#include "models/disk.hpp"
#include "models/yaml_fields.hpp"

namespace demarc::models {
namespace {

constexpr std::uint64_t kMaxLockBytes = 4ULL << 20;
constexpr std::string_view kHeading =
    "# Which models demarc serves, byte for byte. Written by `demarc models pull|lock|rm`; fit for version control.\n"
    "# digest = SHA-256 of the lines `SHA256  PATH` of its files, sorted by path.\n";

ModelResult<FileSpec> parse_file(const YamlNode& node, const YamlOrigin& origin) {
  const Fields fields = TRY(Fields::of(node, origin, {"path", "size_bytes", "sha256"}));
  FileSpec file{TRY(fields.text("path")), TRY(fields.number("size_bytes")), TRY(fields.text("sha256"))};
  if (!is_inner_path(file.path) || !is_sha256(file.sha256)) return fields.problem("not a file of a model");
  return file;
}

ModelResult<Lineage> parse_lineage(const YamlNode& node, const YamlOrigin& origin) {
  const Fields fields = TRY(Fields::of(node, origin, {"from", "digest", "tool", "version", "command"}));
  return Lineage{TRY(fields.text("from")), TRY(fields.text("digest")), TRY(fields.text("tool")), TRY(fields.text("version")),
                 TRY(fields.text("command"))};
}

ModelResult<LockedModel> parse_model(const YamlNode& node, const YamlOrigin& origin) {
  const Fields fields =
      TRY(Fields::of(node, origin, {"name", "roles", "licence", "engine", "context_tokens", "dimensions", "source", "files", "digest", "lineage"}));
  LockedModel model{.name = TRY(fields.text("name")), .licence = TRY(fields.text("licence")), .engine = TRY(fields.text("engine"))};
  if (!is_model_name(model.name)) return fields.problem("'name' must be letters, digits and . _ - +");
  for (const std::string& role : TRY(fields.texts("roles"))) {
    const auto parsed = parse_role(role);
    if (!parsed) return fields.problem(parsed.error().message);
    model.roles.push_back(*parsed);
  }
  model.context_tokens = TRY(fields.number_or("context_tokens", 0));
  model.dimensions = TRY(fields.number_or("dimensions", 0));
  const Fields source = TRY(Fields::of(*TRY(fields.node("source")), origin, {"uri", "revision"}));
  model.source_uri = TRY(source.text("uri"));
  model.source_revision = TRY(source.text_or("revision", ""));
  for (const YamlNode& file : TRY(fields.list("files"))) model.files.push_back(TRY(parse_file(file, origin)));
  if (model.files.empty()) return fields.problem("'files' must name at least one file");
  model.digest = TRY(fields.text("digest"));
  if (fields.has("lineage")) model.lineage = TRY(parse_lineage(*TRY(fields.node("lineage")), origin));
  if (model.digest != root_digest(model.files)) return fields.problem("the digest of " + model.name + " is not that of its files");
  return model;
}

ModelResult<PinnedSnapshot> parse_snapshot(const YamlNode& node, const YamlOrigin& origin) {
  const Fields fields = TRY(Fields::of(node, origin, {"upstream", "model", "provider"}));
  const auto provider = parse_provider(TRY(fields.text("provider")));
  if (!provider) return fields.problem("'provider' is none that demarc knows");
  PinnedSnapshot snapshot{TRY(fields.text("upstream")), TRY(fields.text("model")), *provider};
  if (!is_dated(snapshot.model, snapshot.provider)) return fields.problem("'" + snapshot.model + "' is not a dated snapshot");
  return snapshot;
}

void print_model(std::string& out, const LockedModel& model) {
  std::string roles;
  for (const Role role : model.roles) roles += (roles.empty() ? "" : ", ") + std::string(to_string(role));
  out += "  - name: " + model.name + "\n";  // names, engines and licences are plain words (catalogue_parse.cpp)
  out += "    roles: [" + roles + "]\n";
  out += "    licence: " + model.licence + "\n";
  out += "    engine: " + model.engine + "\n";
  if (model.context_tokens > 0) out += "    context_tokens: " + std::to_string(model.context_tokens) + "\n";
  if (model.dimensions > 0) out += "    dimensions: " + std::to_string(model.dimensions) + "\n";
  out += "    source: {uri: " + json_string(model.source_uri);
  if (!model.source_revision.empty()) out += ", revision: " + json_string(model.source_revision);
  out += "}\n    files:\n";
  for (const FileSpec& file : model.files)
    out += "      - {path: " + json_string(file.path) + ", size_bytes: " + std::to_string(file.size_bytes) + ", sha256: " + json_string(file.sha256) +
           "}\n";
  out += "    digest: " + json_string(model.digest) + "\n";
  if (!model.lineage) return;
  out += "    lineage: {from: " + json_string(model.lineage->from) + ", digest: " + json_string(model.lineage->from_digest) +
         ", tool: " + json_string(model.lineage->tool) + ", version: " + json_string(model.lineage->version) +
         ", command: " + json_string(model.lineage->command) + "}\n";
}

}  // namespace

const LockedModel* ModelsLock::find(std::string_view name) const {
  const auto found = std::ranges::find(models, name, &LockedModel::name);
  return found == models.end() ? nullptr : &*found;
}

void ModelsLock::put(LockedModel model) {
  erase(model.name);
  models.insert(std::ranges::upper_bound(models, model.name, {}, &LockedModel::name), std::move(model));
}

void ModelsLock::erase(std::string_view name) {
  std::erase_if(models, [&](const LockedModel& model) { return model.name == name; });
}

bool ModelsLock::pins(std::string_view upstream, std::string_view model) const {
  return std::ranges::any_of(snapshots, [&](const PinnedSnapshot& s) { return s.upstream == upstream && s.model == model; });
}

void ModelsLock::put(PinnedSnapshot snapshot) {
  erase(snapshot.upstream, snapshot.model);
  const auto key = [](const PinnedSnapshot& s) { return std::tie(s.upstream, s.model); };
  snapshots.insert(std::ranges::upper_bound(snapshots, key(snapshot), {}, key), std::move(snapshot));
}

void ModelsLock::erase(std::string_view upstream, std::string_view model) {
  std::erase_if(snapshots, [&](const PinnedSnapshot& s) { return s.upstream == upstream && s.model == model; });
}

LockedModel locked(const Entry& entry, const Source& source) {
  return {.name = entry.name,
          .licence = entry.licence,
          .engine = entry.engine,
          .roles = entry.roles,
          .context_tokens = entry.context_tokens,
          .dimensions = entry.dimensions,
          .source_uri = source.uri(),
          .source_revision = source.revision,
          .files = entry.files,
          .digest = root_digest(entry.files)};
}

ModelResult<ModelsLock> parse_lock(std::string_view text, const std::string& file) {
  const YamlOrigin origin{file, ModelErrorKind::bad_lock};
  const YamlNode tree = TRY(parse_yaml(text, origin));
  const Fields root = TRY(Fields::of(tree, origin, {"version", "models", "snapshots"}));
  if (TRY(root.number("version")) != 1) return root.problem("this demarc reads locks of version 1");
  ModelsLock lock;
  for (const YamlNode& node : TRY(root.list("models"))) {
    LockedModel model = TRY(parse_model(node, origin));
    if (lock.find(model.name) != nullptr) return root.problem("the model " + model.name + " stands here twice");
    lock.put(std::move(model));
  }
  for (const YamlNode& node : TRY(root.list("snapshots"))) lock.put(TRY(parse_snapshot(node, origin)));
  return lock;
}

std::string print_lock(const ModelsLock& lock) {
  std::string out = std::string(kHeading) + "version: 1\n";
  out += lock.models.empty() ? "models: []\n" : "models:\n";
  for (const LockedModel& model : lock.models) print_model(out, model);
  if (!lock.snapshots.empty()) out += "snapshots:\n";
  for (const PinnedSnapshot& s : lock.snapshots)
    out += "  - {upstream: " + json_string(s.upstream) + ", model: " + json_string(s.model) + ", provider: " + std::string(to_string(s.provider)) +
           "}\n";
  return out;
}

ModelResult<ModelsLock> read_lock(const std::filesystem::path& file) {
  auto text = read_small_file(file, kMaxLockBytes);
  if (!text.ok() && text.error().kind == ModelErrorKind::not_found) return ModelsLock{};
  return parse_lock(TRY(std::move(text)), file.native());
}

ModelResult<void> write_lock(const std::filesystem::path& file, const ModelsLock& lock) { return replace_durably(file, print_lock(lock)); }

}  // namespace demarc::models
