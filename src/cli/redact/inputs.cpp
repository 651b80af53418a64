#include "cli/redact/inputs.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

class Finder {
 public:
  explicit Finder(const Walk& walk) : walk_(walk) {
    std::error_code ignored;
    if (!walk.out.empty()) out_ = fs::weakly_canonical(walk.out, ignored);
  }

  Result<void, std::string> take(const std::string& given) {
    std::error_code error;
    const fs::path path = fs::canonical(given, error);
    if (error) return fail(given + ": " + error.message());
    if (!fs::is_directory(path)) return take_file(given, path, path.filename());
    if (path == out_) return fail(given + " cannot be read and written to at once; name another folder with --output");
    return take_folder(given, path, {});
  }

  Result<Walked, std::string> finish() && {
    if (!walk_.out.empty())
      for (const auto& [below, name] : below_) TRY(check_target(below, name));
    return std::move(walked_);
  }

 private:
  Result<void, std::string> take_file(const std::string& name, const fs::path& path, const fs::path& below) {
    if (!seen_.insert(path.string()).second) return {};  // named twice
    if (walked_.inputs.size() >= walk_.most) return fail("more than " + std::to_string(walk_.most) + " files; do it folder by folder");
    struct stat about{};
    if (::stat(path.c_str(), &about) != 0) return leave_out(name, "cannot be read", "give yourself the right to read it");
    if (!S_ISREG(about.st_mode)) return ++walked_.special, Result<void, std::string>{};
    if (const auto [other, is_new] = below_.emplace(below, name); !is_new && !walk_.out.empty())
      return fail(other->second + " and " + name + " would both become " + (walk_.out / below).string() +
                  "; do one after the other into folders of their own, or name the folder that holds both");
    walked_.bytes += static_cast<std::uint64_t>(about.st_size);
    walked_.inputs.push_back({.name = name,
                              .path = path,
                              .below = below,
                              .size_bytes = static_cast<std::uint64_t>(about.st_size),
                              .changed_ns = std::int64_t{about.st_mtim.tv_sec} * 1'000'000'000 + about.st_mtim.tv_nsec,
                              .permissions = about.st_mode & 0777U});
    return {};
  }

  Result<void, std::string> take_folder(const std::string& name, const fs::path& path, const fs::path& below) {
    std::error_code error;
    std::vector<fs::directory_entry> entries;
    for (auto at = fs::directory_iterator(path, error); !error && at != fs::end(at); at.increment(error)) entries.push_back(*at);
    if (error) return leave_out(name, "is a folder that cannot be read: " + error.message(), "give yourself the right to read it");
    std::sort(entries.begin(), entries.end());
    for (const fs::directory_entry& entry : entries) {
      const fs::path file = entry.path().filename();
      if (entry.path() == out_) continue;
      if (walk_.hidden == Hidden::skip && is_hidden(file)) {
        ++walked_.hidden;
        continue;
      }
      if (entry.is_symlink(error)) {
        ++walked_.links;
        continue;
      }
      const std::string shown = (fs::path(name) / file).string();
      TRY(entry.is_directory(error) ? take_folder(shown, entry.path(), below / file) : take_file(shown, entry.path(), below / file));
    }
    return {};
  }

  Result<void, std::string> leave_out(const std::string& name, std::string reason, std::string next) {
    walked_.failed.push_back({name, std::move(reason), std::move(next)});
    return {};
  }

  // `below` is a new file, or one that an earlier run wrote; never one of those that are read.
  Result<void, std::string> check_target(const fs::path& below, const std::string& name) const {
    std::error_code error;
    const fs::path target = fs::weakly_canonical(out_ / below, error);
    if (seen_.contains(target.string())) return fail(name + " would overwrite " + target.string() + ", which is to be read; name another --output");
    return {};
  }

  const Walk walk_;
  fs::path out_;
  Walked walked_;
  std::set<std::string> seen_;             // canonical paths
  std::map<fs::path, std::string> below_;  // where each goes, and its name
};

}  // namespace

Result<Walked, std::string> find_inputs(const std::vector<std::string>& given, const Walk& walk) {
  if (given.empty()) {
    Walked walked;
    walked.inputs.push_back({.name = std::string(kStdin), .below = "stdin.txt"});
    return walked;
  }
  Finder finder(walk);
  for (const std::string& one : given) TRY(finder.take(one));
  return std::move(finder).finish();
}

}  // namespace demarc::cli
