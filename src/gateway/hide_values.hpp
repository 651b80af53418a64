// ValueHiding: finds and hides values in the texts of an answer that is no chat: the pages of a document, the readings of a transcript. What they
// have in common; where the texts come from and what is written back is theirs (hide_document.hpp, hide_transcript.hpp).
//
//   ValueHiding hiding(context, texts);                       // the texts must outlive it
//   auto values = co_await hiding.find(texts.size());         // error: why nothing of the answer may be shown
//   std::vector<Finding> again = hiding.find_again(i, types); // what is found of these types alone
//   cover.with = TRY(hiding.stand_in(cover.type, cover.value));
//   co_await hiding.keep();                                   // before the answer goes out
//
// One answer. find() and keep() on the context's loop; the rest on any thread, one at a time.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/context.hpp"
#include "privacy/found_cache.hpp"
#include "privacy/vault.hpp"

namespace demarc::gateway {

// 400 unless some detector here looks for each of the types.
Result<void, ApiError> check_redact_types(const RequestContext& context, const std::vector<std::string>& types);

bool hides_values(const RequestContext& context);  // the client asks for it, or the policy masks in answers

struct SeenValues {
  FindingCounts counts;
  bool unread = false;  // it is too long, or the model of names could not be asked; only where nothing hangs on it
};

using FoundInEach = std::vector<std::vector<Finding>>;  // text by text
struct FoundValues {
  std::optional<FoundInEach> in_each{};  // nullopt: too long to be searched
  bool unread = false;                   // as SeenValues
};

class ValueHiding {
 public:
  ValueHiding(RequestContext& context, std::vector<std::string_view> texts);

  [[nodiscard]] std::size_t bytes() const;                                      // of all texts
  [[nodiscard]] const std::vector<std::string>& mask() const { return mask_; }  // what the policy masks in answers
  [[nodiscard]] const std::vector<std::string>& only() const { return only_; }  // the types that are hidden; empty: all

  // Names are looked for in the first `named` texts, where there is a model of names.
  Task<Result<FoundValues, privacy::Unreadable>> find(std::size_t named);
  [[nodiscard]] std::vector<Finding> find_again(std::size_t text, std::span<const std::string> types) const;

  [[nodiscard]] bool is_masked(std::string_view type) const;
  // What the policy masks nobody can restore, whatever the client asks for.
  Result<std::string, ApiError> stand_in(const std::string& type, const std::string& value);
  Task<void> keep();  // what has been put into the vault, where it outlives the process

 private:
  [[nodiscard]] bool needs_names() const;
  Task<privacy::Unreadable> add_names(std::size_t count, FoundInEach& found);
  privacy::VaultSession open_vault();

  RequestContext& context_;
  const Snapshot& snapshot_;
  const std::vector<std::string_view> texts_;
  const std::vector<std::string>& mask_;
  const std::vector<std::string> only_;
  std::vector<privacy::Found> named_;  // in each of the first texts, where the model was asked
  std::optional<privacy::VaultSession> session_;
};

// What the policy masks nobody restores, not even as a part of something longer: a cover that overlaps one of `masked` takes its type. Both are
// sorted, none of a list overlapping another of it.
template <class Cover>
void take_masked_types(std::vector<Cover>& covers, const std::vector<Cover>& masked) {
  auto next = masked.begin();
  for (Cover& cover : covers) {
    while (next != masked.end() && next->end <= cover.begin) ++next;
    if (next != masked.end() && next->begin < cover.end) cover.type = next->type;
  }
}

}  // namespace demarc::gateway
