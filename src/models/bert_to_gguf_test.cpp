#include "models/bert_to_gguf.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "models/pull.hpp"
#include "models/safetensors.hpp"
#include "models/testing/fixture.hpp"
#include "models/testing/tiny_bert.hpp"

namespace demarc::models {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class BertToGguf : public testing::Test {
 protected:
  BertToGguf() { write_tiny_bert(folder_.path()); }
  ModelResult<void> convert() { return bert_to_gguf(folder_.path(), {"all-MiniLM-L6-v2", "apache-2.0"}, folder_.path() / "out.gguf", {}); }
  std::string refusal() {
    const auto converted = convert();
    return converted.ok() ? "converted" : converted.error().message;
  }
  void replace(const std::string& file, const std::string& from, const std::string& to) {
    std::string text = read_file(folder_.path() / file);
    text.replace(text.find(from), from.size(), to);
    write_file(folder_.path() / file, text);
  }

  TemporaryFolder folder_;
};

TEST_F(BertToGguf, MakesTheBytesOfAnIndependentConverter) {  // NumPy's, of the same made-up weights
  ASSERT_TRUE(convert().ok());
  EXPECT_EQ(sha256_of(read_file(folder_.path() / "out.gguf")), "9aaa08dd8fff7f74f30745fd337734bad8dd839db0b57c059d5ab3e83a8d3689");
}

TEST_F(BertToGguf, RefusesTwoTokensWithOneId) {
  replace("tokenizer.json", "\"##lo\": 6", "\"##lo\": 5");
  EXPECT_THAT(refusal(), HasSubstr("0, 1, 2"));
}

TEST_F(BertToGguf, NamesATensorThatIsMissing) {
  replace("model.safetensors", "embeddings.LayerNorm.bias", "embeddings.LayerNorm.bier");
  EXPECT_THAT(refusal(), HasSubstr("embeddings.LayerNorm.bias"));
}

TEST_F(BertToGguf, RefusesWeightsCutAtAnyByte) {
  const std::string whole = read_file(folder_.path() / "model.safetensors");
  for (std::size_t size = 0; size < whole.size(); size += 13) {
    write_file(folder_.path() / "model.safetensors", whole.substr(0, size));
    ASSERT_FALSE(convert().ok()) << size;
  }
}

// The catalogue's entry for the tiny model; its name in the GGUF is the last word of the origin's address.
Entry tiny_entry(const fs::path& folder, const std::string& gguf) {
  Entry entry = small_model(gguf);
  entry.origin.url = "https://example.org/all-MiniLM-L6-v2";
  entry.conversion = Conversion::bert_to_gguf;
  for (const char* input : {"config.json", "tokenizer.json", "model.safetensors"}) entry.inputs.push_back(spec(input, read_file(folder / input)));
  return entry;
}

TEST_F(BertToGguf, PullingAFolderOfInputsConvertsThem) {
  ASSERT_TRUE(convert().ok());
  const std::string gguf = read_file(folder_.path() / "out.gguf");
  const TemporaryFolder data;
  PullOptions options;
  options.folder = folder_.path();
  const auto pulled = pull(Store(data.path()), tiny_entry(folder_.path(), gguf), options);
  ASSERT_TRUE(pulled.ok()) << pulled.error().message;
  EXPECT_EQ(read_file(pulled->model.weights), gguf);
}

TEST_F(BertToGguf, PullingAFolderThatHoldsTheResultNeedsNoInputs) {
  const Entry entry = tiny_entry(folder_.path(), "made elsewhere");
  const TemporaryFolder data, stick;
  write_file(stick.path() / "weights.bin", "made elsewhere");
  PullOptions options;
  options.folder = stick.path();
  EXPECT_TRUE(pull(Store(data.path()), entry, options).ok());
}

std::size_t usable_tensors(const std::string& tensor) {
  const auto parsed = parse_safetensors_header(R"({"t": )" + tensor + "}", 0, 16);
  return parsed.ok() ? parsed->size() : 0;
}

TEST(Safetensors, TakesATensorThatFits) { EXPECT_EQ(usable_tensors(R"({"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]})"), 1U); }

TEST(Safetensors, RefusesAPlaceBehindTheFile) { EXPECT_EQ(usable_tensors(R"({"dtype": "F32", "shape": [2, 2], "data_offsets": [4, 20]})"), 0U); }

TEST(Safetensors, RefusesAPlaceThatDoesNotFitTheShape) {
  EXPECT_EQ(usable_tensors(R"({"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 8]})"), 0U);
}

TEST(Safetensors, RefusesAPlaceThatEndsBeforeItBegins) {
  EXPECT_EQ(usable_tensors(R"({"dtype": "F32", "shape": [2, 2], "data_offsets": [16, 0]})"), 0U);
}

TEST(Safetensors, RefusesAShapeWhoseSizeOverflows) {
  EXPECT_EQ(usable_tensors(R"({"dtype": "F32", "shape": [4611686018427387905, 4], "data_offsets": [0, 16]})"), 0U);
}

TEST(Safetensors, RefusesNegativeNumbers) { EXPECT_EQ(usable_tensors(R"({"dtype": "F32", "shape": [-2, -2], "data_offsets": [0, 16]})"), 0U); }

TEST(Safetensors, RefusesAHeaderLongerThanTheFile) {
  const TemporaryFolder folder;
  write_file(folder.path() / "m", std::string(8, '\x7f') + "{}");
  EXPECT_THAT(Safetensors::open(folder.path() / "m").error().message, HasSubstr("longer than the file"));
}

TEST(Half, RoundsToNearestTiesToEven) {
  const std::pair<float, std::uint16_t> cases[] = {{65504.0F, 0x7bff},     {65519.0F, 0x7bff},     {65520.0F, 0x7c00}, {0x1p-24F, 1},
                                                   {0x1p-25F, 0},          {0x1.8p-25F, 1},        {0x1p-14F, 0x400},  {0x1p-14F - 0x1p-25F, 0x400},
                                                   {1 + 0x1p-11F, 0x3c00}, {1 + 0x3p-11F, 0x3c02}, {-0.0F, 0x8000},    {1e-30F, 0},
                                                   {INFINITY, 0x7c00},     {NAN, 0x7e00}};
  for (const auto& [value, half] : cases) EXPECT_EQ(to_half(value), half) << value;
}

TEST(Half, EveryHalfSurvivesTheWayThroughFloat) {
  for (std::uint32_t half = 0; half < 0x10000; ++half) {
    if (std::isnan(from_half(static_cast<std::uint16_t>(half)))) continue;
    ASSERT_EQ(to_half(from_half(static_cast<std::uint16_t>(half))), half);
  }
}

}  // namespace
}  // namespace demarc::models
