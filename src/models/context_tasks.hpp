// Tasks whose answer is known, buried in a text of any length: what `demarc bench context` asks a model as its context fills. Generated from a seed,
// graded without a model.
//
//   const Task task = make_task(TaskKind::multi_hop, {.seed = 7, .number = 0, .text_bytes = 16'000});
//   …ask(task.prompt)…
//   solved(task, answer)
//
// Pure: the same values in, the same task out, on every machine. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::models {

// needle: one fact. multi_needle: three, all asked for. multi_hop: an answer that only two facts together give. code_edit: change one function of
// many.
enum class TaskKind : std::uint8_t { needle, multi_needle, multi_hop, code_edit };
inline constexpr std::array kTaskKinds = {TaskKind::needle, TaskKind::multi_needle, TaskKind::multi_hop, TaskKind::code_edit};
std::string_view to_string(TaskKind kind);

struct TaskPlan {
  std::uint64_t seed = 1;
  std::uint64_t number = 0;        // which one of its kind
  std::size_t text_bytes = 4'000;  // of the text it is buried in; the prompt is that long to within a sentence, and the question
};

struct Task {
  TaskKind kind = TaskKind::needle;
  std::string prompt;                 // text and question
  std::vector<std::string> wanted;    // what the answer must hold; numbers as words of their own, code without regard to spaces
  std::vector<std::string> unwanted;  // what it must not hold: the other facts' answers, the code as it was
};

Task make_task(TaskKind kind, const TaskPlan& plan);
bool solved(const Task& task, std::string_view answer);

}  // namespace demarc::models
