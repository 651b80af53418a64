#include "models/bert_to_onnx.hpp"

#include <algorithm>
#include <cmath>

#include "models/bert_parts.hpp"
#include "models/disk.hpp"
#include "models/onnx_file.hpp"
#include "models/safetensors.hpp"

namespace demarc::models {
namespace fs = std::filesystem;
namespace {

Failure<ModelError> bad(std::string_view what) { return fail(ModelError{ModelErrorKind::bad_weights, std::string(what)}); }

// A dense layer: rows are outputs, as publishers write them.
struct Matrix {
  std::uint64_t rows = 0, columns = 0;
  std::vector<float> values, bias;
};

class Builder {
 public:
  Builder(const Safetensors& weights, const BertConfig& config, OnnxWeights kind) : weights_(weights), config_(config), kind_(kind) {}

  ModelResult<std::string> build(const OnnxPlan& plan, const std::stop_token& stop) {
    file_.input("input_ids", OnnxType::i64, {"batch", "length"});
    file_.input("attention_mask", OnnxType::i64, {"batch", "length"});
    constants();
    std::string x = TRY(embeddings());
    for (std::uint32_t layer = 0; layer < config_.layers; ++layer) {
      if (stop.stop_requested()) return fail(ModelError{ModelErrorKind::cancelled, "cancelled"});
      x = TRY(encoder(layer, x));
    }
    file_.output("token_embeddings", OnnxType::f32, {"batch", "length", std::to_string(config_.width)});
    return file_.finish(plan.name, plan.licence);
  }

 private:
  void constants() {
    file_.weights("zero_index", {1}, std::vector<std::int64_t>{0}, OnnxType::i64);
    file_.weights("one_index", {1}, std::vector<std::int64_t>{1}, OnnxType::i64);
    file_.node("Cast", {"attention_mask"}, {"mask"}, {{"to", static_cast<std::int64_t>(OnnxType::i32)}});
    if (kind_ == OnnxWeights::f32) return;
    file_.weights("last_axis", {1}, std::vector<std::int64_t>{-1}, OnnxType::i64);
    for (const auto& [name, value] : {std::pair{"least", 1e-12F}, {"steps", 127.0F}, {"step", 1.0F / 127.0F}, {"middle", 128.5F}, {"unit", 1.0F}})
      file_.weights(name, {}, std::vector{value});
    file_.weights("zero_point", {}, std::vector<std::uint8_t>{128}, OnnxType::u8);
  }

  ModelResult<std::vector<float>> tensor(const std::string& name, std::vector<std::uint64_t> shape) const {
    const TensorView view = TRY(weights_.at(name));
    if (view.shape != shape) return bad("model.safetensors: " + name + " has another shape than config.json says");
    return weights_.read(view);
  }

  ModelResult<Matrix> dense(const std::string& name, std::uint64_t rows, std::uint64_t columns) const {
    return Matrix{rows, columns, TRY(tensor(name + ".weight", {rows, columns})), TRY(tensor(name + ".bias", {rows}))};
  }

  ModelResult<std::string> embeddings() {
    const TensorView words = TRY(weights_.at("embeddings.word_embeddings.weight"));
    if (words.shape.size() != 2 || words.shape[1] != config_.width)
      return bad("model.safetensors: the words have another width than config.json says");
    put_words(words.shape, TRY(weights_.read(words)));
    // Every token is of the first type here: what that adds goes into the positions.
    std::vector<float> positions = TRY(tensor("embeddings.position_embeddings.weight", {config_.positions, config_.width}));
    const std::vector<float> types = TRY(tensor("embeddings.token_type_embeddings.weight", {config_.token_types, config_.width}));
    for (std::size_t i = 0; i < positions.size(); ++i) positions[i] += types[i % config_.width];
    file_.weights("positions", {config_.positions, config_.width}, positions);
    file_.node("Shape", {"input_ids"}, {"shape"});
    file_.node("Gather", {"shape", "one_index"}, {"length"}, {{"axis", std::int64_t{0}}});
    file_.node("Slice", {"positions", "zero_index", "length", "zero_index"}, {"places"});
    file_.node("Add", {"words", "places"}, {"placed_words"});
    return norm("embeddings.LayerNorm", "placed_words", "x0");
  }

