#include "models/format/gguf.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

namespace demarc::models::format {
namespace {

constexpr std::uint64_t kMaxPairs = 10'000, kMaxTensors = 100'000, kMaxArray = 4'000'000;    // vocabularies have up to 262,144 entries today
constexpr std::uint64_t kMaxKeyBytes = 255, kMaxStringBytes = 4U << 20, kMaxNameBytes = 63;  // a name: GGML_MAX_NAME less its NUL
constexpr std::uint32_t kMaxRank = 4;
constexpr std::uint64_t kMaxAlignment = 1U << 16;
constexpr std::uint64_t kMaxLayers = 10'000, kMaxSmallNumber = 1ULL << 31;  // what llama.cpp keeps in 32 bits

// ggml.h, enum ggml_type, and the sizes of its blocks (ggml-common.h). Types whose support has been removed are not here.
struct TensorKind {
  std::uint32_t id;
  std::string_view name;
  std::uint64_t block_elements, block_bytes;
};
constexpr std::array kKinds = {
    TensorKind{0, "F32", 1, 4},         TensorKind{1, "F16", 1, 2},         TensorKind{2, "Q4_0", 32, 18},      TensorKind{3, "Q4_1", 32, 20},
    TensorKind{6, "Q5_0", 32, 22},      TensorKind{7, "Q5_1", 32, 24},      TensorKind{8, "Q8_0", 32, 34},      TensorKind{9, "Q8_1", 32, 36},
    TensorKind{10, "Q2_K", 256, 84},    TensorKind{11, "Q3_K", 256, 110},   TensorKind{12, "Q4_K", 256, 144},   TensorKind{13, "Q5_K", 256, 176},
    TensorKind{14, "Q6_K", 256, 210},   TensorKind{15, "Q8_K", 256, 292},   TensorKind{16, "IQ2_XXS", 256, 66}, TensorKind{17, "IQ2_XS", 256, 74},
    TensorKind{18, "IQ3_XXS", 256, 98}, TensorKind{19, "IQ1_S", 256, 50},   TensorKind{20, "IQ4_NL", 32, 18},   TensorKind{21, "IQ3_S", 256, 110},
    TensorKind{22, "IQ2_S", 256, 82},   TensorKind{23, "IQ4_XS", 256, 136}, TensorKind{24, "I8", 1, 1},         TensorKind{25, "I16", 1, 2},
    TensorKind{26, "I32", 1, 4},        TensorKind{27, "I64", 1, 8},        TensorKind{28, "F64", 1, 8},        TensorKind{29, "IQ1_M", 256, 56},
    TensorKind{30, "BF16", 1, 2},       TensorKind{34, "TQ1_0", 256, 54},   TensorKind{35, "TQ2_0", 256, 66},   TensorKind{39, "MXFP4", 32, 17},
    TensorKind{40, "NVFP4", 64, 36},    TensorKind{41, "Q1_0", 128, 18},    TensorKind{42, "Q2_0", 64, 18}};

// By which llama.cpp knows a model that fills in, where its file does not name the token (src/llama-vocab.cpp).
constexpr std::array<std::string_view, 6> kFimTokens = {"<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>"};

enum class ValueType : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, string, array, u64, i64, f64 };
constexpr std::uint32_t kValueTypes = 13;

std::uint64_t size_of(ValueType type) {
  switch (type) {
    case ValueType::u8:
    case ValueType::i8:
    case ValueType::boolean: return 1;
    case ValueType::u16:
    case ValueType::i16: return 2;
    case ValueType::u32:
    case ValueType::i32:
    case ValueType::f32: return 4;
    case ValueType::u64:
    case ValueType::i64:
    case ValueType::f64: return 8;
    case ValueType::string:
    case ValueType::array: return 0;
  }
  return 0;
}

struct Value {
  ValueType type = ValueType::u8, element = ValueType::u8;
  std::uint64_t count = 0;  // of an array
  std::string_view raw;     // a string's bytes, a number's, or all of an array's
  bool fills_in = false;    // of tokens: one begins what comes before the gap
};

std::optional<std::uint64_t> whole_number(ValueType type, std::string_view raw) {
  std::int64_t value = 0;
  const auto as = [&]<class T>(T number) {
    std::copy_n(raw.begin(), sizeof number, reinterpret_cast<char*>(&number));
    value = static_cast<std::int64_t>(number);
  };
  switch (type) {
    case ValueType::u8:
    case ValueType::boolean: as(std::uint8_t{}); break;
    case ValueType::i8: as(std::int8_t{}); break;
    case ValueType::u16: as(std::uint16_t{}); break;
    case ValueType::i16: as(std::int16_t{}); break;
    case ValueType::u32: as(std::uint32_t{}); break;
    case ValueType::i32: as(std::int32_t{}); break;
    case ValueType::u64:
    case ValueType::i64: as(std::int64_t{}); break;
    case ValueType::f32:
    case ValueType::f64:
    case ValueType::string:
    case ValueType::array: return {};
  }
  if (value < 0) return {};
  return static_cast<std::uint64_t>(value);
}

Checked<std::string_view> read_string(Reader& in, std::uint64_t most_bytes, std::string_view what) {
  const auto size_bytes = TRY(in.number<std::uint64_t>(what));
  if (size_bytes > most_bytes)
    return fail(std::string(what) + " says it has " + std::to_string(size_bytes) + " bytes; at most " + std::to_string(most_bytes) + " are read");
  return in.take(size_bytes, what);
}

Checked<ValueType> read_type(Reader& in) {
  const auto type = TRY(in.number<std::uint32_t>("a value's type"));
  if (type >= kValueTypes) return fail("the value's type " + std::to_string(type) + " is unknown");
  return static_cast<ValueType>(type);
}

Checked<Value> read_value(Reader& in, std::string_view key) {
  Value value{.type = TRY(read_type(in))};
  if (value.type == ValueType::string) {
    value.raw = TRY(read_string(in, kMaxStringBytes, "the text of " + shown(key)));
    return value;
  }
  if (value.type != ValueType::array) {
    value.raw = TRY(in.take(size_of(value.type), "the value of " + shown(key)));
    return value;
  }
  value.element = TRY(read_type(in));
  if (value.element == ValueType::array) return fail(shown(key) + " is a list of lists, which no engine reads");
  value.count = TRY(in.number<std::uint64_t>("the length of the list " + shown(key)));
  if (value.count > kMaxArray)
    return fail("the list " + shown(key) + " says it has " + std::to_string(value.count) + " elements; at most " + std::to_string(kMaxArray) +
                " are read");
  if (value.element != ValueType::string) {
    value.raw = TRY(in.take(value.count * size_of(value.element), "the list " + shown(key)));  // at most 32 MB: cannot wrap
    return value;
  }
  const std::string what = "an element of " + shown(key);
  for (std::uint64_t i = 0; i < value.count; ++i) {
    const std::string_view element = TRY(read_string(in, kMaxStringBytes, what));
    if (key == "tokenizer.ggml.tokens" && std::ranges::find(kFimTokens, element) != kFimTokens.end()) value.fills_in = true;
  }
  return value;
}

class Head {
 public:
  explicit Head(std::string_view bytes) : bytes_(bytes), in_(bytes) {}

