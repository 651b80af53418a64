#include "models/bert_to_onnx.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/format/check.hpp"
#include "models/pull.hpp"
#include "models/testing/fixture.hpp"
#include "models/testing/tiny_bert.hpp"

namespace demarc::models {
namespace {

using testing::HasSubstr;

class BertToOnnx : public testing::TestWithParam<OnnxWeights> {
 protected:
  BertToOnnx() { write_tiny_bert(folder_.path()); }
  ModelResult<void> convert() {
    return bert_to_onnx(folder_.path(), {"tiny", "apache-2.0", GetParam()}, folder_.path() / "model.onnx", folder_.path() / "vocab.txt", {});
  }
  TemporaryFolder folder_;
};
INSTANTIATE_TEST_SUITE_P(Weights, BertToOnnx, testing::Values(OnnxWeights::f32, OnnxWeights::int8));

TEST_P(BertToOnnx, MakesANetworkThatTheCheckPasses) {
  ASSERT_TRUE(convert().ok());
  const auto facts = format::check("model.onnx", read_file(folder_.path() / "model.onnx"));
  EXPECT_TRUE(facts.ok()) << facts.error();
}

TEST_P(BertToOnnx, MakesTheSameBytesAgain) {
  ASSERT_TRUE(convert().ok());
  const std::string first = read_file(folder_.path() / "model.onnx");
  ASSERT_TRUE(convert().ok());
  EXPECT_EQ(read_file(folder_.path() / "model.onnx"), first);
}

TEST_P(BertToOnnx, WritesTheWordsInTheOrderOfTheirNumbers) {
  ASSERT_TRUE(convert().ok());
  EXPECT_EQ(read_file(folder_.path() / "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n##lo\n");
}

TEST_P(BertToOnnx, RefusesWeightsOfAnotherShapeThanTheConfigSays) {
  std::string config = read_file(folder_.path() / "config.json");
  config.replace(config.find("\"intermediate_size\": 8"), 22, "\"intermediate_size\": 9");
  write_file(folder_.path() / "config.json", config);
  const auto made = convert();
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.error().message, HasSubstr("intermediate.dense"));
}

TEST_P(BertToOnnx, PullingAFolderOfInputsMakesTheNetworkAndItsWords) {
  ASSERT_TRUE(convert().ok());
  Entry entry = small_model("");
  entry.origin.url = "https://example.org/tiny";
  entry.licence = "Apache-2.0";
  entry.conversion = GetParam() == OnnxWeights::f32 ? Conversion::bert_to_onnx : Conversion::bert_to_onnx_int8;
  entry.files = {};
  for (const char* file : {"model.onnx", "vocab.txt", "config.json"}) entry.files.push_back(spec(file, read_file(folder_.path() / file)));
  for (const char* file : {"config.json", "tokenizer.json", "model.safetensors"})
    entry.inputs.push_back(spec(file, read_file(folder_.path() / file)));
  std::filesystem::remove(folder_.path() / "model.onnx");
  const TemporaryFolder data;
  PullOptions options;
  options.folder = folder_.path();
  const auto pulled = pull(Store(data.path()), entry, options);
  ASSERT_TRUE(pulled.ok()) << pulled.error().message;
  EXPECT_EQ(pulled->model.locked.files.size(), 3U);
}

}  // namespace
}  // namespace demarc::models
