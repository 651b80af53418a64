// Labels: how sensitive a document is, as its owner wrote it down: in its own front matter, in a `.demarc-labels.yaml` of the folder, or on the
// command line. The highest counts. What a request quotes from documents is declared at least as sensitive as they are.
//
//   ---                                   labels:
//   sensitivity: restricted                 - {path: "hr/**", sensitivity: confidential}
//   ---
//
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/operation.hpp"

namespace demarc::retrieval {

struct FolderLabels {
  struct Entry {
    std::string path;  // fnmatch's; "**" too
    Sensitivity sensitivity;
  };
  std::vector<Entry> entries;
  [[nodiscard]] std::optional<Sensitivity> of(std::string_view path) const;
};

// The error names line and column.
Result<FolderLabels, std::string> read_folder_labels(std::string_view yaml);

// Front matter that says a level nobody knows, or that cannot be read, counts as restricted: somebody meant something by it.
std::optional<Sensitivity> label_in(std::string_view text);

std::optional<Sensitivity> higher(std::optional<Sensitivity> a, std::optional<Sensitivity> b);

}  // namespace demarc::retrieval