  Checked<Gguf> check() {
    TRY(read_start());
    for (std::uint64_t i = 0; i < pairs_; ++i) TRY(read_pair());
    TRY(find_alignment());
    for (std::uint64_t i = 0; i < model_.tensors; ++i) TRY(read_tensor());
    TRY(check_extents());
    TRY(gather());
    return std::move(model_);
  }

 private:
  struct Tensor {
    std::string_view name;
    const TensorKind* kind = nullptr;
    std::uint64_t size_bytes = 0, offset_bytes = 0, elements = 0;
  };

  Checked<void> read_start() {
    if (TRY(in_.take(4, "the magic")) != "GGUF") return fail(std::string("it does not begin with GGUF"));
    const auto version = TRY(in_.number<std::uint32_t>("the version"));
    if (version != 2 && version != 3)
      return fail("GGUF version " + std::to_string(version) + " is not read: 2 and 3 are (a file of the other byte order shows as a huge number)");
    model_.tensors = TRY(in_.number<std::uint64_t>("the number of tensors"));
    pairs_ = TRY(in_.number<std::uint64_t>("the number of pairs"));
    if (model_.tensors > kMaxTensors)
      return fail("it says it has " + std::to_string(model_.tensors) + " tensors; at most " + std::to_string(kMaxTensors) + " are read");
    if (pairs_ > kMaxPairs)
      return fail("it says it has " + std::to_string(pairs_) + " metadata pairs; at most " + std::to_string(kMaxPairs) + " are read");
    return {};
  }

  Checked<void> read_pair() {
    const std::string_view key = TRY(read_string(in_, kMaxKeyBytes, "a key"));
    if (key.empty()) return fail(std::string("a key is empty"));
    const Value value = TRY(read_value(in_, key));
    if (!values_.emplace(key, value).second) return fail("the key " + shown(key) + " stands there twice");
    return {};
  }

  Checked<void> find_alignment() {
    const auto found = values_.find("general.alignment");
    if (found == values_.end()) return {};
    if (found->second.type != ValueType::u32) return fail(std::string("'general.alignment' is not a 32-bit number"));
    alignment_ = *whole_number(ValueType::u32, found->second.raw);
    if (alignment_ > kMaxAlignment || !std::has_single_bit(alignment_))
      return fail("the alignment " + std::to_string(alignment_) + " is not a power of two up to 65,536");
    return {};
  }

