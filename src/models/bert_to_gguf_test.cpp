#include "models/bert_to_gguf.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "models/pull.hpp"
#include "models/safetensors.hpp"
#include "models/testing/fixture.hpp"

namespace demarc::models {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr int kWidth = 4, kFeedForward = 8, kPositions = 6, kTokenTypes = 2, kTokens = 7;

std::string safetensors(const std::string& header, const std::string& data) {
  const std::uint64_t size_bytes = header.size();
  return std::string(reinterpret_cast<const char*>(&size_bytes), sizeof size_bytes) + header + data;
}

// A BERT of one layer with made-up weights: wide fractions, so that they must be rounded, and every third in the subnormals of F16.
void write_tiny_bert(const fs::path& folder) {
  write_file(folder / "config.json",
             R"({"num_hidden_layers": 1, "max_position_embeddings": 6, "hidden_size": 4, "intermediate_size": 8, "num_attention_heads": 2,
                 "type_vocab_size": 2, "layer_norm_eps": 1e-12})");
  write_file(folder / "tokenizer.json",
             R"({"added_tokens": [{"id": 0, "content": "[PAD]", "special": true}, {"id": 1, "content": "[UNK]", "special": true},
    {"id": 2, "content": "[CLS]", "special": true}, {"id": 3, "content": "[SEP]", "special": true}, {"id": 4, "content": "[MASK]", "special": true}],
    "model": {"vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "hello": 5, "##lo": 6}}})");
  std::string header = "{\"__metadata__\": {\"format\": \"pt\"}", data;
  std::int64_t count = 0;
  const auto add = [&](const std::string& name, int rows, int columns) {  // rows 0: a vector
    const int elements = std::max(rows, 1) * columns;
    header += ", \"" + name + R"(": {"dtype": "F32", "shape": [)" + (rows > 0 ? std::to_string(rows) + ", " : "") + std::to_string(columns) +
              R"(], "data_offsets": [)" + std::to_string(data.size()) + ", " + std::to_string(data.size() + elements * sizeof(float)) + "]}";
    for (int i = 0; i < elements; ++i, ++count) {
      const float value = static_cast<float>(count * 7919 % 20011 - 10005) / 4096.0F * (count % 3 == 0 ? 0x1p-16F : 1.0F);
      data.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
  };
  add("embeddings.word_embeddings.weight", kTokens, kWidth);
  add("embeddings.position_embeddings.weight", kPositions, kWidth);
  add("embeddings.token_type_embeddings.weight", kTokenTypes, kWidth);
  add("embeddings.LayerNorm.weight", 0, kWidth), add("embeddings.LayerNorm.bias", 0, kWidth);
  const auto add_layer = [&](const std::string& name, int rows, int columns) {
    add("encoder.layer.0." + name + ".weight", rows, columns), add("encoder.layer.0." + name + ".bias", 0, rows > 0 ? rows : columns);
  };
  for (const char* name : {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"})
    add_layer(name, kWidth, kWidth);
  add_layer("attention.output.LayerNorm", 0, kWidth), add_layer("intermediate.dense", kFeedForward, kWidth);
  add_layer("output.dense", kWidth, kFeedForward), add_layer("output.LayerNorm", 0, kWidth);
  write_file(folder / "model.safetensors", safetensors(header + "}", data));
}

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
