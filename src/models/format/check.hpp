// check(): is a model's file what it says it is, so that an engine may open it? Run by demarc-check, a process that may do nothing else, before any
// engine sees the file.
//
//   const Facts facts = TRY(check("model.gguf", bytes));     // bytes: the whole file, mapped
//   std::cout << print(facts);                               // {"format":"gguf", …}, one line; parse() reads it back
//
// Refused: formats that run code when they are opened (pickle and what holds one), formats that no engine here reads, and files whose lengths lie.
// A chat template is a program too: it is counted here and run only by the engine, in its sandbox. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/format/gguf.hpp"

namespace demarc::models::format {

enum class Format : std::uint8_t { gguf, safetensors, onnx, ctranslate2, tesseract, json, text };
std::string_view to_string(Format format);

inline constexpr int kCheckVersion = 1;  // rises when more is refused: what an older one passed is checked again

struct Facts {
  Format format = Format::text;
  std::optional<Gguf> gguf;
  friend bool operator==(const Facts&, const Facts&) = default;
};

// `name`: the file's path in its model's folder; what it ends in says which format it must be of, with or without upper case.
Checked<Facts> check(std::string_view name, std::string_view bytes);

std::string print(const Facts& facts);
std::optional<Facts> parse(std::string_view line);  // nullopt: not what print() writes

}  // namespace demarc::models::format
