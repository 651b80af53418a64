// RedactionFiles: the files of a redactions call, opened to texts before the search and put together again after it.
//
//   RedactionFiles files = TRY(RedactionFiles::open(call, limits));    // every file's input has leaves now, or an error of its own
//   …                                                                  // their outputs and findings are filled in
//   TRY(files.close(call, RewriteFiles::yes));                         // RedactionInput::file holds what goes back
//
// What a file is, its bytes say (privacy/file_text.hpp, privacy/picture.hpp); its name is only handed back. One call's coroutine.
#pragma once

#include <map>
#include <optional>
#include <variant>

#include "dialect/redactions.hpp"
#include "privacy/file_text.hpp"
#include "privacy/picture.hpp"

namespace demarc::gateway {

using OpenedFile = std::variant<privacy::FileText, privacy::Picture>;
enum class RewriteFiles : std::uint8_t { no, yes };

class RedactionFiles {
 public:
  static Result<RedactionFiles, ApiError> open(dialect::RedactionsCall& call, const dialect::RedactionsLimits& limits);
  Result<void, ApiError> close(dialect::RedactionsCall& call, RewriteFiles rewrite) const;

 private:
  std::map<std::size_t, OpenedFile> opened_;  // by index of the input
};

}  // namespace demarc::gateway
