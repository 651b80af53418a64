#include "retrieval/index.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <map>

#include "base/strings.hpp"
#include "retrieval/vectors.hpp"

namespace demarc::retrieval {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (path TEXT PRIMARY KEY, digest TEXT NOT NULL, label TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chunks (id INTEGER PRIMARY KEY, path TEXT NOT NULL, page INTEGER NOT NULL, first_line INTEGER NOT NULL, last_line INTEGER NOT NULL,
  begin_points INTEGER NOT NULL, end_points INTEGER NOT NULL, heading TEXT NOT NULL, text TEXT NOT NULL, vector BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_by_path ON chunks (path);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (heading, text, content = 'chunks', content_rowid = 'id', tokenize = 'porter unicode61');
CREATE TRIGGER IF NOT EXISTS chunk_added AFTER INSERT ON chunks BEGIN INSERT INTO words (rowid, heading, text) VALUES (new.id, new.heading, new.text); END;
CREATE TRIGGER IF NOT EXISTS chunk_removed AFTER DELETE ON chunks BEGIN
  INSERT INTO words (words, rowid, heading, text) VALUES ('delete', old.id, old.heading, old.text); END;
)sql";
constexpr std::size_t kCandidates = 50;  // of each list, before they are joined
constexpr double kFusion = 60;           // the constant of the paper
constexpr std::size_t kMostWords = 64;

// Words that every text has: what they match says nothing.
constexpr auto kStopWords = std::to_array<std::string_view>(
    {"a",    "about", "an",    "and",   "are", "as",   "at",  "be",    "been", "by",    "can",  "did", "do",  "does", "for",
     "from", "had",   "has",   "have",  "he",  "her",  "his", "how",   "i",    "in",    "is",   "it",  "its", "many", "much",
     "of",   "on",    "or",    "our",   "she", "that", "the", "their", "them", "they",  "this", "to",  "was", "we",   "were",
     "what", "when",  "where", "which", "who", "whom", "why", "will",  "with", "would", "you",  "your"});

template <class T>
Result<T, std::string> said(Result<T, StoreError> result) {
  if (result) return std::move(*result);
  return fail("the index: " + result.error().message);
}
Result<void, std::string> said(Result<void, StoreError> result) {
  if (result) return {};
  return fail("the index: " + result.error().message);
}

std::string_view bytes_of(const std::vector<float>& vector) { return {reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)}; }

}  // namespace

// Questions on a speech against a bank's customers' questions, bench/retrieval.py, 2026-11-28: docs/measured.md.
double least_cosine_of(std::string_view model) { return model == "all-minilm-l6-v2" ? 0.35 : 0.0; }

std::string words_query(std::string_view question) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < question.size() && words.size() < kMostWords;) {
    const auto is_letter = [&](std::size_t i) {
      return std::isalnum(static_cast<unsigned char>(question[i])) != 0 || (static_cast<unsigned char>(question[i]) & 0x80U) != 0;
    };
    if (!is_letter(at)) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < question.size() && is_letter(end)) ++end;
    std::string word = to_lower(question.substr(at, end - at));
    if (std::ranges::find(kStopWords, word) == kStopWords.end() && is_utf8(word) && word.size() <= 64) words.push_back(std::move(word));
    at = end;
  }
  std::ranges::sort(words);
  words.erase(std::ranges::unique(words).begin(), words.end());
  std::string query;
  for (const std::string& word : words) query += (query.empty() ? "\"" : " OR \"") + word + "\"";
  return query;
}

