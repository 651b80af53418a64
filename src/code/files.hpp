// repository_files(): the files of a folder that belong to it, as git would say: nothing that a .gitignore names, nothing below .git.
//
//   const auto files = TRY(repository_files("/home/ada/billing", {}));
//   files[0].path                          // "src/invoice.py", below the folder
//
// git itself is asked (`git ls-files`), so its rules hold to the letter, in folders that are no repositories too. It is asked over an empty
// repository of our own: the folder's .git/config, which may name programs to run, is never read. Blocks; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace demarc::code {

struct RepositoryFile {
  std::string path;  // relative, with '/'
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;  // since 1970
};

struct FileLimits {
  std::size_t files = 20'000;              // the rest is left out, in order of name
  std::uint64_t size_bytes = 512U << 10U;  // larger ones are no source that somebody wrote
};

// Only ordinary files whose name says a language that the outline knows (outline.hpp). In order of name.
Result<std::vector<RepositoryFile>, std::string> repository_files(const std::string& folder, const FileLimits& limits);

}  // namespace demarc::code
