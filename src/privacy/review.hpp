// Review: what a language model of our own is asked about a text that pattern and name detector have read already, and how much of its answer counts.
//
//   ReviewWork work = review.begin(request, limits);
//   while (Review::wants_more(work)) review.take(work, answer_of(review_prompt(work.next())));   // one piece a call
//   review.finish(std::move(work), seen);
//
// A model invents and obeys: the text is handed over as data, only strings that stand in it word for word are taken from the answer, and only types
// that it was asked for. So it can add findings, never take one away. An answer that is not the JSON asked for, no answer, or too much text make
// findings unknown. What was reviewed once is remembered under a keyed digest (found_cache.hpp). Begin, take and finish: any thread, one work a
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/chat.hpp"
#include "core/review.hpp"
#include "privacy/examine.hpp"
#include "privacy/found_cache.hpp"

namespace demarc::privacy {

Chat review_prompt(std::string_view piece);

// The findings of one answer in that piece; nullopt: not the JSON that was asked for.
std::optional<std::vector<Finding>> read_review(std::string_view piece, std::string_view answer);

// Cuts at the end of lines or sentences, else between words, at most kReviewPiece bytes each; together they are the text.
inline constexpr std::size_t kReviewPiece = 1536;
std::vector<Span> review_pieces(std::string_view text);

struct ReviewWork {
  struct Piece {
    Place place;
    std::size_t offset = 0;  // of the piece in the text at `place`
    std::string text;
    FoundCache::Key key{};
  };
  Unreadable why = Unreadable::none;  // else findings are unknown
  std::vector<Piece> pieces{};        // to be asked for
  std::size_t done = 0;
  std::vector<std::pair<Place, std::vector<Finding>>> found{};
};

class Review {
 public:
  static constexpr std::size_t kCacheBytes = std::size_t{16} << 20;
  Review(ReviewSettings settings, const FoundCache::Key& cache_secret) : settings_(std::move(settings)), cache_(cache_secret, kCacheBytes) {}

  [[nodiscard]] const ReviewSettings& settings() const { return settings_; }
  [[nodiscard]] ReviewWork begin(const Request& request, const ExamineLimits& limits) const;
  [[nodiscard]] static bool wants_more(const ReviewWork& work) { return work.why == Unreadable::none && work.done < work.pieces.size(); }
  [[nodiscard]] static std::string_view next(const ReviewWork& work) { return work.pieces[work.done].text; }
  void take(ReviewWork& work, std::string_view answer) const;
  static void finish(ReviewWork&& work, Examination& seen);

 private:
  const ReviewSettings settings_;
  mutable FoundCache cache_;
};

}  // namespace demarc::privacy