  Checked<void> read_tensor() {
    Tensor tensor{.name = TRY(read_string(in_, kMaxNameBytes, "a tensor's name"))};
    if (!names_.insert(tensor.name).second) return fail("the tensor " + shown(tensor.name) + " stands there twice");
    const auto rank = TRY(in_.number<std::uint32_t>("a tensor's rank"));
    if (rank > kMaxRank) return fail("the tensor " + shown(tensor.name) + " has " + std::to_string(rank) + " dimensions; at most 4 are read");
    std::array<std::uint64_t, kMaxRank> dimensions{1, 1, 1, 1};
    tensor.elements = 1;
    for (std::uint32_t i = 0; i < rank; ++i) {
      dimensions[i] = TRY(in_.number<std::uint64_t>("a tensor's dimension"));
      if (dimensions[i] == 0) return fail("the tensor " + shown(tensor.name) + " has a dimension of 0");
      if (multiply_overflows(tensor.elements, dimensions[i], tensor.elements) || tensor.elements > std::numeric_limits<std::int64_t>::max())
        return fail("the dimensions of " + shown(tensor.name) + " multiply to more than 63 bits hold");
    }
    const auto type = TRY(in_.number<std::uint32_t>("a tensor's type"));
    const auto kind = std::ranges::find(kKinds, type, &TensorKind::id);
    if (kind == kKinds.end()) return fail("the tensor " + shown(tensor.name) + " has the unknown type " + std::to_string(type));
    tensor.kind = &*kind;
    if (dimensions[0] % kind->block_elements != 0)
      return fail("a row of " + shown(tensor.name) + " is not a multiple of the " + std::to_string(kind->block_elements) + " elements of a " +
                  std::string(kind->name) + " block");
    if (multiply_overflows(tensor.elements / kind->block_elements, kind->block_bytes, tensor.size_bytes))
      return fail("the size of " + shown(tensor.name) + " does not fit in 64 bits");
    tensor.offset_bytes = TRY(in_.number<std::uint64_t>("a tensor's offset"));
    tensors_.push_back(tensor);
    return {};
  }

  bool pad(std::uint64_t bytes, std::uint64_t& padded) const {
    if (add_overflows(bytes, alignment_ - 1, padded)) return false;
    padded &= ~(alignment_ - 1);
    return true;
  }

  // ggml wants the tensors one after the other, each at the next aligned place: nothing overlaps, nothing is hidden in between.
  Checked<void> check_extents() {
    if (tensors_.empty()) {
      model_.head_bytes = in_.at();
      return {};
    }
    if (!pad(in_.at(), model_.head_bytes) || model_.head_bytes > bytes_.size()) return fail(std::string("the file ends before its data"));
    const std::uint64_t data_bytes = bytes_.size() - model_.head_bytes;
    std::uint64_t expected = 0;
    for (const Tensor& tensor : tensors_) {
      if (tensor.offset_bytes != expected)
        return fail("the tensor " + shown(tensor.name) + " begins at " + std::to_string(tensor.offset_bytes) + ", not at the next free place " +
                    std::to_string(expected));
      std::uint64_t end = 0;
      if (add_overflows(expected, tensor.size_bytes, end) || end > data_bytes)
        return fail("the tensor " + shown(tensor.name) + " ends " + (end > data_bytes ? std::to_string(end - data_bytes) + " bytes " : "") +
                    "behind the file's end");
      if (!pad(end, expected)) return fail("the place behind " + shown(tensor.name) + " does not fit in 64 bits");
      model_.weights_bytes += tensor.size_bytes, model_.parameters += tensor.elements;  // no more than the file has, times 8 at most
    }
    return {};
  }

  std::string_view text(const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() || found->second.type != ValueType::string ? std::string_view() : found->second.raw;
  }

  // `architecture.KEY`; of a list (one value a layer) all, of a number that one.
  Checked<std::vector<std::uint64_t>> numbers(const std::string& key) const {
    const auto found = values_.find(key);
    std::vector<std::uint64_t> out;
    if (found == values_.end()) return out;
    const Value& value = found->second;
    const bool list = value.type == ValueType::array;
    const ValueType type = list ? value.element : value.type;
    const std::uint64_t count = list ? value.count : 1, step = size_of(type);
    if (step == 0 || count > kMaxLayers) return fail(shown(key) + " is not a number, nor one a layer");
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto number = whole_number(type, value.raw.substr(i * step, step));
      if (!number || *number > kMaxSmallNumber) return fail(shown(key) + " is negative, no whole number, or above 2^31");
      out.push_back(*number);
    }
    return out;
  }

