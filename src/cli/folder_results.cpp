#include "cli/folder_results.hpp"

#include <algorithm>
#include <fstream>
#include <map>

namespace demarc::cli {

namespace fs = std::filesystem;

void name_results(std::vector<FolderFile>& files, const fs::path& folder, const fs::path& to, const std::string& extension) {
  std::map<fs::path, int> stems;
  const auto stem_of = [&](const FolderFile& file) { return file.path.lexically_relative(folder).replace_extension(); };
  for (const FolderFile& file : files) ++stems[stem_of(file)];
  for (FolderFile& file : files) {
    file.result = to / file.path.lexically_relative(folder);
    file.result = stems[stem_of(file)] == 1 ? file.result.replace_extension(extension) : fs::path(file.result.string() + extension);
  }
  std::ranges::sort(files, {}, &FolderFile::name);
}

bool is_done(const FolderFile& file) {
  std::error_code missing;
  const auto written = fs::last_write_time(file.result, missing);
  return !missing && written >= fs::last_write_time(file.path, missing);
}

bool write_result(const fs::path& to, std::string_view text) {
  std::error_code failed;
  fs::create_directories(to.parent_path(), failed);
  const fs::path fresh = to.string() + ".part";
  std::ofstream out(fresh, std::ios::binary);
  out << text;
  out.close();
  if (!out) return false;
  fs::rename(fresh, to, failed);
  return !failed;
}

}  // namespace demarc::cli
