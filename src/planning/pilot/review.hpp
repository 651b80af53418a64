// Review: pairs of answers that people judge without knowing whose is whose. Which answer is shown first is drawn for each pair; what is judged is on
// disk when judge() returns, and the last word on a pair counts.
//
//   Review review(open_pairs(requests, rows, read_judgements(file.before())), std::move(file), system_random());
//   review.shown(0)                    // {"of":40,"judged":0,"conversation":[…],"first":"…","second":"…","verdict":null}
//   review.judge(0, {.first = true, .second = false}, now);
//
// Any thread; one mutex.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "base/time.hpp"
#include "core/io/loop.hpp"
#include "planning/pilot/evidence.hpp"
#include "planning/pilot/line_file.hpp"

namespace demarc::planning {

// Of lines as Review and a judging model write them; what cannot be read is passed over, the last line of a pair counts.
std::map<std::string, Judgement> read_judgements(const std::vector<std::string>& lines);
std::string to_json(const Judgement& judgement);

struct Pair {
  const PilotRequest* request = nullptr;
  const PilotRow *present = nullptr, *candidate = nullptr;
};
// Answered by both, decided by no check, and not judged yet, in the order of the requests. Points into its arguments.
std::vector<Pair> open_pairs(const std::vector<PilotRequest>& requests, const std::vector<PilotRow>& rows,
                             const std::map<std::string, Judgement>& judged);

struct ReviewVerdict {  // which answers somebody would accept, in the order in which they were shown
  bool first = false, second = false;
};

class Review {
 public:
  Review(std::vector<Pair> pairs, LineFile file, Random& random);
  [[nodiscard]] std::size_t size() const { return pairs_.size(); }
  [[nodiscard]] std::size_t judged() const;  // here; not those of earlier reviews
  // A pair as it is shown: JSON that does not say whose answer is whose. CHECKs that there is such a pair.
  [[nodiscard]] std::string shown(std::size_t pair) const;
  [[nodiscard]] const std::string& answer(std::size_t pair, bool first) const;
  Result<void, std::string> judge(std::size_t pair, ReviewVerdict verdict, Instant at);

 private:
  const std::vector<Pair> pairs_;
  std::vector<bool> present_first_;  // drawn once; immutable
  mutable Mutex mutex_;
  LineFile file_ GUARDED_BY(mutex_);
  std::map<std::size_t, ReviewVerdict> verdicts_ GUARDED_BY(mutex_);
};

}  // namespace demarc::planning
