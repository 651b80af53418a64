// CodeContexts: pieces of a repository's other files that help at a cursor, for editors that send none of their own. Each repository's index is kept
// up to date beside the requests; none waits for that.
//
//   auto pieces = co_await contexts.around(loop, "/srv/billing", {.path = "src/report.py", .prefix = …, .suffix = …}, 150ms);
//
// What is not there within the time is left out: a keystroke does not wait for an index that is being made. An index holds names and line numbers, no
// lines, and honours .gitignore; files with secrets are in none (code/index.hpp). around(): any loop. stop(): once, before the loops stop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "code/context.hpp"
#include "core/io/loop.hpp"
#include "dialect/fim.hpp"
#include "gateway/side_threads.hpp"

namespace demarc::gateway {

class CodeContexts {
 public:
  using Say = std::function<void(const std::string&)>;
  CodeContexts(std::string index_folder, Say say) : index_folder_(std::move(index_folder)), say_(std::move(say)) {}
  CodeContexts(const CodeContexts&) = delete;
  CodeContexts& operator=(const CodeContexts&) = delete;

  // `cursor.path` as an editor says it: below the folder, or absolute.
  Task<std::vector<code::Piece>> around(Loop& loop, std::string folder, code::Cursor cursor, std::chrono::nanoseconds within);
  void stop() { side_.stop(); }

 private:
  struct Repository {
    std::unique_ptr<code::CodeIndex> index;
    Monotonic looked;            // when it was last brought up to date, or tried to be
    bool is_in_trouble = false;  // said once
  };
  struct Question;
  void answer(const std::shared_ptr<Question>& question);  // all of what follows on the side thread
  void bring_up_to_date(const std::string& folder, Repository& repository);

  const std::string index_folder_;
  const Say say_;
  std::map<std::string, Repository, std::less<>> repositories_;
  SideThreads side_;  // last: what it does uses the others
};

struct RequestContext;
// What other files of the workload's repository say, for a fill-in-the-middle that brings nothing of the kind; within limits.code_ms.
Task<std::vector<dialect::fim::Extra>> code_around(RequestContext& context);

}  // namespace demarc::gateway
