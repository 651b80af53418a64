#include "models/bert_to_gguf.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <type_traits>
#include <vector>

#include "models/bert_parts.hpp"
#include "models/disk.hpp"
#include "models/safetensors.hpp"

namespace demarc::models {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kAlignmentBytes = 32;

Failure<ModelError> bad(std::string_view what) { return fail(ModelError{ModelErrorKind::bad_weights, std::string(what)}); }

// The value types of GGUF that are used here.
enum class Kind : std::uint32_t { u32 = 4, i32 = 5, f32 = 6, boolean = 7, text = 8, array = 9 };
enum class TensorKind : std::uint32_t { f32 = 0, f16 = 1 };

class Bytes {
 public:
  template <class Number>
    requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
  void put(Number number) {
    char raw[sizeof number];
    std::memcpy(raw, &number, sizeof number);
    bytes_.append(raw, sizeof raw);
  }
  void put_text(std::string_view text) { put(std::uint64_t{text.size()}), bytes_ += text; }
  void pad() { bytes_.append((kAlignmentBytes - bytes_.size() % kAlignmentBytes) % kAlignmentBytes, '\0'); }
  [[nodiscard]] const std::string& str() const { return bytes_; }

 private:
  std::string bytes_;
};

class Metadata {
 public:
  void text(std::string_view key, std::string_view value) { head(key, Kind::text), bytes_.put_text(value); }
  void u32(std::string_view key, std::uint32_t value) { head(key, Kind::u32), bytes_.put(value); }
  void f32(std::string_view key, float value) { head(key, Kind::f32), bytes_.put(value); }
  void no(std::string_view key) { head(key, Kind::boolean), bytes_.put(std::uint8_t{0}); }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    array(key, Kind::text, values.size());
    for (const std::string& value : values) bytes_.put_text(value);
  }
  void i32s(std::string_view key, const std::vector<std::int32_t>& values) {
    array(key, Kind::i32, values.size());
    for (const std::int32_t value : values) bytes_.put(value);
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] const std::string& str() const { return bytes_.str(); }

 private:
  void head(std::string_view key, Kind kind) { bytes_.put_text(key), bytes_.put(kind), ++count_; }
  void array(std::string_view key, Kind kind, std::uint64_t size) { head(key, Kind::array), bytes_.put(kind), bytes_.put(size); }
  Bytes bytes_;
  std::uint64_t count_ = 0;
};

struct Vocabulary {
  std::vector<std::string> tokens;  // by id, as llama.cpp's WordPiece wants them
  std::vector<std::int32_t> kinds;  // 1 normal, 3 control
  std::uint32_t unknown = 0, separator = 0, padding = 0, classify = 0, mask = 0;
};

ModelResult<Vocabulary> read_vocabulary(const fs::path& file) {
  Vocabulary vocabulary;
  BertTokens read = TRY(read_bert_tokens(file));
  vocabulary.tokens = std::move(read.by_id);
  const std::pair<std::string_view, std::uint32_t*> wanted[] = {{"[UNK]", &vocabulary.unknown},
                                                                {"[SEP]", &vocabulary.separator},
                                                                {"[PAD]", &vocabulary.padding},
                                                                {"[CLS]", &vocabulary.classify},
                                                                {"[MASK]", &vocabulary.mask}};
  for (const auto& [token, into] : wanted) {
    const auto found = std::ranges::find(vocabulary.tokens, token);
    if (found == vocabulary.tokens.end()) return bad("tokenizer.json: no token " + std::string(token));
    *into = static_cast<std::uint32_t>(found - vocabulary.tokens.begin());
  }
  // llama.cpp marks the start of a word (U+2581) where BERT marks its continuation (##).
  for (std::size_t id = 0; id < vocabulary.tokens.size(); ++id) {
    std::string& token = vocabulary.tokens[id];
    const bool is_special = read.special.contains(id);
    if (!is_special) {
      if (token.starts_with("##"))
        token.erase(0, 2);
      else
        token.insert(0, "\u2581");
    }
    vocabulary.kinds.push_back(is_special ? 3 : 1);
  }
  return vocabulary;
}

Metadata metadata_of(const GgufName& name, const BertConfig& config, const Vocabulary& vocabulary) {
  Metadata data;
  data.text("general.architecture", "bert");
  data.text("general.name", name.name);
  data.text("general.license", name.licence);
  data.u32("general.file_type", 1);  // mostly F16
  data.u32("bert.block_count", config.layers);
  data.u32("bert.context_length", config.positions);
  data.u32("bert.embedding_length", config.width);
  data.u32("bert.feed_forward_length", config.feed_forward);
  data.u32("bert.attention.head_count", config.heads);
  data.f32("bert.attention.layer_norm_epsilon", config.epsilon);
  data.no("bert.attention.causal");
  data.u32("bert.pooling_type", 1);  // mean
  data.u32("tokenizer.ggml.token_type_count", config.token_types);
  data.text("tokenizer.ggml.model", "bert");
  data.text("tokenizer.ggml.pre", "default");
  data.texts("tokenizer.ggml.tokens", vocabulary.tokens);
  data.i32s("tokenizer.ggml.token_type", vocabulary.kinds);
  data.u32("tokenizer.ggml.unknown_token_id", vocabulary.unknown);
  data.u32("tokenizer.ggml.seperator_token_id", vocabulary.separator);  // the format's own spelling
  data.u32("tokenizer.ggml.padding_token_id", vocabulary.padding);
  data.u32("tokenizer.ggml.cls_token_id", vocabulary.classify);
  data.u32("tokenizer.ggml.mask_token_id", vocabulary.mask);
  return data;
}

