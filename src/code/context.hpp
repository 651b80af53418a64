// context_for(): the pieces of other files that help to fill in at a cursor: what the names around it are, and where somebody wrote nearly the same.
//
//   const Cursor cursor{.path = "src/report.py", .prefix = …, .suffix = …};
//   for (const Piece& piece : TRY(context_for(index, cursor, {}))) …     // {"src/invoice.py", "class Invoice:\n …"}
//
// Definitions: each name around the cursor that few files define, those of imported files first, with what they say of themselves (the header of a
// function, the members of a class). Neighbours: of the files changed last, of imported ones and of the same folder, the windows of lines that share
// most words with the lines around the cursor. The least useful comes first: what an engine has no room for is cut off at the front. While the lines
// around stay the same, so do the pieces, and an engine's cache of their beginning holds. Blocking; reads files through the index only.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "code/index.hpp"

namespace demarc::code {

struct Cursor {
  std::string path;            // below the repository
  std::string prefix, suffix;  // of the file, before and behind it
};

struct Piece {
  std::string path, text;
  std::int64_t line = 1;  // of its first
};

struct ContextLimits {
  std::size_t bytes = 5'000;    // of all pieces: about 1,500 tokens
  std::size_t neighbours = 24;  // files looked through
};

Result<std::vector<Piece>, std::string> context_for(CodeIndex& index, const Cursor& cursor, const ContextLimits& limits);

}  // namespace demarc::code