  Checked<std::uint64_t> number(const std::string& key) const {
    const std::vector<std::uint64_t> all = TRY(numbers(key));
    return all.empty() ? std::uint64_t{0} : std::ranges::max(all);
  }

  // The tokenizer's lists go by one index.
  Checked<void> check_vocabulary() {
    const auto length = [&](const char* key) { return values_.contains(key) ? std::optional(values_.at(key).count) : std::nullopt; };
    const auto tokens = length("tokenizer.ggml.tokens");
    for (const char* key : {"tokenizer.ggml.scores", "tokenizer.ggml.token_type"})
      if (const auto count = length(key); tokens && count && *count != *tokens)
        return fail(shown(key) + " has " + std::to_string(*count) + " elements, the tokens are " + std::to_string(*tokens));
    model_.vocabulary = tokens.value_or(0);
    return {};
  }

  Checked<void> gather() {
    model_.architecture = text("general.architecture"), model_.name = text("general.name");
    for (const std::string* said : {&model_.architecture, &model_.name})
      if (said->size() > kMaxKeyBytes) return fail(std::string("its name is longer than 255 bytes"));
    if (TRY(number("split.count")) > 1) return fail(std::string("it is one of several parts of a model; join them first (llama-gguf-split --merge)"));
    const std::string of = model_.architecture + ".";
    model_.context_tokens = TRY(number(of + "context_length"));
    model_.embedding = TRY(number(of + "embedding_length"));
    model_.layers = TRY(number(of + "block_count"));
    model_.experts = TRY(number(of + "expert_count"));
    model_.experts_used = TRY(number(of + "expert_used_count"));
    model_.sliding_window = TRY(number(of + "attention.sliding_window"));
    if (model_.layers > kMaxLayers) return fail("it says it has " + std::to_string(model_.layers) + " layers");
    TRY(check_vocabulary());
    TRY(gather_attention(of));
    for (const auto& [key, value] : values_) {
      if (key.starts_with("tokenizer.chat_template") && value.type == ValueType::string) model_.chat_template_bytes += value.raw.size();
      if (key == "tokenizer.ggml.fim_pre_token_id" || key == "tokenizer.ggml.prefix_token_id" || value.fills_in) model_.fill_in_the_middle = true;
    }
    gather_tensors();
    return {};
  }

  // Keys and values of a token: per layer, heads that have some of their own times the length of both.
  Checked<void> gather_attention(const std::string& of) {
    const std::vector<std::uint64_t> heads = TRY(numbers(of + "attention.head_count"));
    std::vector<std::uint64_t> kv_heads = TRY(numbers(of + "attention.head_count_kv"));
    if (kv_heads.empty()) kv_heads = heads;
    if (kv_heads.empty()) return {};
    const std::uint64_t most_heads = std::ranges::max(heads.empty() ? kv_heads : heads);
    const std::uint64_t usual = most_heads == 0 ? 0 : model_.embedding / most_heads;
    std::uint64_t key = TRY(number(of + "attention.key_length")), value = TRY(number(of + "attention.value_length"));
    if (key == 0) key = usual;
    if (value == 0) value = usual;
    if (key > 1U << 20 || value > 1U << 20) return fail(std::string("a head's length is above 2^20"));
    for (std::uint64_t layer = 0; layer < model_.layers; ++layer) {
      const std::uint64_t of_layer = kv_heads.size() == 1 ? kv_heads[0] : layer < kv_heads.size() ? kv_heads[layer] : 0;
      if (of_layer > 1U << 20) return fail(std::string("a layer has more than 2^20 heads"));
      model_.kv_elements_per_token += of_layer * (key + value);  // below 10,000 * 2^20 * 2^21
    }
    return {};
  }

  void gather_tensors() {
    std::map<std::string_view, std::uint64_t> by_layer, by_kind;
    for (const Tensor& tensor : tensors_) {
      by_kind[tensor.kind->name] += tensor.size_bytes;
      if (tensor.name.starts_with("blk.")) by_layer[tensor.name.substr(0, tensor.name.find('.', 4))] += tensor.size_bytes;
    }
    for (const auto& [layer, size_bytes] : by_layer) model_.layer_bytes = std::max(model_.layer_bytes, size_bytes);
    std::uint64_t most = 0;
    for (const auto& [kind, size_bytes] : by_kind)
      if (size_bytes > most) most = size_bytes, model_.quantisation = kind;
  }

  std::string_view bytes_;
  Reader in_;
  std::uint64_t pairs_ = 0, alignment_ = 32;  // 32: the format's default
  std::map<std::string_view, Value> values_;
  std::unordered_set<std::string_view> names_;
  std::vector<Tensor> tensors_;
  Gguf model_;
};

}  // namespace

Checked<Gguf> check_gguf(std::string_view bytes) { return Head(bytes).check(); }

}  // namespace demarc::models::format