  void put_words(const OnnxFile::Shape& shape, const std::vector<float>& values) {
    if (kind_ == OnnxWeights::f32) {
      file_.weights("word_table", shape, values);
      file_.node("Gather", {"word_table", "input_ids"}, {"words"}, {{"axis", std::int64_t{0}}});
      return;
    }
    std::vector<std::uint16_t> halves(values.size());
    std::ranges::transform(values, halves.begin(), to_half);
    file_.weights("word_table", shape, halves, OnnxType::f16);
    file_.node("Gather", {"word_table", "input_ids"}, {"half_words"}, {{"axis", std::int64_t{0}}});
    file_.node("Cast", {"half_words"}, {"words"}, {{"to", static_cast<std::int64_t>(OnnxType::f32)}});
  }

  ModelResult<std::string> norm(const std::string& name, const std::string& in, const std::string& out) {
    file_.weights(out + ".gamma", {config_.width}, TRY(tensor(name + ".weight", {config_.width})));
    file_.weights(out + ".beta", {config_.width}, TRY(tensor(name + ".bias", {config_.width})));
    file_.node("LayerNormalization", {in, out + ".gamma", out + ".beta"}, {out}, {{"axis", std::int64_t{-1}}, {"epsilon", config_.epsilon}});
    return out;
  }

  // What goes into matrices: as it is, or in 8 bits with its step, a row by itself.
  struct Input {
    std::string name, step;
  };
  Input prepare(const std::string& in) {
    if (kind_ == OnnxWeights::f32) return {in, ""};
    file_.node("Abs", {in}, {in + ".abs"});
    file_.node("ReduceMax", {in + ".abs", "last_axis"}, {in + ".most"}, {{"keepdims", std::int64_t{1}}});
    file_.node("Max", {in + ".most", "least"}, {in + ".range"});
    file_.node("Mul", {in + ".range", "step"}, {in + ".step"});
    file_.node("Div", {"steps", in + ".range"}, {in + ".scale"});
    file_.node("Mul", {in, in + ".scale"}, {in + ".scaled"});
    file_.node("Add", {in + ".scaled", "middle"}, {in + ".shifted"});  // a cast cuts off what follows the point: with the half added it rounds
    file_.node("Cast", {in + ".shifted"}, {in + ".u8"}, {{"to", static_cast<std::int64_t>(OnnxType::u8)}});
    return {in + ".u8", in + ".step"};
  }

  std::string apply(const Matrix& matrix, const Input& in, const std::string& out) {
    const OnnxFile::Shape shape = {matrix.columns, matrix.rows};  // ONNX multiplies from the left
    const auto transposed = [&](auto&& at) {
      std::vector<decltype(at(0, 0))> turned(matrix.values.size());
      for (std::uint64_t row = 0; row < matrix.rows; ++row)
        for (std::uint64_t column = 0; column < matrix.columns; ++column) turned[column * matrix.rows + row] = at(row, column);
      return turned;
    };
    const auto value = [&](std::uint64_t row, std::uint64_t column) { return matrix.values[row * matrix.columns + column]; };
    file_.weights(out + ".bias", {matrix.rows}, matrix.bias);
    if (kind_ == OnnxWeights::f32) {
      file_.weights(out + ".weight", shape, transposed(value));
      file_.node("MatMul", {in.name, out + ".weight"}, {out + ".product"});
    } else {
      std::vector<float> steps(matrix.rows);
      for (std::uint64_t row = 0; row < matrix.rows; ++row) {
        float most = 1e-12F;
        for (std::uint64_t column = 0; column < matrix.columns; ++column) most = std::max(most, std::abs(value(row, column)));
        steps[row] = most / 127.0F;
      }
      file_.weights(out + ".weight", shape, transposed([&](std::uint64_t row, std::uint64_t column) {
                      return static_cast<std::int8_t>(std::lrint(value(row, column) / steps[row]));
                    }),
                    OnnxType::i8);
      file_.weights(out + ".steps", {matrix.rows}, steps);
      file_.node("com.microsoft/MatMulIntegerToFloat", {in.name, out + ".weight", "unit", out + ".steps", "zero_point"}, {out + ".sum"});
      file_.node("Mul", {out + ".sum", in.step}, {out + ".product"});
    }
    file_.node("Add", {out + ".product", out + ".bias"}, {out});
    return out;
  }

