// Run: one job on its way, from where it stands to its end: validated, piece by piece through serve_request() as if its owner's key had sent each,
// and its files closed.
//
//   spawn(run->go());                       // on its loop; tells the Keeper when it is over
//   run->stop(Run::Why::cancelled);         // on its loop
//
// A finished piece is on disk before it counts: its line in the file first, then the row that says so and how long the file is with it; a line
// without its row is written over. One loop; files and rows on the side thread.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>

#include "core/job.hpp"
#include "dialect/batches.hpp"
#include "gateway/jobs/keeper.hpp"
#include "gateway/jobs/piece_parts.hpp"
#include "gateway/sub_exchange.hpp"

namespace demarc::gateway {

class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(Keeper& keeper, Loop& loop, std::string job) : keeper_(keeper), loop_(loop), id_(std::move(job)) {}
  [[nodiscard]] Loop& loop() { return loop_; }

  enum class Why : std::uint8_t { none, cancelled, shutdown, expired, refused };
  void stop(Why why);  // what is under way is cut off
  Task<void> go();

 private:
  static constexpr std::chrono::milliseconds kDiskPause{5'000};  // before the disk is tried again

  Task<bool> load();
  Task<bool> validate();
  Task<void> work();
  Task<int> lane();
  Task<void> end();
  Task<std::optional<dialect::PieceAnswer>> ask(const Piece& piece);  // nullopt: stopped on the way
  Task<bool> make_room(std::int64_t bytes);                           // false: stopped on the way
  [[nodiscard]] dialect::PieceAnswer no_answer(const Piece& piece, int status, std::string why) const;
  Task<std::optional<dialect::PieceAnswer>> in_parts(const Piece& piece);       // (run_in_parts.cpp)
  Task<bool> keep_part(Piece& piece, std::string answer, std::int64_t amount);  // false: stopped on the way
  Task<std::optional<dialect::PieceAnswer>> send(const Piece& piece, const PieceParts* parts);
  Task<std::optional<HttpRequest>> request_of(const Piece& piece, const PieceParts* parts);  // parts null: a line of a batch
  Task<std::optional<Piece>> settle(const Piece* done, const dialect::PieceAnswer& answer);
  void drop_parts(const Piece& piece);  // on the side thread
  Task<void> pause(std::chrono::milliseconds time);
  std::optional<JobError> who_may_not(Caller& caller);
  void trouble(const std::string& what);
  template <class Work>
  auto on_side(Work work) {
    return keeper_.on_side(loop_, std::move(work));
  }

  Keeper& keeper_;
  Loop& loop_;
  const std::string id_;
  Job job_;
  Why why_ = Why::none;
  std::optional<JobError> refusal_;
  std::list<InnerExchange*> under_way_;
  bool in_trouble_ = false;
  std::map<std::int64_t, std::int64_t> amount_;  // by piece: since its last part was kept
};

}  // namespace demarc::gateway