Result<DocumentIndex, std::string> DocumentIndex::open(const std::string& file, OpenMode mode) {
  std::error_code failed;
  if (mode == OpenMode::existing && !fs::is_regular_file(file, failed))
    return fail("there is no index " + fs::path(file).stem().string() + ": demarc index FOLDER makes one");
  fs::create_directories(fs::path(file).parent_path(), failed);
  fs::permissions(fs::path(file).parent_path(), fs::perms::owner_all, failed);
  DocumentIndex index(TRY(said(store::Connection::open(file))));
  TRY(said(index.db_.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")));
  TRY(said(index.db_.execute(kSchema)));
  return index;
}

Result<std::vector<Entry>, std::string> DocumentIndex::entries() {
  store::Statement& find = *TRY(said(db_.prepare("SELECT path, digest, label FROM documents ORDER BY path")));
  std::vector<Entry> entries;
  while (TRY(said(db_.step(find))))
    entries.push_back({.path = find.text(0), .digest = find.text(1), .label = find.is_null(2) ? std::nullopt : parse_sensitivity(find.text(2))});
  db_.reset(find);
  return entries;
}

Result<void, std::string> DocumentIndex::remove(std::string_view path) {
  for (const char* sql : {"DELETE FROM chunks WHERE path = ?", "DELETE FROM documents WHERE path = ?"}) {
    store::Statement& remove = *TRY(said(db_.prepare(sql)));
    remove.bind(1, path);
    TRY(said(db_.run(remove)));
  }
  return {};
}

Result<void, std::string> DocumentIndex::relabel(std::string_view path, std::optional<Sensitivity> label) {
  store::Statement& change = *TRY(said(db_.prepare("UPDATE documents SET label = ? WHERE path = ?")));
  label ? change.bind(1, to_string(*label)) : change.bind_null(1);
  change.bind(2, path);
  return said(db_.run(change));
}

Result<void, std::string> DocumentIndex::put(const Entry& entry, const std::vector<IndexedChunk>& chunks) {
  auto transaction = TRY(said(store::Transaction::begin(db_)));
  TRY(remove(entry.path));
  store::Statement& add = *TRY(said(db_.prepare("INSERT INTO documents VALUES (?, ?, ?)")));
  add.bind(1, entry.path), add.bind(2, entry.digest);
  entry.label ? add.bind(3, to_string(*entry.label)) : add.bind_null(3);
  TRY(said(db_.run(add)));
  for (const IndexedChunk& each : chunks) {
    store::Statement& insert =
        *TRY(said(db_.prepare("INSERT INTO chunks (path, page, first_line, last_line, begin_points, end_points, heading, text, vector) "
                              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS BLOB))")));
    insert.bind(1, entry.path), insert.bind(2, each.chunk.page), insert.bind(3, each.chunk.lines.first), insert.bind(4, each.chunk.lines.last);
    insert.bind(5, static_cast<std::int64_t>(each.begin_points)), insert.bind(6, static_cast<std::int64_t>(each.end_points));
    insert.bind(7, each.chunk.heading), insert.bind(8, each.chunk.text), insert.bind(9, bytes_of(each.vector));
    TRY(said(db_.run(insert)));
  }
  return said(transaction.commit());
}

Result<std::string, std::string> DocumentIndex::embedded_by() {
  store::Statement& find = *TRY(said(db_.prepare("SELECT value FROM meta WHERE name = 'embedded_by'")));
  const bool there = TRY(said(db_.step(find)));
  std::string model = there ? find.text(0) : "";
  db_.reset(find);
  return model;
}

Result<void, std::string> DocumentIndex::set_embedded_by(std::string_view model) {
  store::Statement& set =
      *TRY(said(db_.prepare("INSERT INTO meta VALUES ('embedded_by', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")));
  set.bind(1, model);
  return said(db_.run(set));
}

Result<std::int64_t, std::string> DocumentIndex::chunk_count() {
  store::Statement& count = *TRY(said(db_.prepare("SELECT count(*) FROM chunks")));
  const bool there = TRY(said(db_.step(count)));
  const std::int64_t chunks = there ? count.number(0) : 0;
  db_.reset(count);
  return chunks;
}

Result<std::vector<std::int64_t>, std::string> DocumentIndex::by_words(const std::string& text) {
  std::vector<std::int64_t> ids;
  const std::string query = words_query(text);
  if (query.empty()) return ids;
  store::Statement& find = *TRY(said(db_.prepare("SELECT rowid FROM words WHERE words MATCH ? ORDER BY bm25(words, 1.0, 1.0), rowid LIMIT ?")));
  find.bind(1, query), find.bind(2, static_cast<std::int64_t>(kCandidates));
  while (TRY(said(db_.step(find)))) ids.push_back(find.number(0));
  db_.reset(find);
  return ids;
}

Result<std::optional<Hit>, std::string> DocumentIndex::hit(std::int64_t chunk) {
  store::Statement& find = *TRY(
      said(db_.prepare("SELECT c.path, c.page, c.first_line, c.last_line, c.begin_points, c.end_points, c.heading, c.text, d.label FROM chunks c "
                       "JOIN documents d ON d.path = c.path WHERE c.id = ?")));
  find.bind(1, chunk);
  std::optional<Hit> hit;
  if (TRY(said(db_.step(find))))
    hit = Hit{.path = find.text(0),
              .text = find.text(7),
              .heading = find.text(6),
              .page = find.number(1),
              .lines = {find.number(2), find.number(3)},
              .begin_points = static_cast<std::size_t>(find.number(4)),
              .end_points = static_cast<std::size_t>(find.number(5)),
              .label = find.is_null(8) ? std::nullopt : parse_sensitivity(find.text(8))};
  db_.reset(find);
  return hit;
}

Result<std::vector<Hit>, std::string> DocumentIndex::search(const Query& query) {
  std::map<std::int64_t, double> scores, cosines;
  const auto join = [&](std::size_t rank, std::int64_t id) { scores[id] += 1.0 / (kFusion + static_cast<double>(rank) + 1.0); };
  if (query.by != SearchBy::meaning) {
    const auto found = TRY(by_words(query.text));
    for (std::size_t rank = 0; rank < found.size(); ++rank) join(rank, found[rank]);
  }
  if (!query.vector.empty()) {
    const std::size_t dimensions = query.vector.size();
    Vectors vectors(dimensions, static_cast<std::size_t>(TRY(chunk_count())));
    store::Statement& all = *TRY(said(db_.prepare("SELECT id, vector FROM chunks ORDER BY id")));
    std::vector<float> vector(dimensions);
    while (TRY(said(db_.step(all)))) {
      const std::string bytes = all.text(1);
      if (bytes.size() != dimensions * sizeof(float))
        return db_.reset(all), fail(std::string("the index holds embeddings of another length: demarc index FOLDER --again"));
      std::memcpy(vector.data(), bytes.data(), bytes.size());
      vectors.add(all.number(0), vector.data());
    }
    db_.reset(all);
    const auto nearest = vectors.nearest(query.vector.data(), kCandidates);
    for (std::size_t rank = 0; rank < nearest.size(); ++rank) {
      cosines[nearest[rank].first] = nearest[rank].second;
      if (query.by != SearchBy::words) join(rank, nearest[rank].first);
    }
  }
  std::vector<std::pair<double, std::int64_t>> ranked;
  for (const auto& [id, score] : scores) ranked.emplace_back(-score, id);
  std::ranges::sort(ranked);
  std::vector<Hit> hits;
  for (const auto& [score, id] : ranked) {
    if (hits.size() == query.hits) break;
    auto found = TRY(hit(id));
    if (!found) continue;
    found->score = -score;
    if (const auto at = cosines.find(id); at != cosines.end()) found->cosine = at->second;
    hits.push_back(std::move(*found));
  }
  return hits;
}

}  // namespace demarc::retrieval
