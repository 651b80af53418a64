// Names: the tier of detection that needs a model. It says which texts of a request the model must be asked about, remembers its answers, and adds
// them to the Examination. It does no I/O: the gateway carries begin().body() to the worker and its reply back (gateway/names_detector.hpp).
//
//   NamesWork work = names.begin(request, limits);            // what the cache knew is done already
//   while (names.wants_more(work))
//     if (!names.take(work, reply_to(names.next_body(work)))) work.why = Unreadable::detector;
//   names.finish(std::move(work), request, limits, examination);    // findings added, or counts unknown
//
// A long text is asked about in pieces, and a name found in one text is looked for in all others of the request (known_names.hpp). Texts that a
// caller sends for this alone (POST /v1/redactions) go the same way: begin(texts), take(), found().
//
// Fails closed: a text in a language that nobody declared, too much text, or a reply that makes no sense leave the counts unknown (unless the
// configuration says that other languages are merely uncovered). Any thread; the cache has its own lock.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/names.hpp"
#include "core/request.hpp"
#include "privacy/cuts.hpp"
#include "privacy/examine.hpp"
#include "privacy/found_cache.hpp"
#include "privacy/name_kinds.hpp"

namespace demarc::privacy {

struct NamesWork {
  std::vector<std::string> texts{};     // to be asked about, each once
  std::vector<FoundCache::Key> keys{};  // beside them
  std::vector<Found> answers{};         // beside them, as far as taken
  std::size_t sent = 0;                 // the texts from answers.size() on to here are being asked about
  Unreadable why = Unreadable::none;    // not none: findings stay unknown
  // The request's own texts, each in pieces (cuts.hpp).
  struct Piece {
    std::size_t text = 0;    // of places
    std::size_t offset = 0;  // of the piece in it
    Found known{};           // from the cache; null: asked about
    std::size_t asked = 0;   // of texts
  };
  std::vector<Place> places{};
  std::vector<Piece> pieces{};
};

class Names {
 public:
  static constexpr std::size_t kCacheBytes = std::size_t{32} << 20;
  static constexpr CutSizes kPiece{.most = 2048, .overlap = 192};
  static constexpr std::size_t kCallBytes = std::size_t{4} << 10;       // of pieces in one call: half a second
  static constexpr std::size_t kMostAskedBytes = std::size_t{4} << 20;  // minutes of work for the model: no deadline would hold

  Names(NamesSettings settings, std::vector<NameKind> kinds, const FoundCache::Key& cache_secret)
      : settings_(std::move(settings)), kinds_(std::move(kinds)), cache_(cache_secret, kCacheBytes) {}

  [[nodiscard]] const NamesSettings& settings() const { return settings_; }
  [[nodiscard]] std::vector<std::string_view> types() const;  // sorted, each once

  [[nodiscard]] NamesWork begin(const Request& request, const ExamineLimits& limits) const;
  // Each text as it is, not taken apart as JSON; Place::part is its number.
  [[nodiscard]] NamesWork begin(std::span<const std::string> texts) const;
  // The next call to the worker, POST /v1/spans: a few texts, so that what was answered is remembered even if time runs out for the rest, and long
  // requests let others in between.
  [[nodiscard]] static bool wants_more(const NamesWork& work) { return work.why == Unreadable::none && work.answers.size() < work.texts.size(); }
  [[nodiscard]] std::string next_body(NamesWork& work) const;
  // False if the reply does not answer that body.
  [[nodiscard]] bool take(NamesWork& work, std::string_view reply) const;
  // The request and limits that begin() got.
  void finish(NamesWork&& work, const Request& request, const ExamineLimits& limits, Examination& seen) const;
  // The findings by text, null where there are none; the texts that begin() got, and only with work.why none.
  [[nodiscard]] static std::vector<Found> found(const NamesWork& work, std::span<const std::string> texts);

 private:
  struct Asked;  // what a work has come to so far
  void look_at(std::string_view text, const Place& place, Asked& asked) const;
  std::optional<std::vector<Finding>> read_spans(std::string_view text, const void* spans) const;

  const NamesSettings settings_;
  const std::vector<NameKind> kinds_;
  mutable FoundCache cache_;
};

}  // namespace demarc::privacy
