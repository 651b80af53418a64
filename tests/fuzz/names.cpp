// Whatever the worker for names replies: it is refused, or its findings are whole characters of the text that was asked about.
#include "privacy/names.hpp"

#include "base/strings.hpp"
#include "fuzz.hpp"
#include "privacy/utf8.hpp"

FUZZ(names) {
  static const auto kinds = privacy::kinds_of({"O", "B-GIVEN_NAME", "I-GIVEN_NAME", "B-CITY", "B-STREET_NAME"});
  const privacy::Names names({.model = "m", .languages = {"en"}}, kinds, privacy::FoundCache::Key{});  // remembers nothing from input to input
  const std::vector<std::string> texts = {
      "I am \xC3\x85"
      "da of Springfield, 5 Main St.",
      "Bob \xF0\x9F\x99\x82"
      " Byron"};
  privacy::NamesWork work = names.begin(texts);
  (void)names.next_body(work);
  if (!names.take(work, bytes)) return;
  const std::vector<privacy::Found> found = privacy::Names::found(work, texts);
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) continue;
    for (const Finding& finding : *found[i]) {
      CHECK(finding.begin < finding.end && finding.end <= texts[i].size());
      CHECK(!privacy::is_utf8_tail(texts[i][finding.begin]));
      CHECK(finding.end == texts[i].size() || !privacy::is_utf8_tail(texts[i][finding.end]));
      CHECK(finding.tier == DetectorTier::model && finding.score >= 0 && finding.score <= 1);
    }
  }
}
