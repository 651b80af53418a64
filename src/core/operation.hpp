// The words that everything in demarc agrees on: what a request asks for (Operation), how sensitive it is (Sensitivity), who goes first
// (WorkClass), where it may be served (Tier), which wire format an upstream speaks (Provider). Names are those of demarc.yaml and policy.yaml. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace demarc {

enum class Operation : std::uint8_t {
  chat,
  completion,
  fim,
  embedding,
  transcription,
  translation,
  speech,
  image_generation,
  moderation,
  classification,
  ocr,
  image_classification,
  rerank,
  redaction,
};
inline constexpr int kOperationCount = 14;

enum class Sensitivity : std::uint8_t { public_, internal, confidential, restricted };  // in rising order
enum class WorkClass : std::uint8_t { interactive, normal, batch };                     // who goes first; in falling order
inline constexpr int kWorkClassCount = 3;
enum class Tier : std::uint8_t { local, cloud };
enum class Provider : std::uint8_t { openai, anthropic, gemini, mistral, bedrock, azure };
enum class EngineKind : std::uint8_t { llama, speech, tensor, document };

std::string_view to_string(Operation);
std::string_view to_string(Sensitivity);
std::string_view to_string(WorkClass);
std::string_view to_string(Tier);
std::string_view to_string(Provider);
std::string_view to_string(EngineKind);

std::optional<Operation> parse_operation(std::string_view);
std::optional<Sensitivity> parse_sensitivity(std::string_view);
std::optional<WorkClass> parse_work_class(std::string_view);
std::optional<Tier> parse_tier(std::string_view);
std::optional<Provider> parse_provider(std::string_view);
std::optional<EngineKind> parse_engine_kind(std::string_view);

}  // namespace demarc
