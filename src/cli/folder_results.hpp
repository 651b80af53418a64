// What commands on whole folders (transcribe, parse) share: a result for each file, which is there and whole, or not there.
//
//   name_results(files, folder, to, ".txt");                     // calls/monday/a.wav → texts/monday/a.txt
//   if (!is_done(file)) write_result(file.result, text);         // so a run may be cut off at any moment and goes on where it stood
//
// Blocking; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::cli {

struct FolderFile {
  std::filesystem::path path, result;
  std::string name;  // for people, and for uploads
};

// Sorts the files by name and says where the result of each stands. Two of one stem keep their endings in their results' names.
void name_results(std::vector<FolderFile>& files, const std::filesystem::path& folder, const std::filesystem::path& to, const std::string& extension);
bool is_done(const FolderFile& file);                                       // its result is there and not older
bool write_result(const std::filesystem::path& to, std::string_view text);  // whole or not at all; false: the disk

}  // namespace demarc::cli
