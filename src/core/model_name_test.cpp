#include "core/model_name.hpp"

#include <gtest/gtest.h>

namespace demarc {
namespace {

TEST(ModelName, IsWhatProvidersCallTheirModels) {
  for (const char* name :
       {"gpt-5-mini-2025-08-07", "frontier/claude-3-5-sonnet@20240620", "qwen2.5-coder:0.5b", "ft:gpt-4o:acme::id", "workload/contract-triage"})
    EXPECT_TRUE(could_be_model_name(name)) << name;
}

TEST(ModelName, IsNoSentence) {
  for (const std::string& text :
       {std::string(), std::string("ada wrote"), std::string("naïve"), std::string("a%20b"), std::string(129, 'a'), std::string("a\n")})
    EXPECT_FALSE(could_be_model_name(text)) << text;
}

TEST(ModelName, IsSaidOnlyIfItIsOne) {
  EXPECT_EQ(said_model("gpt-9"), "model \"gpt-9\"");
  EXPECT_EQ(said_model("my card is 4111"), "model that was asked for");
}

}  // namespace
}  // namespace demarc
