#include "core/operation.hpp"

#include <array>

namespace demarc {
namespace {

constexpr std::array<std::string_view, kOperationCount> kOperations = {"chat",          "completion",     "fim",    "embedding",
                                                                       "transcription", "translation",    "speech", "image_generation",
                                                                       "moderation",    "classification", "ocr",    "image_classification",
                                                                       "rerank",        "redaction"};
constexpr std::array<std::string_view, 4> kSensitivities = {"public", "internal", "confidential", "restricted"};
constexpr std::array<std::string_view, kWorkClassCount> kWorkClasses = {"interactive", "normal", "batch"};
constexpr std::array<std::string_view, 2> kTiers = {"local", "cloud"};
constexpr std::array<std::string_view, 6> kProviders = {"openai", "anthropic", "gemini", "mistral", "bedrock", "azure"};
constexpr std::array<std::string_view, 4> kEngines = {"llama", "speech", "tensor", "document"};

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return {};
}

}  // namespace

std::string_view to_string(Operation v) { return kOperations[static_cast<std::size_t>(v)]; }
std::string_view to_string(Sensitivity v) { return kSensitivities[static_cast<std::size_t>(v)]; }
std::string_view to_string(WorkClass v) { return kWorkClasses[static_cast<std::size_t>(v)]; }
std::string_view to_string(Tier v) { return kTiers[static_cast<std::size_t>(v)]; }
std::string_view to_string(Provider v) { return kProviders[static_cast<std::size_t>(v)]; }
std::string_view to_string(EngineKind v) { return kEngines[static_cast<std::size_t>(v)]; }

std::optional<Operation> parse_operation(std::string_view name) { return find<Operation>(kOperations, name); }
std::optional<Sensitivity> parse_sensitivity(std::string_view name) { return find<Sensitivity>(kSensitivities, name); }
std::optional<WorkClass> parse_work_class(std::string_view name) { return find<WorkClass>(kWorkClasses, name); }
std::optional<Tier> parse_tier(std::string_view name) { return find<Tier>(kTiers, name); }
std::optional<Provider> parse_provider(std::string_view name) { return find<Provider>(kProviders, name); }
std::optional<EngineKind> parse_engine_kind(std::string_view name) { return find<EngineKind>(kEngines, name); }

}  // namespace demarc
