// demarc ask TEXT --index NAME: an answer from the documents of an index, each statement with the place that says it.
#pragma once

#include <optional>
#include <string>

#include "cli/documents.hpp"
#include "cli/shared.hpp"
#include "retrieval/index.hpp"

namespace demarc::cli {

struct IndexQuestion {
  std::string index, text, model = "auto";
  Asking asking;
  retrieval::SearchBy by = retrieval::SearchBy::both;
  std::size_t hits = 8;
  std::optional<double> least_cosine;  // below it nothing in these documents is about the question; else by the embedding model
  bool passages_only = false;          // what would be shown to the model, and no answer
  bool may_rerank = true;
};

int ask_index(const Shared& shared, const IndexQuestion& question);

}  // namespace demarc::cli
