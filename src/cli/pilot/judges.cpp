#include "cli/pilot/judges.hpp"

#include <iostream>

#include "base/strings.hpp"
#include "cli/pilot/review_page.hpp"
#include "cli/pilot/sides.hpp"
#include "cli/progress.hpp"
#include "core/json/writer.hpp"

namespace demarc::cli {

using namespace planning;

Result<void, std::string> judge_on_page(Review& review, const std::string& folder) {
  ReviewPage page(review);
  TRY(page.open());
  std::cerr << review.size() << " pairs to judge. Open " << page.address()
            << "\nWhat you judge is kept at once; Finish on the page writes the report.\n";
  show_in_browser(page.address(), folder);
  page.wait();
  return {};
}

Result<void, std::string> judge_on_terminal(Review& review, const std::vector<Pair>& pairs) {
  std::string answer;
  for (std::size_t i = 0; i < review.size(); ++i) {
    std::cerr << "\n--- " << i + 1 << " of " << review.size() << " ---\n"
              << pairs[i].request->prompt << "\n\n[1]\n"
              << review.answer(i, true) << "\n\n[2]\n"
              << review.answer(i, false) << "\n\nWhich would you accept? 1, 2, b(oth), n(either), s(kip), q(uit): ";
    if (!std::getline(std::cin, answer) || answer == "q") return {};
    if (answer != "1" && answer != "2" && answer != "b" && answer != "n") continue;
    TRY(review.judge(i, {.first = answer == "1" || answer == "b", .second = answer == "2" || answer == "b"}, system_clock().now()));
  }
  return {};
}

Result<void, std::string> judge_by_model(Connection& connection, const std::vector<Pair>& pairs, const std::string& model, LineFile& file) {
  Counter counter(std::cerr, on_terminal(), "pairs judged by " + model);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Pair& pair = pairs[i];
    const auto verdict = [&](const PilotRow& one, const PilotRow& two) -> std::optional<ReviewVerdict> {
      const std::string text =
          "A request and two answers follow. Say which answers are acceptable: correct, complete, in the form that was asked for. Reply with one "
          "word: both, first, second, or neither.\n\nREQUEST\n" +
          pair.request->prompt + "\n\nFIRST ANSWER\n" + one.answer + "\n\nSECOND ANSWER\n" + two.answer;
      std::string messages;
      JsonWriter json(messages);
      json.array([&] { json.object([&] { json.field("role", "user"), json.field("content", text); }); });
      const PilotRow row = ask(connection, {.id = pair.request->id, .messages = messages, .max_tokens = 16}, model, PilotSide::present, 0);
      const std::string word = to_lower(row.answer);
      if (row.status != 200) return {};
      const bool both = word.find("both") != std::string::npos, neither = word.find("neither") != std::string::npos,
                 first = word.find("first") != std::string::npos, second = word.find("second") != std::string::npos;
      if (both + neither + first + second != 1) return {};
      return ReviewVerdict{both || first, both || second};
    };
    const auto one_way = verdict(*pair.present, *pair.candidate), other_way = verdict(*pair.candidate, *pair.present);
    if (one_way && other_way) {
      const bool turned = one_way->first != other_way->second || one_way->second != other_way->first;
      TRY(file.add(to_json({.id = pair.request->id, .present = one_way->first, .candidate = one_way->second, .undecided = turned, .by = model})));
    }
    counter.show(static_cast<std::int64_t>(i + 1), static_cast<std::int64_t>(pairs.size()));
  }
  return {};
}

}  // namespace demarc::cli
