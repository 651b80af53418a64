#include "engine/profile.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "core/io/disk_memory.hpp"

namespace demarc::engine {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

EnginePlan plan_of(std::uint64_t size_bytes, std::int64_t context_tokens, std::uint32_t slots = 1) {
  EnginePlan plan{.upstream = {.name = "chat", .engine = EngineKind::llama, .slots = slots},
                  .model = {.digest = "sha256:aa", .size_bytes = size_bytes}};
  plan.upstream.models.push_back({.name = "m", .serves = {}, .context_tokens = context_tokens, .space = {}});
  return plan;
}

TEST(LoadLines, OfLlamaServerTellWhatItTook) {
  Profile profile;
  EXPECT_TRUE(read_load_line("0.02.950.835 I print_info: n_layer               = 24", profile));
  EXPECT_TRUE(read_load_line("0.03.098.099 I load_tensors:   CPU_Mapped model buffer size =   462.96 MiB", profile));
  EXPECT_TRUE(read_load_line("0.03.098.110 I load_tensors:   CPU_REPACK model buffer size =    28.05 MiB", profile));
  EXPECT_TRUE(read_load_line("0.03.196.294 I llama_kv_cache:        CPU KV buffer size =    48.00 MiB", profile));
  EXPECT_TRUE(read_load_line("0.03.299.917 I sched_reserve:        CPU compute buffer size =    37.50 MiB", profile));
  EXPECT_FALSE(read_load_line("0.03.298.007 I llama_kv_cache: size =   48.00 MiB (  2048 cells,  24 layers)", profile)) << "said twice, counted once";
  EXPECT_FALSE(read_load_line("model buffer size = many MiB", profile));
  EXPECT_FALSE(read_load_line("print_info: n_layer = 99999999999", profile));
  EXPECT_EQ(profile.layers, 25U);
  EXPECT_EQ(profile.weights_bytes / kMiB, 491U);
  EXPECT_EQ(profile.kv_bytes, 48 * kMiB);
  EXPECT_EQ(profile.compute_bytes, 37 * kMiB + kMiB / 2);
}

TEST(Process, IsMeasured) {
  const ProcessMemory mine = measure_process(getpid());
  EXPECT_GT(mine.resident_bytes, kMiB);
  EXPECT_GE(mine.peak_bytes, mine.resident_bytes);
  EXPECT_GE(cpu_ms_of_process(getpid()), 0);
  EXPECT_EQ(measure_process(-1).resident_bytes, 0U);
  EXPECT_EQ(cpu_ms_of_process(-1), -1);
  EXPECT_GT(machine_bytes(), 100 * kMiB);
}

// Three that want all of one processor: each has a third of it, and stands in line for the rest.
TEST(Process, ThatGetsNoProcessorIsSeenToStandInLine) {
  const int first_processor = sched_getcpu();
  std::vector<pid_t> crowd;
  for (int i = 0; i < 3; ++i) {
    const pid_t one = fork();
    if (one == 0) {
      cpu_set_t first;
      CPU_ZERO(&first);
      CPU_SET(first_processor, &first);
      sched_setaffinity(0, sizeof first, &first);
      for (volatile unsigned spin = 0;; spin = spin + 1) {
      }
    }
    crowd.push_back(one);
  }
  std::int64_t waited = 0, used = 0;
  for (int tries = 0; tries < 100 && (waited < 200 || used == 0); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    waited = 0, used = 0;
    for (const pid_t one : crowd) waited += queued_ms_of_process(one), used += cpu_ms_of_process(one);
  }
  for (const pid_t one : crowd) kill(one, SIGKILL), waitpid(one, nullptr, 0);
  EXPECT_GE(waited, 200);
  EXPECT_GT(used, 0);
  EXPECT_EQ(queued_ms_of_process(-1), 0);
}

// What a process takes that it started, and what that one started, as the readers of our document worker.
TEST(Family, IsMeasuredWithAllThatItStarted) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    if (fork() == 0) {
      std::string own(std::size_t{64} << 20, 'x');
      static_cast<void>(write(ready[1], own.data(), 1));
      pause();
    }
    pause();
  }
  char said = 0;
  ASSERT_EQ(read(ready[0], &said, 1), 1);
  const ProcessMemory alone = measure_process(child), family = measure_family(child);
  EXPECT_GT(family.resident_bytes, alone.resident_bytes + 60 * kMiB);
  EXPECT_GT(family.anonymous_bytes, alone.anonymous_bytes + 60 * kMiB);
  std::ifstream children("/proc/" + std::to_string(child) + "/task/" + std::to_string(child) + "/children");
  pid_t grandchild = 0;
  children >> grandchild;
  kill(grandchild, SIGKILL), kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ready[0]), close(ready[1]);
}

