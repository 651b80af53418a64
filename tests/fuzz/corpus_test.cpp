// Every committed input of every target, as a plain test in every build.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "fuzz.hpp"

namespace demarc::fuzz {
namespace {

const std::filesystem::path kCorpus = std::filesystem::path(DEMARC_SOURCE_DIR) / "tests/fuzz/corpus";

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

class Corpus : public testing::TestWithParam<Target> {};

TEST_P(Corpus, IsReadWithEveryPromiseKept) {
  const Target& target = GetParam();
  std::size_t inputs = 0;
  for (const auto& file : std::filesystem::directory_iterator(kCorpus / target.name)) {
    SCOPED_TRACE(file.path().string());
    target.run(content_of(file.path()));
    ++inputs;
  }
  target.run({});
  EXPECT_GT(inputs, 0U);
}

TEST(Corpora, BelongToATargetEach) {
  for (const auto& folder : std::filesystem::directory_iterator(kCorpus)) {
    const std::string name = folder.path().filename().string();
    EXPECT_TRUE(std::any_of(targets().begin(), targets().end(), [&](const Target& target) { return target.name == name; })) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, Corpus, testing::ValuesIn(targets()), [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace demarc::fuzz