struct Mapped {
  std::string from, to;
  TensorView view;
  TensorKind kind = TensorKind::f32;
};

std::vector<Mapped> names_of(const BertConfig& config) {
  std::vector<Mapped> names = {{"embeddings.word_embeddings.weight", "token_embd.weight"},
                               {"embeddings.position_embeddings.weight", "position_embd.weight"},
                               {"embeddings.token_type_embeddings.weight", "token_types.weight"},
                               {"embeddings.LayerNorm.weight", "token_embd_norm.weight"},
                               {"embeddings.LayerNorm.bias", "token_embd_norm.bias"}};
  const std::pair<const char*, const char*> of_layer[] = {{"attention.self.query", "attn_q"},
                                                          {"attention.self.key", "attn_k"},
                                                          {"attention.self.value", "attn_v"},
                                                          {"attention.output.dense", "attn_output"},
                                                          {"attention.output.LayerNorm", "attn_output_norm"},
                                                          {"intermediate.dense", "ffn_up"},
                                                          {"output.dense", "ffn_down"},
                                                          {"output.LayerNorm", "layer_output_norm"}};
  for (std::uint32_t layer = 0; layer < config.layers; ++layer)
    for (const auto& [from, to] : of_layer)
      for (const char* part : {".weight", ".bias"})
        names.push_back({"encoder.layer." + std::to_string(layer) + "." + from + part, "blk." + std::to_string(layer) + "." + to + part});
  return names;
}

ModelResult<std::vector<Mapped>> map_tensors(const Safetensors& weights, const BertConfig& config) {
  std::vector<Mapped> tensors = names_of(config);
  for (Mapped& tensor : tensors) {
    tensor.view = TRY(weights.at(tensor.from));
    const bool stays_wide = tensor.view.shape.size() < 2 || tensor.to == "position_embd.weight" || tensor.to == "token_types.weight";
    tensor.kind = stays_wide ? TensorKind::f32 : TensorKind::f16;
  }
  return tensors;
}

Bytes head_of(const std::vector<Mapped>& tensors, const Metadata& metadata) {
  Bytes head;
  head.put('G'), head.put('G'), head.put('U'), head.put('F');
  head.put(std::uint32_t{3}), head.put(std::uint64_t{tensors.size()}), head.put(metadata.count());
  std::string out = head.str() + metadata.str();
  Bytes infos;
  std::uint64_t offset_bytes = 0;
  for (const Mapped& tensor : tensors) {
    infos.put_text(tensor.to);
    infos.put(static_cast<std::uint32_t>(tensor.view.shape.size()));
    for (auto dimension = tensor.view.shape.rbegin(); dimension != tensor.view.shape.rend(); ++dimension) infos.put(*dimension);  // innermost first
    infos.put(tensor.kind), infos.put(offset_bytes);
    const std::uint64_t size_bytes = tensor.view.elements * (tensor.kind == TensorKind::f16 ? 2 : 4);
    offset_bytes += (size_bytes + kAlignmentBytes - 1) / kAlignmentBytes * kAlignmentBytes;
  }
  Bytes all;
  for (const std::string& part : {out, infos.str()})
    for (const char c : part) all.put(c);
  all.pad();
  return all;
}

Bytes data_of(const std::vector<float>& values, TensorKind kind) {
  Bytes data;
  for (const float value : values) {
    if (kind == TensorKind::f16)
      data.put(to_half(value));
    else
      data.put(value);
  }
  data.pad();
  return data;
}

}  // namespace

ModelResult<void> bert_to_gguf(const fs::path& folder, const GgufName& name, const fs::path& out, const std::stop_token& stop) {
  const BertConfig config = TRY(read_bert_config(folder / "config.json"));
  const Vocabulary vocabulary = TRY(read_vocabulary(folder / "tokenizer.json"));
  const Safetensors weights = TRY(Safetensors::open(folder / "model.safetensors"));
  const std::vector<Mapped> tensors = TRY(map_tensors(weights, config));
  const Fd fd(open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (fd.get() < 0) return fail(disk_error("create", out.native(), errno));
  TRY(write_all(fd.get(), head_of(tensors, metadata_of(name, config, vocabulary)).str(), out));
  for (const Mapped& tensor : tensors) {
    if (stop.stop_requested()) return fail(ModelError{ModelErrorKind::cancelled, "cancelled"});
    TRY(write_all(fd.get(), data_of(TRY(weights.read(tensor.view)), tensor.kind).str(), out));
  }
  return {};
}

}  // namespace demarc::models
