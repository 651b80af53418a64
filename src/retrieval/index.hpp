// DocumentIndex: pieces of documents, searchable by words and by meaning, in one SQLite file: FTS5 for words, embeddings beside them.
//
//   DocumentIndex index = TRY(DocumentIndex::open(data + "/indexes/handbook.sqlite", OpenMode::create));
//   TRY(index.put({.path = "leave.md", .digest = …, .label = …}, pieces));              // replaces what it knew of that document
//   for (const Hit& hit : TRY(index.search({.text = question, .vector = embedding}))) …  // the best first
//
// Both lists of the best are joined by rank (reciprocal rank fusion: Cormack, Clarke, Büttcher, SIGIR 2009), so that neither's scale matters. Vectors
// are compared all, exactly. All of an index are of one embedding model, whose name it keeps. Blocking; one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/operation.hpp"
#include "retrieval/chunk.hpp"
#include "store/sqlite.hpp"

namespace demarc::retrieval {

struct Entry {  // a document as the index knows it
  std::string path, digest;
  std::optional<Sensitivity> label;
};

struct IndexedChunk {
  Chunk chunk;
  std::vector<float> vector;                     // of length 1
  std::size_t begin_points = 0, end_points = 0;  // code points of the document
};

struct Hit {
  std::string path, text, heading;
  std::int64_t page = 0;
  LineRange lines;
  std::size_t begin_points = 0, end_points = 0;
  std::optional<Sensitivity> label;
  double score = 0;   // of the fusion, or a reranker's
  double cosine = 0;  // with the question
};

enum class SearchBy : std::uint8_t { words, meaning, both };

struct Query {
  std::string text;
  std::vector<float> vector;  // empty: by words only
  SearchBy by = SearchBy::both;
  std::size_t hits = 8;
};

enum class OpenMode : std::uint8_t { create, existing };

class DocumentIndex {
 public:
  static Result<DocumentIndex, std::string> open(const std::string& file, OpenMode mode);

  Result<std::vector<Entry>, std::string> entries();
  Result<void, std::string> put(const Entry& entry, const std::vector<IndexedChunk>& chunks);
  Result<void, std::string> remove(std::string_view path);
  Result<void, std::string> relabel(std::string_view path, std::optional<Sensitivity> label);

  Result<std::string, std::string> embedded_by();  // "": nothing is in it yet
  Result<void, std::string> set_embedded_by(std::string_view model);
  Result<std::int64_t, std::string> chunk_count();

  Result<std::vector<Hit>, std::string> search(const Query& query);

 private:
  explicit DocumentIndex(store::Connection db) : db_(std::move(db)) {}
  Result<std::vector<std::int64_t>, std::string> by_words(const std::string& text);
  Result<std::optional<Hit>, std::string> hit(std::int64_t chunk);
  store::Connection db_;
};

// How alike a piece must be at least for a question to be about these documents: chosen on data for models that were measured (bench/retrieval.py), 0
// for others.
double least_cosine_of(std::string_view model);

// What FTS5 is asked for: each word of the question in quotes, any of them. Empty where it has none.
std::string words_query(std::string_view question);

}  // namespace demarc::retrieval
