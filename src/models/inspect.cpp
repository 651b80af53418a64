#include "models/inspect.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <optional>

namespace demarc::models {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMaxNoteBytes = 16U << 10U;

// What must be unchanged for an old check to hold; its first line in the note.
ModelResult<std::string> state_of(const fs::path& path) {
  struct stat found{};
  if (stat(path.c_str(), &found) != 0) return fail(disk_error("look at", path.native(), errno));
  return "check " + std::to_string(format::kCheckVersion) + " size " + std::to_string(found.st_size) + " mtime " +
         std::to_string(found.st_mtim.tv_sec) + "." + std::to_string(found.st_mtim.tv_nsec) + " inode " + std::to_string(found.st_ino);
}

std::optional<format::Facts> recall(const fs::path& note, const std::string& state) {
  const auto text = read_small_file(note, kMaxNoteBytes);
  if (!text) return {};
  const std::size_t end = text->find('\n');
  if (end == std::string::npos || text->substr(0, end) != state) return {};
  return format::parse(std::string_view(*text).substr(end + 1));
}

bool is_weights(format::Format format) {
  switch (format) {
    case format::Format::gguf:
    case format::Format::safetensors:
    case format::Format::onnx:
    case format::Format::ctranslate2:
    case format::Format::tesseract: return true;
    case format::Format::json:
    case format::Format::text: return false;
  }
  return false;
}

}  // namespace

ModelResult<format::Facts> inspect(const Store& store, const FileSpec& file, const fs::path& path, const FileCheck& run) {
  const std::string state = TRY(state_of(path));
  const fs::path note = store.models() / "checked" / file.sha256;
  if (const auto known = recall(note, state)) return *known;
  const format::Facts facts = TRY(run(file.path, path));
  // A store that is read-only is checked at every start instead.
  if (make_folder(note.parent_path()).ok()) [[maybe_unused]]
    const bool kept = replace_durably(note, state + "\n" + format::print(facts) + "\n").ok();
  return facts;
}

ModelResult<format::Facts> inspect(const Store& store, const Resolved& model, const FileCheck& run) {
  std::optional<format::Facts> weights;
  for (const FileSpec& file : model.locked.files) {
    const format::Facts facts = TRY(inspect(store, file, store.folder(model.locked.name) / file.path, run));
    if (is_weights(facts.format) && !weights) weights = facts;
  }
  if (!weights) return fail(ModelError{ModelErrorKind::bad_weights, "the model '" + model.locked.name + "' has no file of weights"});
  return *weights;
}

}  // namespace demarc::models