TEST(Estimate, OfAnEngineForDocumentsHoldsOneReader) {
  EnginePlan plan = plan_of(15 * kMiB, 4'096);
  plan.upstream.engine = EngineKind::document;
  const std::uint64_t with_a_gib = estimate_need(plan).total_bytes();
  plan.document_limits.document_memory_mib = 2'048;
  EXPECT_EQ(estimate_need(plan).total_bytes() - with_a_gib, 1'024 * kMiB);
  EXPECT_EQ(reserved_ram_bytes({.ready_bytes = 90 * kMiB, .ram_bytes = 900 * kMiB}, plan), 90 * kMiB + (2'048 + 3 * 64) * kMiB)
      << "readers that were seen are not counted twice";
}

TEST(Estimate, IsOfTheRightSize) {
  const Need need = estimate_need(plan_of(4'400 * kMiB, 8'192));  // a model of 7 to 8 thousand million parameters
  EXPECT_TRUE(need.estimated);
  EXPECT_EQ(need.weights_bytes, 4'400 * kMiB);
  EXPECT_GT(need.kv_bytes, 800 * kMiB);  // such models take 56 to 128 KiB for a token
  EXPECT_LT(need.kv_bytes, 1'600 * kMiB);
  EXPECT_NEAR(need.layers, 33, 6);
}

TEST(ProfileBook, IsKeptBetweenRuns) {
  MemoryDisk disk;
  disk.put("d/x", "");
  const Profile profile{.weights_bytes = 5, .kv_bytes = 6, .compute_bytes = 7, .ram_bytes = 100, .layers = 25, .load_ms = 3'000};
  {
    ProfileBook book(disk, "d/engines.json");
    EXPECT_FALSE(book.find("k"));
    book.learn("k", profile);
  }
  const ProfileBook again(disk, "d/engines.json");
  EXPECT_EQ(again.find("k"), profile);
}

TEST(ProfileBook, KeepsThePeak) {
  MemoryDisk disk;
  ProfileBook book(disk, "engines.json");
  book.learn("k", {.weights_bytes = 5, .ram_bytes = 1'000, .load_ms = 3'000});
  book.learn("k", {.ram_bytes = 10});
  EXPECT_EQ(book.find("k")->ram_bytes, 1'000U);
  EXPECT_EQ(book.find("k")->weights_bytes, 5U);
  EXPECT_EQ(book.find("k")->load_ms, 3'000);
}

TEST(ProfileBook, OfGarbageIsEmpty) {
  for (const char* text : {"", "{", "[1,2]", "{\"k\": 5}", "{\"k\": {\"ram_bytes\": -5}}"}) {
    MemoryDisk disk;
    disk.put("engines.json", text);
    const ProfileBook book(disk, "engines.json");
    EXPECT_EQ(book.find("k").value_or(Profile{}).ram_bytes, 0U) << text;
  }
}

TEST(Need, IsWhatWasMeasuredAndOfAnotherContextWhatThatComesTo) {
  MemoryDisk disk;
  ProfileBook book(disk, "engines.json");
  const EnginePlan plan = plan_of(400 * kMiB, 2'048, 2);
  EXPECT_TRUE(need_of(plan, book).estimated);
  book.learn(profile_key(plan),
             {.weights_bytes = 490 * kMiB, .kv_bytes = 48 * kMiB, .compute_bytes = 38 * kMiB, .ram_bytes = 620 * kMiB, .layers = 25});
  const Need measured = need_of(plan, book);
  EXPECT_FALSE(measured.estimated);
  EXPECT_EQ(measured.total_bytes(), 620 * kMiB);
  book.learn(profile_key(plan),
             {.weights_bytes = 490 * kMiB, .kv_bytes = 48 * kMiB, .compute_bytes = 38 * kMiB, .ready_bytes = 600 * kMiB, .layers = 25});
  EXPECT_EQ(need_of(plan, book).total_bytes(), 728 * kMiB) << "room for the prompt cache, which fills only with time";
  const Need larger = need_of(plan_of(400 * kMiB, 16'384), book);
  EXPECT_TRUE(larger.estimated);
  EXPECT_EQ(larger.kv_bytes, 4 * 48 * kMiB);
  EXPECT_EQ(larger.weights_bytes, 490 * kMiB);
}

}  // namespace
}  // namespace demarc::engine
