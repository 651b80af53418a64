// Outliner: what a source file defines and imports, told by universal-ctags in its sandbox (seccomp: it may read what it is given and answer, nothing
// else), one process for many files. A file that kills it costs only its own outline.
//
//   Outliner outliner;
//   const Outline outline = TRY(outliner.read("src/invoice.py", text));
//   outline.definitions[0]                 // {"total", "function", line 12, end 15, scope "Invoice"}
//
// Blocking; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "code/child.hpp"

namespace demarc::code {

struct Definition {
  std::string name, kind, scope;        // scope: "Invoice", "" at the top
  std::int64_t line = 0, end_line = 0;  // from 1; end_line is line where nobody knows
};

struct Outline {
  std::vector<Definition> definitions;
  std::vector<std::string> imports;  // modules and names as they are written: "os", "a.b", "invoice"
};

// By the name's ending, as ctags calls it: "Python"; "" for what is no source.
std::string_view language_of(std::string_view path);

class Outliner {
 public:
  // An empty outline where ctags died of the file or took longer than five seconds; an error where there is no ctags.
  Result<Outline, std::string> read(std::string_view path, std::string_view text);

 private:
  Result<void, std::string> start();
  std::optional<ToolProcess> ctags_;
};

}  // namespace demarc::code
