// The catalogue's text into entries. Strict: an entry that could not be pulled or could reach outside the store is refused here, before anything
// runs.
#include <algorithm>
#include <charconv>

#include "base/strings.hpp"
#include "models/catalogue.hpp"
#include "models/yaml_fields.hpp"

namespace demarc::models {
namespace {

constexpr std::uint64_t kMaxFileBytes = 1ULL << 40;
constexpr std::uint64_t kMaxParameters = 1ULL << 42, kMaxLayers = 10'000, kMaxKvElements = 1ULL << 24;

bool is_word(std::string_view text, std::string_view extra) {
  return !text.empty() && text.size() <= 200 && text.front() != '-' && text.front() != '.' && std::ranges::all_of(text, [&](char c) {
    const char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || extra.find(c) != std::string_view::npos;
  });
}

bool is_commit(std::string_view text) {
  return text.size() == 40 && std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

ModelResult<FileSpec> parse_file(const YamlNode& node, const YamlOrigin& origin) {
  const Fields fields = TRY(Fields::of(node, origin, {"path", "size_bytes", "sha256"}));
  FileSpec file{TRY(fields.text("path")), TRY(fields.number("size_bytes")), TRY(fields.text("sha256"))};
  if (!is_inner_path(file.path)) return fields.problem("'path' must be a relative path of letters, digits and . _ - +");
  if (!is_sha256(file.sha256)) return fields.problem("'sha256' must be 64 lower-case hex digits");
  if (file.size_bytes == 0 || file.size_bytes > kMaxFileBytes) return fields.problem("'size_bytes' must be between 1 and 1 TiB");
  return file;
}

ModelResult<std::vector<FileSpec>> parse_files(const Fields& entry, std::string_view key, const YamlOrigin& origin) {
  std::vector<FileSpec> files;
  for (const YamlNode& node : TRY(entry.list(key))) {
    files.push_back(TRY(parse_file(node, origin)));
    if (std::ranges::count(files, files.back().path, &FileSpec::path) > 1)
      return entry.problem("the path " + files.back().path + " stands here twice");
  }
  return files;
}

ModelResult<Archive> parse_archive(const YamlNode& node, SourceKind kind, const YamlOrigin& origin) {
  const Fields fields = TRY(Fields::of(node, origin, {"package", "version", "file", "sha256"}));
  Archive archive{TRY(fields.text("package")), TRY(fields.text("version")), TRY(fields.text("file")), TRY(fields.text("sha256"))};
  // These become arguments of pip or npm: nothing in them may look like an option, a path or an address.
  if (!is_word(archive.package, kind == SourceKind::npm ? "._-@/" : "._-")) return fields.problem("'package' is not a package's name");
  if (!is_word(archive.version, "._-+!")) return fields.problem("'version' is not a version");
  const std::string_view ending = kind == SourceKind::npm ? ".tgz" : ".whl";  // a source package would run its own code
  if (!is_word(archive.file, "._-+") || !archive.file.ends_with(ending))
    return fields.problem("'file' must be a name that ends in " + std::string(ending));
  if (!is_sha256(archive.sha256)) return fields.problem("'sha256' must be 64 lower-case hex digits");
  return archive;
}

// `ARCHIVE_NUMBER:MEMBER`, or `ARCHIVE_NUMBER:OUTER!/MEMBER`.
ModelResult<Piece> parse_piece(std::string_view text, const Source& source, const Fields& at) {
  Piece piece;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), piece.archive);
  if (error != std::errc{} || end == text.data() + text.size() || *end != ':') return at.problem("a piece is written ARCHIVE_NUMBER:MEMBER");
  if (piece.archive >= source.archives.size()) return at.problem("a piece names an archive that is not there; they are counted from 0");
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  while (true) {
    const std::size_t mark = text.find("!/");
    piece.members.emplace_back(text.substr(0, mark));
    if (piece.members.back().empty() || piece.members.size() > kMaxNesting) return at.problem("a piece's member is empty or nested too deep");
    if (mark == std::string_view::npos) return piece;
    text.remove_prefix(mark + 2);
  }
}

ModelResult<Delivery> parse_delivery(const YamlNode& node, const Source& source, const YamlOrigin& origin) {
  const bool is_package = source.kind == SourceKind::pypi || source.kind == SourceKind::npm;
  const Fields fields = is_package ? TRY(Fields::of(node, origin, {"path", "join"})) : TRY(Fields::of(node, origin, {"path", "from"}));
  Delivery delivery{.path = TRY(fields.text("path"))};
  if (is_package) {
    for (const std::string& piece : TRY(fields.texts("join"))) delivery.join.push_back(TRY(parse_piece(piece, source, fields)));
    if (delivery.join.empty()) return fields.problem("'join' must name at least one piece");
    return delivery;
  }
  delivery.from = TRY(fields.text("from"));
  if (!is_inner_path(delivery.from)) return fields.problem("'from' must be a relative path of letters, digits and . _ - +");
  return delivery;
}

ModelResult<SourceKind> parse_kind(const Fields& fields) {
  const std::string text = TRY(fields.text("kind"));
  for (const SourceKind kind : {SourceKind::hf, SourceKind::pypi, SourceKind::npm, SourceKind::file})
    if (to_string(kind) == text) return kind;
  return fields.problem("unknown kind '" + text + "': expected hf, pypi, npm or file");
}

ModelResult<Source> parse_source(const YamlNode& node, const Entry& entry, const YamlOrigin& origin) {
  const Fields fields = TRY(Fields::of(node, origin, {"kind", "repo", "revision", "folder", "archives", "files"}));
  Source source{.kind = TRY(parse_kind(fields))};
  switch (source.kind) {
    case SourceKind::hf:
      source.repo = TRY(fields.text("repo"));
      source.revision = TRY(fields.text("revision"));
      if (!is_inner_path(source.repo)) return fields.problem("'repo' must be OWNER/NAME");
      if (!is_commit(source.revision)) return fields.problem("'revision' must be a commit (40 hex digits): a branch may move");
      break;
    case SourceKind::pypi:
    case SourceKind::npm:
      for (const YamlNode& archive : TRY(fields.list("archives"))) source.archives.push_back(TRY(parse_archive(archive, source.kind, origin)));
      break;
    case SourceKind::file:
      source.folder = TRY(fields.text("folder"));
      if (!source.folder.starts_with('/')) return fields.problem("'folder' must be an absolute path");
      break;
  }
  for (const YamlNode& file : TRY(fields.list("files"))) source.files.push_back(TRY(parse_delivery(file, source, origin)));
  for (const FileSpec& file : entry.delivered())
    if (std::ranges::count(source.files, file.path, &Delivery::path) != 1)
      return fields.problem("a source must deliver " + file.path + " exactly once");
  if (source.files.size() != entry.delivered().size()) return fields.problem("a source delivers a file that the model does not have");
  return source;
}

ModelResult<Conversion> parse_conversion(const Fields& fields, const Entry& entry) {
  if (!fields.has("convert")) {
    if (!entry.inputs.empty()) return fields.problem("'inputs' without 'convert'");
    return Conversion::none;
  }
  const std::string text = TRY(fields.text("convert"));
  if (text == "image-card") {
    const bool is_pair =
        entry.inputs.size() == 1 && entry.files.size() == 2 && entry.files[1] == entry.inputs[0] && entry.files[0].path == "image.json";
    if (!is_pair || entry.image.empty())
      return fields.problem("image-card makes image.json, of the text of 'image', beside the one input as it came");
    return Conversion::image_card;
  }
  const auto has_input = [&](std::string_view path) { return std::ranges::count(entry.inputs, path, &FileSpec::path) == 1; };
  if (!has_input("config.json") || !has_input("tokenizer.json") || !has_input("model.safetensors"))
    return fields.problem(text + " makes its files from the inputs config.json, tokenizer.json and model.safetensors");
  if (text == "bert-to-gguf")
    return entry.files.size() == 1 ? ModelResult<Conversion>(Conversion::bert_to_gguf) : fields.problem("bert-to-gguf makes one file");
  if (text != "bert-to-onnx" && text != "bert-to-onnx-int8")
    return fields.problem("unknown 'convert': expected bert-to-gguf, bert-to-onnx, bert-to-onnx-int8 or image-card");
  // The network comes first: where it is there already, nothing is converted.
  const auto is_input = [&](const FileSpec& file) { return std::ranges::find(entry.inputs, file) != entry.inputs.end(); };
  if (entry.files.size() < 2 || entry.files[0].path != "model.onnx" || entry.files[1].path != "vocab.txt" ||
      !std::all_of(entry.files.begin() + 2, entry.files.end(), is_input))
    return fields.problem(text + " makes model.onnx and vocab.txt, in this order; what follows them is an input as it came");
  return text == "bert-to-onnx" ? Conversion::bert_to_onnx : Conversion::bert_to_onnx_int8;
}

ModelResult<Origin> parse_origin(const Fields& entry, const YamlOrigin& file) {
  const Fields fields = TRY(Fields::of(*TRY(entry.node("origin")), file, {"publisher", "url", "evidence"}));
  return Origin{TRY(fields.text("publisher")), TRY(fields.text("url")), TRY(fields.text("evidence"))};
}

ModelResult<Shape> parse_shape(const Fields& entry, std::uint64_t context_tokens, const YamlOrigin& origin) {
  if (!entry.has("shape")) return Shape{};
  const Fields fields = TRY(Fields::of(*TRY(entry.node("shape")), origin, {"parameters", "layers", "kv_elements_per_token"}));
  Shape shape{.parameters = TRY(fields.number("parameters")), .layers = TRY(fields.number("layers")), .context_tokens = context_tokens};
  shape.kv_elements_per_token = TRY(fields.number("kv_elements_per_token"));
  if (!shape.known() || shape.parameters > kMaxParameters || shape.layers > kMaxLayers || shape.kv_elements_per_token > kMaxKvElements)
    return fields.problem("'shape' is not that of a model");
  return shape;
}

ModelResult<Entry> parse_entry(const YamlNode& node, const YamlOrigin& origin) {
  const Fields fields = TRY(Fields::of(node, origin,
                                       {"name", "summary", "roles", "licence", "engine", "origin", "files", "sources", "context_tokens", "dimensions",
                                        "languages", "starter", "inputs", "convert", "image", "shape"}));
  Entry entry{.name = TRY(fields.text("name")), .summary = TRY(fields.text("summary")), .licence = TRY(fields.text("licence"))};
  if (!is_model_name(entry.name)) return fields.problem("'name' must be letters, digits and . _ - +");
  if (!is_word(entry.licence, ".-+")) return fields.problem("'licence' must be an SPDX identifier");
  entry.engine = TRY(fields.text("engine"));
  if (!is_word(entry.engine, "._-+")) return fields.problem("'engine' must be letters, digits and . _ - +");
  for (const std::string& role : TRY(fields.texts("roles"))) {
    const auto parsed = parse_role(role);
    if (!parsed) return fields.problem(parsed.error().message);
    entry.roles.push_back(*parsed);
  }
  if (entry.roles.empty()) return fields.problem("'roles' must name at least one role");
  entry.languages = TRY(fields.texts("languages"));
  entry.context_tokens = TRY(fields.number_or("context_tokens", 0));
  entry.dimensions = TRY(fields.number_or("dimensions", 0));
  entry.shape = TRY(parse_shape(fields, entry.context_tokens, origin));
  entry.starter = TRY(fields.flag_or_false("starter"));
  entry.origin = TRY(parse_origin(fields, origin));
  entry.files = TRY(parse_files(fields, "files", origin));
  if (entry.files.empty()) return fields.problem("'files' must name at least one file");
  entry.inputs = TRY(parse_files(fields, "inputs", origin));
  if (fields.has("image")) entry.image = TRY(fields.text("image"));
  entry.conversion = TRY(parse_conversion(fields, entry));
  for (const YamlNode& source : TRY(fields.list("sources"))) entry.sources.push_back(TRY(parse_source(source, entry, origin)));
  if (entry.sources.empty()) return fields.problem("'sources' must name at least one source");
  return entry;
}

}  // namespace

ModelResult<Catalogue> parse_catalogue(std::string_view text, const std::string& file) {
  const YamlOrigin origin{file, ModelErrorKind::bad_catalogue};
  const YamlNode tree = TRY(parse_yaml(text, origin));
  const Fields root = TRY(Fields::of(tree, origin, {"version", "models"}));
  if (TRY(root.number("version")) != 1) return root.problem("this demarc reads catalogues of version 1");
  Catalogue catalogue;
  for (const YamlNode& node : TRY(root.list("models"))) {
    Entry entry = TRY(parse_entry(node, origin));
    if (catalogue.find(entry.name) != nullptr) return root.problem("the model " + entry.name + " stands here twice");
    catalogue.entries.push_back(std::move(entry));
  }
  return catalogue;
}

}  // namespace demarc::models
