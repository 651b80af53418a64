#include "models/context_tasks.hpp"

#include <algorithm>
#include <set>

#include "base/check.hpp"

namespace demarc::models {
namespace {

// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014): small, and the same everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  std::uint64_t below(std::uint64_t n) { return next() % n; }  // n is small: the bias is below 2^-50
  template <class Range>
  const auto& one_of(const Range& range) {
    return range[below(range.size())];
  }

 private:
  std::uint64_t state_;
};

constexpr std::array<std::string_view, 16> kWho = {"The gardener", "A clerk",      "The night guard", "Our driver",  "The archivist", "A visitor",
                                                   "The plumber",  "My neighbour", "The baker",       "An engineer", "The librarian", "A courier",
                                                   "The teacher",  "A painter",    "The captain",     "The cook"};
constexpr std::array<std::string_view, 16> kDid = {"walked past", "wrote about", "cleaned", "photographed", "forgot",  "described",
                                                   "measured",    "painted",     "visited", "repaired",     "counted", "looked at",
                                                   "moved",       "sketched",    "praised", "avoided"};
constexpr std::array<std::string_view, 16> kWhat = {"the old bridge",    "a row of lamps",   "the empty market",  "two wooden chairs",
                                                    "the long corridor", "a quiet street",   "the north tower",   "an open window",
                                                    "the river bank",    "a heap of leaves", "the station clock", "a red bicycle",
                                                    "the stone wall",    "a narrow garden",  "the winter coats",  "a broken kettle"};
constexpr std::array<std::string_view, 12> kWhen = {"before noon",     "in the rain",       "late in spring",  "on a Tuesday",
                                                    "without a word",  "after the meeting", "for a long time", "once again",
                                                    "with great care", "in the fog",        "by candlelight",  "on the way home"};
constexpr std::array<std::string_view, 12> kRooms = {"archive",    "boiler house", "cellar", "depot",       "gallery", "granary",
                                                     "laboratory", "library",      "mint",   "observatory", "pantry",  "vault"};
constexpr std::array<std::string_view, 12> kNames = {"Agnes", "Bruno", "Clara", "Dimitri", "Elsa",  "Farid",
                                                     "Greta", "Hugo",  "Ines",  "Jonas",   "Klara", "Lorenzo"};

std::string filler(Dice& dice) {
  std::string sentence(dice.one_of(kWho));
  sentence += " ", sentence += dice.one_of(kDid), sentence += " ", sentence += dice.one_of(kWhat), sentence += " ", sentence += dice.one_of(kWhen);
  return sentence + ". ";
}

// The facts stand in their order, each in a stretch of its own, so that none is always at the start or the end.
std::string bury(Dice& dice, const std::vector<std::string>& facts, std::size_t text_bytes) {
  std::string text;
  const std::size_t stretch = text_bytes / facts.size();
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const std::size_t at = i * stretch + (stretch == 0 ? 0 : dice.below(stretch)), end = (i + 1) * stretch;
    while (text.size() < at) text += filler(dice);
    text += facts[i] + " ";
    while (text.size() < end) text += filler(dice);
  }
  return text;
}

std::vector<std::string> distinct_codes(Dice& dice, std::size_t count) {
  std::set<std::uint64_t> codes;
  std::vector<std::string> out;
  while (out.size() < count)
    if (const std::uint64_t code = 10'000 + dice.below(90'000); codes.insert(code).second) out.push_back(std::to_string(code));
  return out;
}

template <std::size_t N>
std::vector<std::string_view> some_of(Dice& dice, const std::array<std::string_view, N>& all, std::size_t count) {
  std::vector<std::string_view> rest(all.begin(), all.end()), chosen;
  while (chosen.size() < count) {
    const auto at = static_cast<std::ptrdiff_t>(dice.below(rest.size()));
    chosen.push_back(rest[static_cast<std::size_t>(at)]);
    rest.erase(rest.begin() + at);
  }
  return chosen;
}

std::string code_of(std::string_view room, const std::string& code) { return "The access code of the " + std::string(room) + " is " + code + "."; }
std::string with_question(std::string text, const std::string& question) { return "Read this text.\n\n" + std::move(text) + "\n\n" + question; }

Task needle(Dice& dice, std::size_t text_bytes) {
  const auto rooms = some_of(dice, kRooms, 4);
  const auto codes = distinct_codes(dice, 4);
  std::vector<std::string> facts;
  for (std::size_t i = 0; i < rooms.size(); ++i) facts.push_back(code_of(rooms[i], codes[i]));
  const std::size_t asked = dice.below(rooms.size());
  Task task{.kind = TaskKind::needle, .wanted = {codes[asked]}};
  for (std::size_t i = 0; i < codes.size(); ++i)
    if (i != asked) task.unwanted.push_back(codes[i]);
  task.prompt =
      with_question(bury(dice, facts, text_bytes), "What is the access code of the " + std::string(rooms[asked]) + "? Answer with the number only.");
  return task;
}

