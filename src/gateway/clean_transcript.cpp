#include "gateway/clean_transcript.hpp"

#include <algorithm>

#include "engine/queue.hpp"
#include "gateway/snapshot.hpp"
#include "gateway/sub_exchange.hpp"
#include "speech/cleaning.hpp"

namespace demarc::gateway {
namespace {

constexpr std::uint32_t kMostBeside = 16;  // pieces asked about at once
constexpr int kMostFailures = 2;           // one after the other, then nobody is asked any more

Task<Result<std::string, ApiError>> ask(RequestContext& context, Tier tier, Chat chat) {
  const Deadline deadline = Deadline::in(context.loop().now(), std::chrono::milliseconds(context.limits().clean_ms));
  co_return co_await ask_model(context, {.tier = tier, .deadline = deadline}, std::move(chat));
}

// Slots that an engine for chats has free while nobody waits for it; 0 where there is none.
std::uint32_t free_slots(const Snapshot& snapshot, Tier tier) {
  std::uint32_t most = 0;
  for (std::size_t i = 0; i < snapshot.upstreams.size(); ++i) {
    const UpstreamSpec& spec = snapshot.routing().upstreams[i];
    const auto& unit = snapshot.upstreams[i].engine;
    if (!unit || spec.tier != tier || std::ranges::find(spec.models[0].serves, Operation::chat) == spec.models[0].serves.end()) continue;
    const std::uint32_t busy = unit->queue.in_use();
    if (unit->queue.waiting() == 0 && busy < unit->queue.total()) most = std::max(most, unit->queue.total() - busy);
  }
  return most;
}

// Asks about the pieces in order, the next as soon as there is room; one at least is always under way.
class Asking {
 public:
  Asking(RequestContext& context, Tier tier, speech::Cleaning& cleaning) : context_(context), tier_(tier), cleaning_(cleaning) {}

  Task<void> run() {
    pump();
    if (under_way_ > 0) co_await idle_;
  }
  [[nodiscard]] std::optional<std::size_t> first_left_out() const { return any_answer_ ? first_left_out_ : std::nullopt; }

 private:
  [[nodiscard]] bool stops() const {
    return context_.client_gone() || failures_ >= (any_answer_ ? kMostFailures : 1) || asked_ >= context_.limits().subcalls;
  }

  void pump() {
    if (is_pumping_) return;  // an answer that came at once: the loop below goes on
    is_pumping_ = true;
    while (next_ < cleaning_.size()) {
      if (cleaning_.asks(next_) == speech::Asks::nothing) {
        ++next_;
        continue;
      }
      if (stops()) {
        if (!first_left_out_) first_left_out_ = next_;
        break;
      }
      // The first answer shows whether anybody answers at all.
      const std::uint32_t room = any_answer_ ? std::min(kMostBeside, under_way_ + free_slots(*context_.snapshot, tier_)) : 1;
      if (under_way_ > 0 && under_way_ >= room) break;
      ++under_way_, ++asked_;
      cleaning_.asked();
      spawn(ask_about(next_++));
    }
    is_pumping_ = false;
  }

  Task<void> ask_about(std::size_t piece) {
    auto answer = co_await ask(context_, tier_, cleaning_.prompt(piece));
    --under_way_;
    if (answer) {
      any_answer_ = true, failures_ = 0;
      cleaning_.answered(piece, std::move(*answer));
    } else {
      ++failures_;
      if (!first_left_out_) first_left_out_ = piece;
    }
    pump();
    if (under_way_ == 0 && !is_pumping_) idle_.set();  // the last thing: whoever waits for it ends this object
  }

  RequestContext& context_;
  const Tier tier_;
  speech::Cleaning& cleaning_;
  std::size_t next_ = 0;
  std::uint32_t under_way_ = 0;
  std::int64_t asked_ = 0;
  int failures_ = 0;
  bool any_answer_ = false, is_pumping_ = false;
  std::optional<std::size_t> first_left_out_;
  Event idle_;
};

}  // namespace

bool wants_cleaning(const Request& request) {
  if (!request.multipart) return false;
  return std::ranges::none_of(request.multipart->fields, [&](const Multipart::Field& field) {
    return field.name == "demarc_clean" && std::string_view(request.body).substr(field.content.begin, field.content.size()) == "false";
  });
}

std::vector<std::string> glossary_of(const RequestContext& context) {
  const std::vector<WorkloadSpec>& all = context.snapshot->routing().workloads;
  const auto own = std::ranges::find(all, context.workload, &WorkloadSpec::name);
  return own == all.end() ? std::vector<std::string>() : own->speech_glossary;
}

Task<void> clean_transcript(RequestContext& context, Tier tier, Transcript& transcript, const std::vector<std::string>& glossary) {
  speech::Cleaning cleaning(transcript, glossary);
  Asking asking(context, tier, cleaning);
  co_await asking.run();
  if (context.client_gone()) co_return;
  if (const auto left_out = asking.first_left_out()) transcript.unread_from = cleaning.begin_of(*left_out);
  cleaning.finish(transcript);
}

Task<speech::CleanPiece> clean_piece(RequestContext& context, Tier tier, speech::Piece piece, const speech::Glossary& glossary, PiecesAsked& asked) {
  speech::PieceCleaning cleaning(std::move(piece), glossary);
  std::string answer;
  asked.left_out = cleaning.asks() != speech::Asks::nothing;
  if (asked.left_out && asked.count < context.limits().subcalls && !context.client_gone()) {
    ++asked.count;
    if (auto got = co_await ask(context, tier, cleaning.prompt())) {
      answer = std::move(*got);
      asked.any_answer = true, asked.left_out = false;
    }
  }
  co_return cleaning.finish(answer);
}

}  // namespace demarc::gateway
