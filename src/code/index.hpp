// CodeIndex: what the files of a repository define and import, in one SQLite file of the data folder, kept up to date by size and time of change.
//
//   CodeIndex index = TRY(CodeIndex::open(data + "/code", "/home/ada/billing"));
//   const Updated now = TRY(index.update({}, [](std::size_t done, std::size_t all) { ... }));
//   index.defined("Invoice");              // where
//   index.text("src/invoice.py");          // as it is on disk now
//
// Files in which a secret is found are left out whole: neither names nor lines of them are offered to anybody. The index holds names and line
// numbers, no lines; it never leaves this machine. Blocking; one thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "code/files.hpp"
#include "code/outline.hpp"
#include "privacy/detector.hpp"
#include "store/sqlite.hpp"

namespace demarc::code {

struct Place {
  std::string path;
  Definition definition;
};

struct Updated {
  std::size_t files = 0;      // in the index now
  std::size_t read_anew = 0;  // because they changed
  std::size_t removed = 0;
  std::size_t with_secrets = 0;  // left out
};

class CodeIndex {
 public:
  static Result<CodeIndex, std::string> open(const std::string& folder, const std::string& repository);

  using OnProgress = std::function<void(std::size_t done, std::size_t all)>;
  Result<Updated, std::string> update(const FileLimits& limits, const OnProgress& on_progress);

  Result<std::vector<Place>, std::string> defined(std::string_view name);       // at most 16
  Result<std::vector<Definition>, std::string> outline(std::string_view path);  // in order of line
  Result<std::vector<std::string>, std::string> imports(std::string_view path);
  Result<std::vector<RepositoryFile>, std::string> files();  // without those left out; the last changed first
  // nullopt: not in the index, or changed since, and so perhaps with a secret now.
  std::optional<std::string> text(std::string_view path);
  [[nodiscard]] const std::string& repository() const { return repository_; }

 private:
  CodeIndex(store::Connection db, std::string repository)
      : db_(std::move(db)), repository_(std::move(repository)), detectors_(privacy::Detectors::structured()) {}
  Result<void, std::string> read_file(const RepositoryFile& file, Outliner& outliner, Updated& updated);
  Result<void, std::string> forget(std::string_view path);

  store::Connection db_;
  std::string repository_;
  privacy::Detectors detectors_;
  std::map<std::string, std::optional<std::string>, std::less<>> texts_;  // read once
};

}  // namespace demarc::code
