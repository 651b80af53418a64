#include "code/index.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/encode.hpp"
#include "core/hmac.hpp"

namespace demarc::code {
namespace {

namespace fs = std::filesystem;

// Another version begins anew: everything in it can be read again.
constexpr const char* kSchema = R"sql(
PRAGMA user_version = 1;
CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, modified_ns INTEGER NOT NULL, has_secret INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS definitions (path TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, scope TEXT NOT NULL, line INTEGER NOT NULL, end_line INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS definitions_by_name ON definitions (name);
CREATE INDEX IF NOT EXISTS definitions_by_path ON definitions (path, line);
CREATE TABLE IF NOT EXISTS imports (path TEXT NOT NULL, name TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS imports_by_path ON imports (path);
)sql";
constexpr std::size_t kMostPlaces = 16;
constexpr std::size_t kMostTexts = 512;

template <class T>
Result<T, std::string> said(Result<T, StoreError> result) {
  if (result) return std::move(*result);
  return fail("the index of the repository: " + result.error().message);
}
Result<void, std::string> said(Result<void, StoreError> result) {
  if (result) return {};
  return fail("the index of the repository: " + result.error().message);
}

std::optional<std::string> read_text(const std::string& file, std::uint64_t most_bytes) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.good() && !in.eof()) return {};
  if (text.size() > most_bytes || text.find('\0') != std::string::npos) return {};
  return text;
}

}  // namespace

