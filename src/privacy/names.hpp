// Names: the tier of detection that needs a model. It says which texts of a request the model must be asked about, remembers its answers, and adds
// them to the Examination. It does no I/O: the gateway carries begin().body() to the worker and its reply back (gateway/names_detector.hpp).
//
//   NamesWork work = names.begin(request, limits);            // what the cache knew is done already
//   if (!work.texts.empty() && !names.take(work, reply)) work.why = Unreadable::detector;
//   names.finish(std::move(work), examination);               // findings added, or counts unknown
//
// Texts that a caller sends for this alone (POST /v1/redactions) go the same way: begin(texts), take(), found().
//
// Fails closed: a text in a language that nobody declared, too much text, or a reply that makes no sense leave the counts unknown (unless the
// configuration says that other languages are merely uncovered). Any thread; the cache has its own lock.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/names.hpp"
#include "core/request.hpp"
#include "privacy/examine.hpp"
#include "privacy/found_cache.hpp"
#include "privacy/name_kinds.hpp"

namespace demarc::privacy {

struct NamesWork {
  std::vector<std::string> texts{};                    // to be asked about, each once
  std::vector<FoundCache::Key> keys{};                 // beside them
  std::vector<Found> answers{};                        // beside them, once taken
  Unreadable why = Unreadable::none;                   // not none: findings stay unknown
  std::vector<std::pair<Place, Found>> known{};        // from the cache, with something in it
  std::vector<std::pair<Place, std::size_t>> asked{};  // where each text stands
};

class Names {
 public:
  static constexpr std::size_t kCacheBytes = std::size_t{32} << 20;
  static constexpr std::size_t kMostAskedBytes = std::size_t{4} << 20;  // minutes of work for the model: no deadline would hold

  Names(NamesSettings settings, std::vector<NameKind> kinds, const FoundCache::Key& cache_secret)
      : settings_(std::move(settings)), kinds_(std::move(kinds)), cache_(cache_secret, kCacheBytes) {}

  [[nodiscard]] const NamesSettings& settings() const { return settings_; }
  [[nodiscard]] std::vector<std::string_view> types() const;  // sorted, each once

  [[nodiscard]] NamesWork begin(const Request& request, const ExamineLimits& limits) const;
  // Each text as it is, not taken apart as JSON; Place::part is its number.
  [[nodiscard]] NamesWork begin(std::span<const std::string> texts) const;
  [[nodiscard]] std::string body(const NamesWork& work) const;  // for the worker: POST /v1/spans
  // False if the reply does not answer the body.
  [[nodiscard]] bool take(NamesWork& work, std::string_view reply) const;
  void finish(NamesWork&& work, Examination& seen) const;
  // The findings by text; only with work.why none.
  [[nodiscard]] static std::vector<Found> found(const NamesWork& work, std::size_t texts);

 private:
  struct Asked;  // what a work has come to so far
  void look_at(std::string_view text, const Place& place, Asked& asked) const;
  std::optional<std::vector<Finding>> read_spans(std::string_view text, const void* spans) const;

  const NamesSettings settings_;
  const std::vector<NameKind> kinds_;
  mutable FoundCache cache_;
};

}  // namespace demarc::privacy
