#include "models/format/check.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "models/format/ctranslate2.hpp"
#include "models/format/onnx.hpp"
#include "models/format/safetensors.hpp"
#include "models/format/tesseract.hpp"

namespace demarc::models::format {
namespace {

constexpr std::size_t kMaxTextBytes = 64U << 20;  // the longest tokenizer.json of a known model has 33 MB
constexpr std::size_t kMaxJsonDepth = 64;
constexpr std::size_t kLookedAtBytes = 4096;

struct Numbers {
  std::string_view key;
  std::uint64_t Gguf::* value;
};
constexpr std::array kNumbers = {Numbers{"context_tokens", &Gguf::context_tokens},
                                 Numbers{"embedding", &Gguf::embedding},
                                 Numbers{"layers", &Gguf::layers},
                                 Numbers{"vocabulary", &Gguf::vocabulary},
                                 Numbers{"experts", &Gguf::experts},
                                 Numbers{"experts_used", &Gguf::experts_used},
                                 Numbers{"sliding_window", &Gguf::sliding_window},
                                 Numbers{"parameters", &Gguf::parameters},
                                 Numbers{"weights_bytes", &Gguf::weights_bytes},
                                 Numbers{"layer_bytes", &Gguf::layer_bytes},
                                 Numbers{"kv_elements_per_token", &Gguf::kv_elements_per_token},
                                 Numbers{"chat_template_bytes", &Gguf::chat_template_bytes},
                                 Numbers{"tensors", &Gguf::tensors},
                                 Numbers{"head_bytes", &Gguf::head_bytes}};

// What runs code, or holds what does, whatever it is called.
Checked<void> refuse_code(std::string_view bytes) {
  const auto begins = [&](std::string_view magic) { return bytes.starts_with(magic); };
  const std::string pickle = " when it is opened: convert it to safetensors or GGUF where you trust it";
  if (bytes.size() > 2 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5) return fail("it is a Python pickle, which runs code" + pickle);
  if (begins("PK\x03\x04") || begins("PK\x05\x06"))
    return fail("it is a zip archive, which is how PyTorch packs pickles, and they run code" + pickle);
  if (begins("\x93NUMPY")) return fail("it is a NumPy array, which may hold pickles, and they run code" + pickle);
  if (begins("\x89HDF\r\n\x1a\n")) return fail("it is HDF5, in which Keras keeps code that runs" + pickle);
  if (begins("\x1f\x8b") || begins("BZh") ||
      begins("\xfd"
             "7zXZ") ||
      begins("\x28\xb5\x2f\xfd"))
    return fail(std::string("it is compressed; a model's files are kept as engines read them"));
  if (begins("\x7f"
             "ELF") ||
      begins("MZ") || begins("#!"))
    return fail(std::string("it is a program, not a model"));
  if (begins("lmgg")) return fail(std::string("it is a model in the old ggml format, which no engine here reads"));
  return {};
}

// The old text protocol of pickle has no magic; `c` and a module's name, or `(`, begin it, and a STOP ends it.
bool looks_like_text_pickle(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, kLookedAtBytes);
  const bool names_module = start.starts_with("c") && start.find('\n') != std::string_view::npos;
  return (names_module || start.starts_with("(")) && (start.find("\nR") != std::string_view::npos || start.find("tR") != std::string_view::npos) &&
         bytes.find_last_not_of('\n') != std::string_view::npos && bytes[bytes.find_last_not_of('\n')] == '.';
}

Checked<Facts> check_json(std::string_view bytes) {
  simdjson::dom::parser parser(kMaxTextBytes);
  simdjson::dom::element root;
  if (bytes.size() > kMaxTextBytes) return fail(std::string("it is longer than 64 MiB"));
  if (parser.allocate(std::max<std::size_t>(bytes.size(), 64), kMaxJsonDepth) != simdjson::SUCCESS ||
      parser.parse(bytes.data(), bytes.size()).get(root) != simdjson::SUCCESS)
    return fail("it is not JSON, or nested more than " + std::to_string(kMaxJsonDepth) + " deep");
  return Facts{.format = Format::json, .gguf = {}};
}

Checked<Facts> check_text(std::string_view bytes) {
  if (bytes.size() > kMaxTextBytes) return fail(std::string("it is longer than 64 MiB"));
  if (bytes.find('\0') != std::string_view::npos || !is_utf8(bytes)) return fail(std::string("it is neither a known format nor text"));
  if (looks_like_text_pickle(bytes)) return fail(std::string("it looks like a Python pickle in text, which runs code when it is opened"));
  return Facts{.format = Format::text, .gguf = {}};
}

}  // namespace

