#include "models/format/check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "models/format/testing/bytes.hpp"

namespace demarc::models::format {
namespace {

using namespace testing;  // the bytes.hpp of this folder
using ::testing::HasSubstr;
using ::testing::Values;

TEST(Check, KnowsWhatAGgufNeeds) {
  const auto facts = check("m.gguf", small_gguf());
  ASSERT_TRUE(facts) << facts.error();
  const Gguf& model = *facts->gguf;
  EXPECT_EQ(model.architecture, "llama");
  EXPECT_EQ(model.quantisation, "F32");  // the norm has more bytes than both 4-bit tensors
  EXPECT_EQ(model.context_tokens, 4096U);
  EXPECT_EQ(model.layers, 2U);
  EXPECT_EQ(model.kv_elements_per_token, 2U * 2 * (64 + 64));
  EXPECT_EQ(model.weights_bytes, 576U + 1152 + 2048);
  EXPECT_EQ(model.layer_bytes, 2048U);
  EXPECT_EQ(model.parameters, 1024U + 2048 + 512);
  EXPECT_EQ(model.vocabulary, 2U);
  EXPECT_TRUE(model.fill_in_the_middle);
  EXPECT_EQ(model.chat_template_bytes, 14U);
}

TEST(Check, TakesWhatTheOthersAre) {
  EXPECT_EQ(check("a/model.safetensors", safetensors(R"({"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}})", 24))->format,
            Format::safetensors);
  EXPECT_EQ(check("model.onnx", small_onnx())->format, Format::onnx);
  EXPECT_EQ(check("model.bin", ctranslate2(1, variable("w", {2, 2}, 0, 16, 16)))->format, Format::ctranslate2);
  EXPECT_EQ(check("config.json", R"({"a": [1, 2]})")->format, Format::json);
  EXPECT_EQ(check("LICENSE", "Apache License\n")->format, Format::text);
}

TEST(Check, ItsFactsAreReadBackAsTheyWerePrinted) {
  const auto facts = check("m.gguf", small_gguf());
  ASSERT_TRUE(facts);
  EXPECT_EQ(parse(print(*facts)), *facts);
  EXPECT_EQ(parse("{\"format\":\"pickle\"}"), std::nullopt);
  EXPECT_EQ(parse("not JSON"), std::nullopt);
  EXPECT_EQ(parse(R"({"format":"gguf"})"), std::nullopt);
}

struct Refused {
  std::string why, name, bytes;
  std::string said;
};
std::string GgufOf(std::string pairs, std::uint64_t count = 1) { return gguf({.pairs = count, .pairs_bytes = std::move(pairs)}); }
std::string GgufWith(std::string tensors, std::uint64_t data_bytes, std::uint64_t count = 1) {
  return gguf({.tensors = count, .tensors_bytes = std::move(tensors), .data_bytes = data_bytes});
}

class Hostile : public ::testing::TestWithParam<Refused> {};
TEST_P(Hostile, IsRefusedWithItsReason) {
  const auto facts = check(GetParam().name, GetParam().bytes);
  ASSERT_FALSE(facts);
  EXPECT_THAT(facts.error(), HasSubstr(GetParam().said));
}

constexpr std::uint64_t kHuge = ~std::uint64_t{0};
const std::string kListKey = text("a") + u32(9);
INSTANTIATE_TEST_SUITE_P(Code, Hostile,
                         Values(Refused{"Pickle", "model.bin", std::string("\x80\x04\x95") + std::string(20, 'x'), "pickle, which runs code"},
                                Refused{"PickleCalledGguf", "m.gguf", std::string("\x80\x02}q\x01."), "pickle, which runs code"},
                                Refused{"TorchZip", "pytorch_model.bin", std::string("PK\x03\x04\x14\0\0\0archive/data.pkl", 24), "zip archive"},
                                Refused{"TextPickle", "weights.txt", "cos\nsystem\n(S'id'\ntR.", "pickle in text"},
                                Refused{"NumPy", "w.npy", "\x93NUMPY\x01", "NumPy"}, Refused{"Keras", "w.h5", "\x89HDF\r\n\x1a\n", "HDF5"},
                                Refused{"Elf", "m.onnx",
                                        "\x7f"
                                        "ELF\x02",
                                        "a program"},
                                Refused{"Script", "m.txt", "#!/bin/sh\nid\n", "a program"},
                                Refused{"Compressed", "m.json", "\x1f\x8b\x08", "compressed"},
                                Refused{"OldGgml", "model.bin", "lmgg....", "old ggml"}, Refused{"Empty", "m.gguf", "", "empty"},
                                Refused{"Unknown", "weights.dat", std::string("\x01\0\x02", 3), "neither a known format nor text"},
                                Refused{"DeepJson", "config.json", std::string(70, '[') + std::string(70, ']'), "nested more than 64"}),
                         [](const auto& info) { return info.param.why; });
INSTANTIATE_TEST_SUITE_P(
    Gguf, Hostile,
    Values(Refused{"Cut", "m.gguf", small_gguf().substr(0, 100), "left"},
           Refused{"NoData", "m.gguf", small_gguf().substr(0, small_gguf().size() - 1), "end"},
           Refused{"Version", "m.gguf", gguf({.version = 1}), "version 1"},
           Refused{"Tensors", "m.gguf", gguf({.tensors = kHuge}), "tensors; at most"},
           Refused{"Pairs", "m.gguf", gguf({.pairs = kHuge}), "pairs; at most"}, Refused{"LongKey", "m.gguf", GgufOf(u64(kHuge)), "at most 255"},
           Refused{"LongText", "m.gguf", GgufOf(text("a") + u32(8) + u64(kHuge - 3)), "at most"},
           Refused{"TextPastTheEnd", "m.gguf", GgufOf(text("a") + u32(8) + u64(1000)), "would need 1000"},
           Refused{"ValueType", "m.gguf", GgufOf(text("a") + u32(13)), "type 13 is unknown"},
           Refused{"ListOfLists", "m.gguf", GgufOf(kListKey + u32(9) + u32(9) + u64(1)), "list of lists"},
           Refused{"LongList", "m.gguf", GgufOf(kListKey + u32(10) + u64(kHuge / 8 + 2)), "at most 4000000"},
           Refused{"ListPastTheEnd", "m.gguf", GgufOf(kListKey + u32(10) + u64(1'000'000)), "would need 8000000"},
           Refused{"KeyTwice", "m.gguf", GgufOf(pair_u32("a", 1) + pair_u32("a", 2), 2), "twice"},
           Refused{"Alignment", "m.gguf", GgufOf(pair_u32("general.alignment", 24)), "alignment 24"},
           Refused{"AlignmentZero", "m.gguf", GgufOf(pair_u32("general.alignment", 0)), "alignment 0"},
           Refused{"AlignmentOfAnotherType", "m.gguf", GgufOf(pair_text("general.alignment", "32")), "32-bit number"},
           Refused{"Rank", "m.gguf", GgufWith(tensor("w", {1, 1, 1, 1, 1}, 0, 0), 4), "5 dimensions"},
           Refused{"Zero", "m.gguf", GgufWith(tensor("w", {0}, 0, 0), 4), "dimension of 0"},
           Refused{"Product", "m.gguf", GgufWith(tensor("w", {1ULL << 32U, 1ULL << 32U}, 0, 0), 4), "63 bits"},
           Refused{"ProductWrapsToLittle", "m.gguf", GgufWith(tensor("w", {1ULL << 33U, (1ULL << 31U) + 1}, 0, 0), 64), "63 bits"},
           Refused{"SizeWraps", "m.gguf", GgufWith(tensor("w", {1ULL << 62U}, 0, 0), 4), "64 bits"},
           Refused{"TensorType", "m.gguf", GgufWith(tensor("w", {32}, 4, 0), 4), "unknown type 4"},
           Refused{"HalfABlock", "m.gguf", GgufWith(tensor("w", {100}, 12, 0), 144), "multiple of the 256"},
           Refused{"Outside", "m.gguf", GgufWith(tensor("w", {32}, 0, 0), 127), "behind the file's end"},
           Refused{"Offset", "m.gguf", GgufWith(tensor("w", {32}, 0, kHuge - 31), 128), "next free place 0"},
           Refused{"Overlap", "m.gguf", GgufWith(tensor("v", {32}, 0, 0) + tensor("w", {32}, 0, 64), 256, 2), "next free place 128"},
           Refused{"TensorTwice", "m.gguf", GgufWith(tensor("w", {32}, 0, 0) + tensor("w", {32}, 0, 128), 256, 2), "twice"},
           Refused{"LongName", "m.gguf", GgufWith(tensor(std::string(64, 'w'), {32}, 0, 0), 128), "at most 63"},
           Refused{"Part", "m.gguf", GgufOf(pair_u32("split.count", 2)), "several parts"},
           Refused{"NegativeNumber", "m.gguf", GgufOf(pair_text("general.architecture", "x") + text("x.block_count") + u32(5) + u32(0xFFFFFFFF), 2),
                   "negative"},
           Refused{"Layers", "m.gguf", GgufOf(pair_text("general.architecture", "x") + pair_u32("x.block_count", 20'000), 2), "20000 layers"},
           Refused{"Scores", "m.gguf",
                   GgufOf(text("tokenizer.ggml.tokens") + u32(9) + u32(8) + u64(1) + text("a") + text("tokenizer.ggml.scores") + u32(9) + u32(6) +
                              u64(2) + u64(0),
                          2),
                   "the tokens are 1"}),
    [](const auto& info) { return info.param.why; });
INSTANTIATE_TEST_SUITE_P(
    Safetensors, Hostile,
    Values(Refused{"Header", "m.safetensors", u64(kHuge) + "{}", "the format allows"},
           Refused{"PastTheEnd", "m.safetensors", u64(1000) + "{}", "would need 1000"},
           Refused{"NoJson", "m.safetensors", safetensors("{]", 0), "not JSON"},
           Refused{"Space", "m.safetensors", safetensors(" {}", 0), "begin with '{'"},
           Refused{"Deep", "m.safetensors", safetensors(R"({"w":{"dtype":"U8","shape":[[[[[1]]]]],"data_offsets":[0,1]}})", 1), "not JSON of"},
           Refused{"Dtype", "m.safetensors", safetensors(R"({"w":{"dtype":"X","shape":[1],"data_offsets":[0,1]}})", 1), "unknown type"},
           Refused{"Wraps", "m.safetensors", safetensors(R"({"w":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0),
                   "64 bits"},
           Refused{"Negative", "m.safetensors", safetensors(R"({"w":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1), "no whole number"},
           Refused{"Backwards", "m.safetensors", safetensors(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1), "outside"},
           Refused{"OutsideTheFile", "m.safetensors", safetensors(R"({"w":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}})", 1), "outside"},
           Refused{"OtherShape", "m.safetensors", safetensors(R"({"w":{"dtype":"U8","shape":[3],"data_offsets":[0,4]}})", 4), "other bytes"},
           Refused{"Overlaps", "m.safetensors",
                   safetensors(R"({"v":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"w":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})", 4),
                   "overlaps"},
           Refused{"Hole", "m.safetensors", safetensors(R"({"w":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}})", 4), "hole"},
           Refused{"Rest", "m.safetensors", safetensors(R"({"w":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})", 4), "belong to none"},
           Refused{"Twice", "m.safetensors",
                   safetensors(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2),
                   "twice"},
           Refused{"Metadata", "m.safetensors", safetensors(R"({"__metadata__":{"a":1}})", 0), "no text"}),
    [](const auto& info) { return info.param.why; });
INSTANTIATE_TEST_SUITE_P(
    Onnx, Hostile,
    Values(Refused{"NoGraph", "m.onnx", field(1, 8), "no graph"},
           Refused{"PastTheEnd", "m.onnx", varint(7 << 3U | 2U) + varint(1000) + "x", "would need 1000"},
           Refused{"LengthWraps", "m.onnx", varint(7 << 3U | 2U) + std::string(9, '\xff') + "\x01", "would need 18446744073709551615"},
           Refused{"LongNumber", "m.onnx", std::string(11, '\xff'), "longer than 64 bits"}, Refused{"WireType", "m.onnx", "\x0b", "wire type 3"},
           Refused{"External", "m.onnx", onnx(field(5, field(1, 4) + field(2, 1) + field(14, 1))), "in another file"},
           Refused{"ExternalPath", "m.onnx", onnx(field(5, field(13, field(1, "location") + field(2, "../../etc/passwd")))), "in another file"},
           Refused{"Domain", "m.onnx", onnx(field(1, field(4, "Evil") + field(7, "my.ops"))), "domain 'my.ops'"},
           Refused{"OperatorSet", "m.onnx", onnx("", "my.ops"), "domain 'my.ops'"},
           Refused{"Training", "m.onnx", onnx("") + field(20, ""), "training"},
           Refused{"RawBytes", "m.onnx", onnx(field(5, onnx_tensor(4, 1, 15))), "not of its shape"},
           Refused{"Dimensions", "m.onnx", onnx(field(5, field(1, 1ULL << 62U) + onnx_tensor(1ULL << 62U, 1, 0))), "64 bits"},
           Refused{"BitsWrap", "m.onnx", onnx(field(5, onnx_tensor(1ULL << 61U, 1, 0))), "not of its shape"},
           Refused{"NegativeDimension", "m.onnx", onnx(field(5, onnx_tensor(kHuge, 1, 4))), "negative"},
           Refused{"Type", "m.onnx", onnx(field(5, onnx_tensor(1, 99, 4))), "unknown type 99"},
           Refused{"Nested", "m.onnx", onnx([] {
                     std::string graph;
                     for (int depth = 0; depth < 20; ++depth) graph = field(1, field(5, field(6, graph)));
                     return graph;
                   }()),
                   "nested more than 16"}),
    [](const auto& info) { return info.param.why; });
INSTANTIATE_TEST_SUITE_P(CTranslate2, Hostile,
                         Values(Refused{"Version", "model.bin", ctranslate2(0, "", u32(0), 7), "version 7"},
                                Refused{"Cut", "model.bin", ctranslate2(1, variable("w", {2, 2}, 0, 16, 16)).substr(0, 30), "would need"},
                                Refused{"Count", "model.bin", ctranslate2(0xFFFFFFFF, ""), "variables; at most"},
                                Refused{"NoNul", "model.bin", u32(6) + le(std::uint16_t{3}) + "abc", "NUL"},
                                Refused{"Size", "model.bin", ctranslate2(1, variable("w", {2}, 0, 4, 8)), "not of that shape"},
                                Refused{"Wraps", "model.bin", ctranslate2(1, variable("w", {0x80000000, 0x80000000, 4}, 0, 0, 0)), "64 bits"},
                                Refused{"PastTheEnd", "model.bin", ctranslate2(1, variable("w", {1000}, 0, 4000, 8)), "would need 4000"},
                                Refused{"Type", "model.bin", ctranslate2(1, variable("w", {1}, 6, 4, 4)), "unknown type 6"},
                                Refused{"Rank", "model.bin", ctranslate2(1, variable("w", {1, 1, 1, 1, 1, 1, 1, 1, 1}, 0, 4, 4)), "9 dimensions"},
                                Refused{"Twice", "model.bin", ctranslate2(2, variable("w", {1}, 0, 4, 4) + variable("w", {1}, 0, 4, 4)), "twice"},
                                Refused{"Alias", "model.bin", ctranslate2(0, "", u32(1) + short_text("a") + short_text("b")), "not there"},
                                Refused{"Rest", "model.bin", ctranslate2(0, "") + "x", "belong to nothing"}),
                         [](const auto& info) { return info.param.why; });

std::string tesseract(std::vector<std::int64_t> offsets, std::size_t rest_bytes) {
  std::string out = u32(static_cast<std::uint32_t>(offsets.size()));
  for (const std::int64_t offset : offsets) out.append(reinterpret_cast<const char*>(&offset), sizeof offset);
  return out + std::string(rest_bytes, 'x');
}

TEST(Check, TakesATesseractLanguage) { EXPECT_EQ(check("eng.traineddata", tesseract({28, -1, 30}, 4))->format, Format::tesseract); }

INSTANTIATE_TEST_SUITE_P(Tesseract, Hostile,
                         Values(Refused{"Count", "a.traineddata", tesseract({}, 8), "0 entries"},
                                Refused{"Many", "a.traineddata", u32(65), "65 entries"},
                                Refused{"BehindTheEnd", "a.traineddata", tesseract({12, 1'000}, 8), "behind the file's end"},
                                Refused{"Backwards", "a.traineddata", tesseract({24, 22}, 8), "before it"},
                                Refused{"Empty", "a.traineddata", tesseract({-1, -1}, 8), "none of its entries"}),
                         [](const auto& info) { return info.param.why; });

// Every file cut at every byte, and with every byte changed: an answer, never a wrong step (the sanitizers watch).
class Spoiled : public ::testing::TestWithParam<std::pair<std::string, std::string>> {};
TEST_P(Spoiled, IsAnswered) {
  const auto& [name, bytes] = GetParam();
  ASSERT_TRUE(check(name, bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(check(name, std::string_view(bytes).substr(0, size))) << "cut at " << size;
  std::mt19937 random(7);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(random());
    (void)check(name, changed);
  }
}
INSTANTIATE_TEST_SUITE_P(Formats, Spoiled,
                         Values(std::pair{"m.gguf", small_gguf()}, std::pair{"m.onnx", small_onnx()},
                                std::pair{"m.safetensors", safetensors(R"({"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}})", 24)},
                                std::pair{"model.bin", ctranslate2(1, variable("w", {2, 2}, 0, 16, 16))}));

}  // namespace
}  // namespace demarc::models::format
