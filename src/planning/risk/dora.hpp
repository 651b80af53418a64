// Dora: providers in the shape of DORA's register of information (templates of Commission Implementing Regulation (EU) 2024/2956). What a field says
// comes from the plan, the configuration, the policy, earlier retirements, or the answers of whoever keeps the register; what nobody said is named as
// such, never guessed.
//
//   auto entries = dora_register(world, *read_answers(text, "register.yaml"));
//   std::cout << to_csv(entries);
//
// What a provider may see, what hangs on it alone and who stands in for it is asked of the real router. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planning/risk/stress.hpp"
#include "planning/risk/vendor.hpp"

namespace demarc::planning {

enum class Origin : std::uint8_t { nobody, plan, configuration, policy, retirements, answers };
std::string_view to_string(Origin);

struct DoraField {
  std::string code, name;  // "B_02.02.0150", "location of data at rest"
  std::string value;       // "" : nobody said
  Origin origin = Origin::nobody;
  std::string because;  // for people; may be ""
};

struct DoraEntry {
  std::string provider;
  std::vector<DoraField> fields;  // the same codes in the same order for all
};

// By provider, then by the field's code: {"openai": {"B_02.01.0010": "MSA-2026-17"}}.
using DoraAnswers = std::map<std::string, std::map<std::string, std::string>>;
Result<DoraAnswers, std::string> read_answers(std::string_view yaml, const std::string& file);
// A file to fill in: what the register still lacks, with what each field is.
std::string answers_to_fill_in(const std::vector<DoraEntry>& entries, const DoraAnswers& given);

struct DoraWorld {
  const Plan& plan;
  const StressWorld& router;
  const std::vector<Spend>& spend;  // of the plan's first month, by workload
  const Retirements& retirements;
};
std::vector<DoraEntry> dora_register(const DoraWorld& world, const DoraAnswers& answers);

std::string to_csv(const std::vector<DoraEntry>& entries);
std::string to_json(const std::vector<DoraEntry>& entries);

}  // namespace demarc::planning