  // Query, key and value as one matrix: one multiplication in place of three.
  ModelResult<Matrix> attention_input(const std::string& name) const {
    Matrix all{.rows = 3ULL * config_.width, .columns = config_.width, .values = {}, .bias = {}};
    for (const char* part : {"query", "key", "value"}) {
      const Matrix one = TRY(dense(name + part, config_.width, config_.width));
      all.values.insert(all.values.end(), one.values.begin(), one.values.end());
      all.bias.insert(all.bias.end(), one.bias.begin(), one.bias.end());
    }
    return all;
  }

  ModelResult<std::string> encoder(std::uint32_t layer, const std::string& x) {
    const std::string from = "encoder.layer." + std::to_string(layer) + ".", to = "layer" + std::to_string(layer) + ".";
    apply(TRY(attention_input(from + "attention.self.")), prepare(x), to + "qkv");
    file_.node("Split", {to + "qkv"}, {to + "q", to + "k", to + "v"}, {{"axis", std::int64_t{-1}}, {"num_outputs", std::int64_t{3}}});
    file_.node("com.microsoft/MultiHeadAttention", {to + "q", to + "k", to + "v", "", "mask"}, {to + "heads"},
               {{"num_heads", static_cast<std::int64_t>(config_.heads)}});
    apply(TRY(dense(from + "attention.output.dense", config_.width, config_.width)), prepare(to + "heads"), to + "attended");
    file_.node("Add", {to + "attended", x}, {to + "seen"});
    const std::string seen = TRY(norm(from + "attention.output.LayerNorm", to + "seen", to + "seen_norm"));
    apply(TRY(dense(from + "intermediate.dense", config_.feed_forward, config_.width)), prepare(seen), to + "wide");
    file_.node("com.microsoft/Gelu", {to + "wide"}, {to + "bent"});
    apply(TRY(dense(from + "output.dense", config_.width, config_.feed_forward)), prepare(to + "bent"), to + "narrow");
    file_.node("Add", {to + "narrow", seen}, {to + "sum"});
    return norm(from + "output.LayerNorm", to + "sum", layer + 1 == config_.layers ? "token_embeddings" : to + "out");
  }

  const Safetensors& weights_;
  const BertConfig& config_;
  const OnnxWeights kind_;
  OnnxFile file_;
};

}  // namespace

ModelResult<void> bert_to_onnx(const fs::path& folder, const OnnxPlan& plan, const fs::path& out, const fs::path& vocabulary,
                               const std::stop_token& stop) {
  const BertConfig config = TRY(read_bert_config(folder / "config.json"));
  if (config.width % config.heads != 0) return bad("config.json: the width is no multiple of the heads");
  const BertTokens tokens = TRY(read_bert_tokens(folder / "tokenizer.json"));
  std::string words;
  for (const std::string& word : tokens.by_id) {
    if (word.find('\n') != std::string::npos) return bad("tokenizer.json: a word has a line's end in it");
    (words += word) += '\n';
  }
  const Safetensors weights = TRY(Safetensors::open(folder / "model.safetensors"));
  TRY(write_new_file(out, TRY(Builder(weights, config, plan.weights).build(plan, stop))));
  return write_new_file(vocabulary, words);
}

}  // namespace demarc::models