Task multi_needle(Dice& dice, std::size_t text_bytes) {
  const auto rooms = some_of(dice, kRooms, 5);
  const auto codes = distinct_codes(dice, 5);
  std::vector<std::string> facts;
  for (std::size_t i = 0; i < rooms.size(); ++i) facts.push_back(code_of(rooms[i], codes[i]));
  Task task{.kind = TaskKind::multi_needle, .wanted = {codes[0], codes[2], codes[4]}, .unwanted = {codes[1], codes[3]}};
  task.prompt =
      with_question(bury(dice, facts, text_bytes), "What are the access codes of the " + std::string(rooms[0]) + ", the " + std::string(rooms[2]) +
                                                       " and the " + std::string(rooms[4]) + "? Answer with the three numbers only.");
  return task;
}

Task multi_hop(Dice& dice, std::size_t text_bytes) {
  const auto names = some_of(dice, kNames, 3);
  const auto rooms = some_of(dice, kRooms, 3);
  const auto codes = distinct_codes(dice, 3);
  std::vector<std::string> facts;
  for (std::size_t i = 0; i < 3; ++i) facts.push_back(std::string(names[i]) + " works in the " + std::string(rooms[i]) + ".");
  for (std::size_t i = 0; i < 3; ++i) facts.push_back(code_of(rooms[i], codes[i]));
  for (std::size_t i = facts.size(); i > 1; --i) std::swap(facts[i - 1], facts[dice.below(i)]);
  const std::size_t asked = dice.below(3);
  Task task{.kind = TaskKind::multi_hop, .wanted = {codes[asked]}};
  for (std::size_t i = 0; i < 3; ++i)
    if (i != asked) task.unwanted.push_back(codes[i]);
  task.prompt = with_question(bury(dice, facts, text_bytes),
                              "What is the access code of the room that " + std::string(names[asked]) + " works in? Answer with the number only.");
  return task;
}

std::string function_of(std::uint64_t number, std::uint64_t factor) {
  const std::string id = std::to_string(number);
  return "def scale_" + id + "(value):\n    shifted = value + " + std::to_string(number % 13) + "\n    return shifted * " + std::to_string(factor) +
         "\n\n\n";
}

Task code_edit(Dice& dice, std::size_t text_bytes) {
  std::string text;
  std::vector<std::uint64_t> factors;
  while (text.size() < text_bytes || factors.size() < 3) {
    factors.push_back(2 + dice.below(7));
    text += function_of(100 + factors.size() - 1, factors.back());
  }
  const std::uint64_t which = dice.below(factors.size()), number = 100 + which, old_factor = factors[which], new_factor = 10 + dice.below(80);
  const std::string id = std::to_string(number);
  Task task{.kind = TaskKind::code_edit,
            .wanted = {"def scale_" + id + "(value):", "shifted = value + " + std::to_string(number % 13),
                       "return shifted * " + std::to_string(new_factor)},
            .unwanted = {"return shifted * " + std::to_string(old_factor) + "\n"}};
  task.prompt = "Here is a Python file.\n\n```python\n" + text + "```\n\nChange the function scale_" + id + " so that it multiplies by " +
                std::to_string(new_factor) + " instead of " + std::to_string(old_factor) + ". Print only the changed function, whole.";
  return task;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// As a number of its own, not within a longer one.
bool holds_number(std::string_view text, std::string_view number) {
  for (std::size_t at = text.find(number); at != std::string_view::npos; at = text.find(number, at + 1)) {
    const std::size_t end = at + number.size();
    if ((at == 0 || !is_digit(text[at - 1])) && (end == text.size() || !is_digit(text[end]))) return true;
  }
  return false;
}

std::string without_spaces(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' && c != '\t' && c != '\r') out += c;
  return out;
}

}  // namespace

std::string_view to_string(TaskKind kind) {
  switch (kind) {
    case TaskKind::needle: return "needle";
    case TaskKind::multi_needle: return "multi-needle";
    case TaskKind::multi_hop: return "multi-hop";
    case TaskKind::code_edit: return "code edit";
  }
  return "";
}

Task make_task(TaskKind kind, const TaskPlan& plan) {
  Dice dice(plan.seed * 1'000'003 + plan.number * 8 + static_cast<std::uint64_t>(kind));
  switch (kind) {
    case TaskKind::needle: return needle(dice, plan.text_bytes);
    case TaskKind::multi_needle: return multi_needle(dice, plan.text_bytes);
    case TaskKind::multi_hop: return multi_hop(dice, plan.text_bytes);
    case TaskKind::code_edit: return code_edit(dice, plan.text_bytes);
  }
  return {};
}

bool solved(const Task& task, std::string_view answer) {
  if (task.kind == TaskKind::code_edit) {
    const std::string said = without_spaces(answer) + "\n";
    const auto holds = [&](const std::string& code) { return said.find(without_spaces(code)) != std::string::npos; };
    return std::ranges::all_of(task.wanted, holds) && std::ranges::none_of(task.unwanted, holds);
  }
  const auto holds = [&](const std::string& number) { return holds_number(answer, number); };
  return std::ranges::all_of(task.wanted, holds) && std::ranges::none_of(task.unwanted, holds);
}

}  // namespace demarc::models
