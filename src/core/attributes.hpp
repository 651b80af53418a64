// Attributes: everything a policy may know about a request. Each is a value, absent (the request has none: known, matches only `none`) or unknown
// (could not be computed: Kleene's third value). No contents. Pure value; made by gateway/ for live requests and by policy/ from test cases.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "core/finding.hpp"
#include "core/money.hpp"
#include "core/operation.hpp"

namespace demarc {

struct Absent {};
struct Unknown {};

template <class T>
class Attribute {
 public:
  Attribute() = default;                            // absent
  Attribute(T value) : state_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Attribute(Unknown) : state_(Unknown{}) {}         // NOLINT(google-explicit-constructor)
  Attribute(Absent) {}                              // NOLINT(google-explicit-constructor)
  [[nodiscard]] bool absent() const { return std::holds_alternative<Absent>(state_); }
  [[nodiscard]] bool unknown() const { return std::holds_alternative<Unknown>(state_); }
  [[nodiscard]] const T* get() const { return std::get_if<T>(&state_); }

 private:
  std::variant<Absent, Unknown, T> state_;
};

enum class Media : std::uint8_t { image, audio, file };

// A key without a budget has an unlimited one.
struct Unlimited {};
using BudgetLeft = std::variant<Unlimited, Money>;

// What the true number can be at least and at most, as far as that can be told without the model's own tokenizer.
struct TokenBounds {
  std::int64_t least = 0, most = 0;
};

struct Attributes {
  Operation operation = Operation::chat;
  std::string dialect;
  std::string model = "auto";
  Attribute<std::string> caller_key, caller_team, caller_role;
  Attribute<std::string> workload;
  Attribute<Sensitivity> header_sensitivity;            // the header Demarc-Sensitivity; present or absent
  Attribute<Sensitivity> key_sensitivity;               // the key's floor, documents' labels
  std::optional<Sensitivity> conversation_sensitivity;  // what earlier turns have reached; raises `sensitivity`, not `declared`
  Attribute<FindingCounts> findings = FindingCounts{};
  Attribute<std::int64_t> context_tokens;     // input and the most output asked for; of embeddings the longest text
  std::optional<TokenBounds> context_bounds;  // of an estimate; nullopt: context_tokens is exact
  Attribute<std::int64_t> output_tokens = Unknown{};
  Attribute<std::int64_t> tools = std::int64_t{0};
  Attribute<std::vector<std::string>> tool_names = std::vector<std::string>{};
  Attribute<bool> stream = false;
  Attribute<bool> batch = false;
  Attribute<std::vector<Media>> media = std::vector<Media>{};
  std::vector<Media> unexamined;  // the media among them that no detector read
  Attribute<std::vector<std::string>> repository = std::vector<std::string>{};
  Attribute<std::vector<std::string>> path = std::vector<std::string>{};
  Attribute<BudgetLeft> budget_left = BudgetLeft{Unlimited{}};
  Attribute<Instant> time = Unknown{};
};

}  // namespace demarc
