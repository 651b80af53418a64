#include "cli/machine.hpp"

#include <gtest/gtest.h>

namespace demarc::cli {
namespace {

TEST(Machine, ReadsWhatTheEngineListsOfItsDevices) {
  const auto devices = parse_devices(
      "ggml_vulkan: Found 1 Vulkan devices:\n"
      "Available devices:\n"
      "  Vulkan0: llvmpipe (LLVM 15.0.6, 256 bits) (24037 MiB, 20000 MiB free)\n"
      "  CUDA1: NVIDIA H100 (81559 MiB, 80999 MiB free)\n");
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_EQ(devices[0].name, "Vulkan0");
  EXPECT_EQ(devices[0].description, "llvmpipe (LLVM 15.0.6, 256 bits)");
  EXPECT_EQ(devices[0].free_bytes, 20'000ULL << 20U);
  EXPECT_EQ(devices[1].total_bytes, 81'559ULL << 20U);
  EXPECT_TRUE(parse_devices("Available devices:\n  (none)\n").empty());
}

TEST(Machine, HasMemoryAndCores) {
  const models::Machine machine = this_machine(MemorySpeed::skip);
  EXPECT_GT(machine.memory_bytes, machine.free_bytes);
  EXPECT_GT(machine.free_bytes, 0U);
  EXPECT_GE(machine.cores, 1U);
}

TEST(Machine, AProgramsOutputOrItsLastLine) {
  EXPECT_EQ(run_program({"/bin/echo", "hello"}, 10'000).value(), "hello\n");
  EXPECT_EQ(run_program({"/bin/sh", "-c", "echo first; echo last; exit 3"}, 10'000).error(), "exit status 3: last");
  EXPECT_NE(run_program({"/bin/sleep", "60"}, 200).error().find("took longer"), std::string::npos);
}

}  // namespace
}  // namespace demarc::cli
