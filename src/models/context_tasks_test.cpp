#include "models/context_tasks.hpp"

#include <gtest/gtest.h>

#include <set>

#include "models/digest.hpp"

namespace demarc::models {
namespace {

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : std::string(between)) + text;
  return out;
}

TEST(ContextTasks, AreTheSameFromTheSameSeedOnEveryMachine) {
  Sha256 all;
  for (const TaskKind kind : kTaskKinds)
    for (std::uint64_t number = 0; number < 4; ++number) all.update(make_task(kind, {.seed = 7, .number = number, .text_bytes = 3'000}).prompt);
  EXPECT_EQ(all.hex(), "1687eecc178e5e971c0115b82bb6ebbf25ca3973a5cd6e658a5bbe5b9cf74276");
}

TEST(ContextTasks, DifferByNumberAndSeed) {
  for (const TaskKind kind : kTaskKinds) {
    std::set<std::string> prompts;
    for (std::uint64_t seed = 1; seed <= 3; ++seed)
      for (std::uint64_t number = 0; number < 5; ++number) prompts.insert(make_task(kind, {.seed = seed, .number = number}).prompt);
    EXPECT_EQ(prompts.size(), 15U) << to_string(kind);
  }
}

TEST(ContextTasks, AreAsLongAsAsked) {
  for (const TaskKind kind : kTaskKinds)
    for (const std::size_t size : {1'000U, 10'000U, 200'000U}) {
      const std::size_t got = make_task(kind, {.text_bytes = size}).prompt.size();
      EXPECT_GE(got, size) << to_string(kind);
      EXPECT_LE(got, size + 1'000) << to_string(kind);
    }
}

TEST(ContextTasks, TheTextHoldsTheAnswersAndTheQuestionDoesNot) {
  for (const TaskKind kind : {TaskKind::needle, TaskKind::multi_needle, TaskKind::multi_hop})
    for (std::uint64_t number = 0; number < 20; ++number) {
      const Task task = make_task(kind, {.number = number});
      const std::size_t question = task.prompt.rfind("\n\n");
      for (const std::string& answer : task.wanted) {
        EXPECT_NE(task.prompt.substr(0, question).find(answer), std::string::npos);
        EXPECT_EQ(task.prompt.find(answer, question), std::string::npos);
      }
    }
}

TEST(ContextTasks, ARightAnswerSolvesAndAWrongOneDoesNot) {
  for (const TaskKind kind : kTaskKinds)
    for (std::uint64_t number = 0; number < 20; ++number) {
      const Task task = make_task(kind, {.number = number});
      const std::string right = joined(task.wanted, "\n");
      EXPECT_TRUE(solved(task, right)) << to_string(kind);
      EXPECT_TRUE(solved(task, "Here it is:\n```\n" + right + "\n```\n"));
      EXPECT_FALSE(solved(task, ""));
      EXPECT_FALSE(solved(task, joined(task.unwanted, "\n")));
      EXPECT_FALSE(solved(task, right + "\n" + task.unwanted.front())) << "everything at once is no answer";
      if (kind != TaskKind::code_edit) EXPECT_FALSE(solved(task, "1" + task.wanted.front())) << "a longer number is another one";
    }
}

TEST(ContextTasks, ACodeEditMustBeWholeAndMayBeSpacedOtherwise) {
  const Task task = make_task(TaskKind::code_edit, {});
  EXPECT_FALSE(solved(task, task.wanted.back()));
  EXPECT_TRUE(solved(task, task.wanted[0] + "\n\t" + task.wanted[1] + "\n\t" + task.wanted[2]));
}

}  // namespace
}  // namespace demarc::models
