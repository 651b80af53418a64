#include "code/files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "code/child.hpp"
#include "code/outline.hpp"

namespace demarc::code {
namespace {

namespace fs = std::filesystem;

constexpr auto kTimeLimit = std::chrono::seconds(120);

// An empty repository, gone with its owner.
class EmptyRepository {
 public:
  EmptyRepository() {
    std::array<char, 32> name{"/tmp/demarc-git-XXXXXX"};
    if (const char* made = mkdtemp(name.data())) folder_ = made;
    std::error_code failed;
    for (const char* part : {"objects", "refs"}) fs::create_directory(folder_ + "/" + part, failed);
    if (std::FILE* head = std::fopen((folder_ + "/HEAD").c_str(), "w")) std::fputs("ref: refs/heads/none\n", head), std::fclose(head);
  }
  ~EmptyRepository() {
    std::error_code failed;
    if (!folder_.empty()) fs::remove_all(folder_, failed);
  }
  EmptyRepository(const EmptyRepository&) = delete;
  EmptyRepository& operator=(const EmptyRepository&) = delete;
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

}  // namespace

Result<std::vector<RepositoryFile>, std::string> repository_files(const std::string& folder, const FileLimits& limits) {
  std::error_code missing;
  if (!fs::is_directory(folder, missing)) return fail(folder + ": is no folder");
  const EmptyRepository repository;
  std::vector<std::string> argv = {"git", "-c", "core.fsmonitor=false", "ls-files", "--others", "--exclude-standard", "-z"};
  const std::string own_excludes = folder + "/.git/info/exclude";  // of the folder's own repository: patterns only
  if (fs::is_regular_file(own_excludes, missing)) argv.push_back("--exclude-from=" + own_excludes);
  const char *path = std::getenv("PATH"), *home = std::getenv("HOME");
  auto git = TRY(ToolProcess::start(
      argv, {std::string("PATH=") + (path != nullptr ? path : "/usr/bin:/bin"), std::string("HOME=") + (home != nullptr ? home : "/"),
             "GIT_DIR=" + repository.folder(), "GIT_WORK_TREE=" + folder, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C"}));
  git.no_more_input();
  std::vector<RepositoryFile> files;
  const auto until = ToolProcess::Clock::now() + kTimeLimit;
  while (auto name = git.read_line(until, '\0')) {
    if (name->ends_with('/') || language_of(*name).empty()) continue;
    struct stat found{};
    if (lstat((folder + "/" + *name).c_str(), &found) != 0 || !S_ISREG(found.st_mode)) continue;
    const auto size_bytes = static_cast<std::uint64_t>(found.st_size);
    if (size_bytes == 0 || size_bytes > limits.size_bytes) continue;
    files.push_back({std::move(*name), size_bytes, found.st_mtim.tv_sec * std::int64_t{1'000'000'000} + found.st_mtim.tv_nsec});
  }
  if (!git.at_end()) return fail(folder + ": git did not list its files within two minutes");
  if (const int status = git.wait(); status != 0)
    return fail(status == 127 ? std::string("git is not installed: apt-get install git") : folder + ": git could not list its files");
  std::ranges::sort(files, {}, &RepositoryFile::path);
  if (files.size() > limits.files) files.resize(limits.files);
  return files;
}

}  // namespace demarc::code
