#include "gateway/code_contexts.hpp"

#include <atomic>

#include "gateway/context.hpp"
#include "gateway/snapshot.hpp"

namespace demarc::gateway {
namespace {

constexpr std::chrono::seconds kLookEvery{2};  // for files that changed
constexpr std::chrono::seconds kTroublePause{30};
constexpr std::size_t kMostAround_bytes = 64U << 10U;  // of prefix and suffix each, next to the cursor: more says nothing about it

// As the index knows it: below the folder.
std::string below(const std::string& folder, std::string path) {
  if (path.starts_with(folder + "/")) path.erase(0, folder.size() + 1);
  while (path.starts_with("./")) path.erase(0, 2);
  return path;
}

}  // namespace

// Its answer and its timer come to its loop; whichever is first resumes it.
struct CodeContexts::Question {
  Question(Loop& loop_in, std::string folder_in, code::Cursor cursor_in)
      : loop(loop_in), folder(std::move(folder_in)), cursor(std::move(cursor_in)) {}
  Loop& loop;
  std::string folder;
  code::Cursor cursor;
  std::coroutine_handle<> asker{};
  std::atomic<bool> is_over{false};
  std::vector<code::Piece> pieces{};

  void end() {
    if (!is_over.exchange(true)) asker.resume();
  }
};

Task<std::vector<code::Piece>> CodeContexts::around(Loop& loop, std::string folder, code::Cursor cursor, std::chrono::nanoseconds within) {
  cursor.path = below(folder, std::move(cursor.path));
  if (cursor.prefix.size() > kMostAround_bytes) cursor.prefix.erase(0, cursor.prefix.size() - kMostAround_bytes);
  if (cursor.suffix.size() > kMostAround_bytes) cursor.suffix.resize(kMostAround_bytes);
  const auto question = std::make_shared<Question>(loop, std::move(folder), std::move(cursor));
  struct Wait {
    CodeContexts& contexts;
    const std::shared_ptr<Question>& question;
    std::chrono::nanoseconds within;
    static Task<void> expire(std::shared_ptr<Question> waits, std::chrono::nanoseconds after) {
      co_await waits->loop.sleep(after);
      waits->end();
    }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> awaiting) {
      question->asker = awaiting;
      contexts.side_.post([&contexts = contexts, question = question] { contexts.answer(question); });
      spawn(expire(question, within));
    }
    void await_resume() const {}
  };
  co_await Wait{*this, question, within};
  co_return std::move(question->pieces);
}

void CodeContexts::answer(const std::shared_ptr<Question>& question) {
  Repository& repository = repositories_[question->folder];
  if (!repository.index && !question->is_over) bring_up_to_date(question->folder, repository);
  if (question->is_over) return;  // it went on without
  std::vector<code::Piece> pieces;
  if (repository.index)
    if (auto found = code::context_for(*repository.index, question->cursor, {})) pieces = *std::move(found);
  question->loop.post([question, pieces = std::move(pieces)]() mutable {
    if (question->is_over) return;
    question->pieces = std::move(pieces);
    question->end();
  });
  bring_up_to_date(question->folder, repository);
}

void CodeContexts::bring_up_to_date(const std::string& folder, Repository& repository) {
  const Monotonic now = system_clock().monotonic();
  const auto pause = repository.is_in_trouble ? kTroublePause : kLookEvery;
  if (repository.looked.ns != 0 && now - repository.looked < pause) return;
  const auto trouble = [&](const std::string& why) {
    if (!repository.is_in_trouble) say_("code: " + folder + " gives no context: " + why);
    repository.is_in_trouble = true;
  };
  repository.looked = now;
  if (!repository.index) {
    auto opened = code::CodeIndex::open(index_folder_, folder);
    if (!opened) return trouble(opened.error());
    repository.index = std::make_unique<code::CodeIndex>(*std::move(opened));
  }
  if (const auto updated = repository.index->update({}, {}); !updated) return trouble(updated.error());
  repository.is_in_trouble = false;
  repository.looked = system_clock().monotonic();
}

Task<std::vector<dialect::fim::Extra>> code_around(RequestContext& context) {
  std::vector<dialect::fim::Extra> extra;
  const std::string folder = repository_of(context);
  if (folder.empty() || !context.services.code) co_return extra;
  auto around = dialect::fim::around_of(*context.request);
  if (!around || around->brings_extra) co_return extra;
  auto pieces = co_await context.services.code->around(
      context.loop(), folder, {.path = context.request->path, .prefix = std::move(around->prefix), .suffix = std::move(around->suffix)},
      std::chrono::milliseconds(context.limits().code_ms));
  for (code::Piece& piece : pieces) extra.push_back({.filename = std::move(piece.path), .text = std::move(piece.text)});
  co_return extra;
}

}  // namespace demarc::gateway