std::string_view to_string(Format format) {
  switch (format) {
    case Format::gguf: return "gguf";
    case Format::safetensors: return "safetensors";
    case Format::onnx: return "onnx";
    case Format::ctranslate2: return "ctranslate2";
    case Format::tesseract: return "tesseract";
    case Format::json: return "json";
    case Format::text: return "text";
  }
  return "";
}

Checked<Facts> check(std::string_view name, std::string_view bytes) {
  if (bytes.empty()) return fail(std::string("it is empty"));
  TRY(refuse_code(bytes));
  const std::string base = to_lower(name.substr(name.rfind('/') == std::string_view::npos ? 0 : name.rfind('/') + 1));
  if (bytes.starts_with("GGUF") || base.ends_with(".gguf")) {
    auto model = TRY(check_gguf(bytes));
    return Facts{.format = Format::gguf, .gguf = std::move(model)};
  }
  if (base.ends_with(".safetensors")) return TRY(check_safetensors(bytes)), Facts{.format = Format::safetensors, .gguf = {}};
  if (base.ends_with(".onnx")) return TRY(check_onnx(bytes)), Facts{.format = Format::onnx, .gguf = {}};
  if (base == "model.bin") return TRY(check_ctranslate2(bytes)), Facts{.format = Format::ctranslate2, .gguf = {}};
  if (base.ends_with(".traineddata")) return TRY(check_tesseract(bytes)), Facts{.format = Format::tesseract, .gguf = {}};
  if (base.ends_with(".json")) return check_json(bytes);
  return check_text(bytes);
}

std::string print(const Facts& facts) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("format", to_string(facts.format));
    if (!facts.gguf) return;
    json.field("architecture", facts.gguf->architecture), json.field("name", facts.gguf->name);
    json.field("quantisation", facts.gguf->quantisation), json.field("fill_in_the_middle", facts.gguf->fill_in_the_middle);
    for (const Numbers& number : kNumbers) json.field(number.key, (*facts.gguf).*number.value);
  });
  return out;
}

std::optional<Facts> parse(std::string_view line) {
  simdjson::dom::parser parser(1U << 16U);
  simdjson::dom::object object;
  std::string_view format;
  if (parser.parse(line.data(), line.size()).get(object) != simdjson::SUCCESS || object["format"].get(format) != simdjson::SUCCESS) return {};
  constexpr std::array kFormats = {Format::gguf,      Format::safetensors, Format::onnx, Format::ctranslate2,
                                   Format::tesseract, Format::json,        Format::text};
  const auto known = std::ranges::find(kFormats, format, [](Format f) { return to_string(f); });
  if (known == kFormats.end()) return {};
  Facts facts{.format = *known, .gguf = {}};
  if (facts.format != Format::gguf) return facts;
  Gguf& model = facts.gguf.emplace();
  std::string_view architecture, name, quantisation;
  if (object["architecture"].get(architecture) != simdjson::SUCCESS || object["name"].get(name) != simdjson::SUCCESS ||
      object["quantisation"].get(quantisation) != simdjson::SUCCESS ||
      object["fill_in_the_middle"].get(model.fill_in_the_middle) != simdjson::SUCCESS)
    return {};
  model.architecture = architecture, model.name = name, model.quantisation = quantisation;
  for (const Numbers& number : kNumbers)
    if (object[number.key].get(model.*number.value) != simdjson::SUCCESS) return {};
  return facts;
}

}  // namespace demarc::models::format
