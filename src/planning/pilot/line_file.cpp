#include "planning/pilot/line_file.hpp"

#include "base/strings.hpp"

namespace demarc::planning {

Result<LineFile, std::string> LineFile::open(const std::string& path, Disk& disk) {
  const auto said = [&](DiskError error) { return path + ": " + std::string(to_string(error)); };
  auto opened = disk.open(path, OpenMode::update);
  const bool made = !opened && opened.error() == DiskError::not_found;
  if (made) opened = disk.open(path, OpenMode::create, 0600);
  LineFile out(path, TRY(std::move(opened).map_error(said)));
  if (made) {
    TRY(disk.sync_directory(parent_directory(path)).map_error(said));
    return out;
  }
  const std::string text = TRY(read_file(disk, path, kMostBytes).map_error(said));
  for (const std::string_view line : split(text, '\n'))
    if (!trim(line).empty()) out.before_.emplace_back(line);
  if (!text.empty() && text.back() != '\n') TRY(out.file_->append("\n").map_error(said));
  return out;
}

Result<void, std::string> LineFile::add(std::string_view line) {
  const auto said = [&](DiskError error) { return path_ + ": " + std::string(to_string(error)); };
  TRY(file_->append(std::string(line) + '\n').map_error(said));
  return file_->sync().map_error(said);
}

}  // namespace demarc::planning