Result<CodeIndex, std::string> CodeIndex::open(const std::string& folder, const std::string& repository) {
  std::error_code failed;
  const fs::path root = fs::canonical(repository, failed);
  if (failed || !fs::is_directory(root, failed)) return fail(repository + ": is no folder");
  fs::create_directories(folder, failed);
  fs::permissions(folder, fs::perms::owner_all, failed);
  const std::string digest = to_hex(bytes_of(hmac_sha256("repository", root.native()))).substr(0, 16);
  CodeIndex index(TRY(said(store::Connection::open(folder + "/" + digest + ".sqlite"))), root.native());
  TRY(said(index.db_.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")));
  TRY(said(index.db_.execute(kSchema)));
  return index;
}

Result<void, std::string> CodeIndex::forget(std::string_view path) {
  for (const std::string_view table : {"files", "definitions", "imports"}) {
    store::Statement& remove = *TRY(said(db_.prepare("DELETE FROM " + std::string(table) + " WHERE path = ?")));
    remove.bind(1, path);
    TRY(said(db_.run(remove)));
  }
  return {};
}

Result<void, std::string> CodeIndex::read_file(const RepositoryFile& file, Outliner& outliner, Updated& updated) {
  const auto text = read_text(repository_ + "/" + file.path, file.size_bytes + 4096);
  if (!text) return {};
  const std::array<std::string, 1> only = {"SECRET"};
  const bool has_secret = !detectors_.find(*text, only).empty();
  const Outline outline = has_secret ? Outline{} : TRY(outliner.read(file.path, *text));
  store::Statement& add = *TRY(said(db_.prepare("INSERT INTO files VALUES (?, ?, ?, ?)")));
  add.bind(1, file.path), add.bind(2, static_cast<std::int64_t>(file.size_bytes)), add.bind(3, file.modified_ns),
      add.bind(4, std::int64_t{has_secret});
  TRY(said(db_.run(add)));
  for (const Definition& each : outline.definitions) {
    store::Statement& define = *TRY(said(db_.prepare("INSERT INTO definitions VALUES (?, ?, ?, ?, ?, ?)")));
    define.bind(1, file.path), define.bind(2, each.name), define.bind(3, each.kind), define.bind(4, each.scope), define.bind(5, each.line),
        define.bind(6, each.end_line);
    TRY(said(db_.run(define)));
  }
  for (const std::string& name : outline.imports) {
    store::Statement& import = *TRY(said(db_.prepare("INSERT INTO imports VALUES (?, ?)")));
    import.bind(1, file.path), import.bind(2, name);
    TRY(said(db_.run(import)));
  }
  ++updated.read_anew;
  return {};
}

Result<Updated, std::string> CodeIndex::update(const FileLimits& limits, const OnProgress& on_progress) {
  texts_.clear();
  const auto there = TRY(repository_files(repository_, limits));
  std::map<std::string, std::pair<std::int64_t, std::int64_t>, std::less<>> known;
  store::Statement& all = *TRY(said(db_.prepare("SELECT path, size_bytes, modified_ns FROM files")));
  while (TRY(said(db_.step(all)))) known.emplace(all.text(0), std::pair{all.number(1), all.number(2)});
  db_.reset(all);

  auto transaction = TRY(said(store::Transaction::begin(db_)));
  Updated updated;
  Outliner outliner;
  std::size_t done = 0;
  for (const RepositoryFile& file : there) {
    if (on_progress) on_progress(done++, there.size());
    const auto before = known.find(file.path);
    const bool same = before != known.end() && before->second == std::pair{static_cast<std::int64_t>(file.size_bytes), file.modified_ns};
    if (before != known.end()) known.erase(before);
    if (same) continue;
    TRY(forget(file.path));
    TRY(read_file(file, outliner, updated));
  }
  for (const auto& [path, what] : known) TRY(forget(path));
  updated.removed = known.size();
  TRY(said(transaction.commit()));
  store::Statement& count = *TRY(said(db_.prepare("SELECT count(*), coalesce(sum(has_secret), 0) FROM files")));
  if (TRY(said(db_.step(count))))
    updated.files = static_cast<std::size_t>(count.number(0)), updated.with_secrets = static_cast<std::size_t>(count.number(1));
  db_.reset(count);
  return updated;
}

Result<std::vector<Place>, std::string> CodeIndex::defined(std::string_view name) {
  store::Statement& find =
      *TRY(said(db_.prepare("SELECT path, name, kind, scope, line, end_line FROM definitions WHERE name = ? ORDER BY path, line LIMIT ?")));
  find.bind(1, name), find.bind(2, static_cast<std::int64_t>(kMostPlaces));
  std::vector<Place> places;
  while (TRY(said(db_.step(find))))
    places.push_back(
        {find.text(0), {.name = find.text(1), .kind = find.text(2), .scope = find.text(3), .line = find.number(4), .end_line = find.number(5)}});
  db_.reset(find);
  return places;
}

Result<std::vector<Definition>, std::string> CodeIndex::outline(std::string_view path) {
  store::Statement& find = *TRY(said(db_.prepare("SELECT name, kind, scope, line, end_line FROM definitions WHERE path = ? ORDER BY line")));
  find.bind(1, path);
  std::vector<Definition> definitions;
  while (TRY(said(db_.step(find))))
    definitions.push_back({.name = find.text(0), .kind = find.text(1), .scope = find.text(2), .line = find.number(3), .end_line = find.number(4)});
  db_.reset(find);
  return definitions;
}

Result<std::vector<std::string>, std::string> CodeIndex::imports(std::string_view path) {
  store::Statement& find = *TRY(said(db_.prepare("SELECT name FROM imports WHERE path = ? ORDER BY name")));
  find.bind(1, path);
  std::vector<std::string> names;
  while (TRY(said(db_.step(find)))) names.push_back(find.text(0));
  db_.reset(find);
  return names;
}

Result<std::vector<RepositoryFile>, std::string> CodeIndex::files() {
  store::Statement& find =
      *TRY(said(db_.prepare("SELECT path, size_bytes, modified_ns FROM files WHERE has_secret = 0 ORDER BY modified_ns DESC, path")));
  std::vector<RepositoryFile> files;
  while (TRY(said(db_.step(find)))) files.push_back({find.text(0), static_cast<std::uint64_t>(find.number(1)), find.number(2)});
  db_.reset(find);
  return files;
}

std::optional<std::string> CodeIndex::text(std::string_view path) {
  if (const auto at = texts_.find(path); at != texts_.end()) return at->second;
  if (texts_.size() >= kMostTexts) texts_.clear();
  std::optional<std::string>& text = texts_[std::string(path)];
  auto find = db_.prepare("SELECT size_bytes, modified_ns FROM files WHERE path = ? AND has_secret = 0");
  if (!find) return {};
  (*find)->bind(1, path);
  const auto row = db_.step(**find);
  const bool known = row && *row;
  const std::int64_t size_bytes = known ? (*find)->number(0) : 0, modified_ns = known ? (*find)->number(1) : 0;
  db_.reset(**find);
  const std::string file = repository_ + "/" + std::string(path);
  struct stat found{};
  if (!known || lstat(file.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return {};
  if (found.st_size != size_bytes || found.st_mtim.tv_sec * std::int64_t{1'000'000'000} + found.st_mtim.tv_nsec != modified_ns) return {};
  text = read_text(file, static_cast<std::uint64_t>(size_bytes));
  return text;
}

}  // namespace demarc::code
