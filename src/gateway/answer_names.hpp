// AnswerNames: what the model of names says about an answer: counted for the receipt and the conversation's level, and hidden in whole answers where
// `outputs: {mask: […]}` names a type that only the model finds.
//
//   AnswerFound found = co_await read_answer(context, texts);     // texts as the caller sees them
//   if (found.unread) …                                           // what stands in the answer is unknown
//   hide(texts[i], found.by_text[i], mask);
//
// The next turn of a chat sends the answer again, and then it is read already (privacy/found_cache.hpp). On the context's loop.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "gateway/context.hpp"

namespace demarc::gateway {

struct AnswerFound {
  bool unread = false;                          // the model could not be asked in time
  std::vector<std::vector<Finding>> by_text{};  // what the structured detectors see as well is left out
  [[nodiscard]] FindingCounts counts() const;
};

Task<AnswerFound> read_answer(RequestContext& context, std::span<const std::string> texts);

void hide(std::string& text, const std::vector<Finding>& findings, const std::vector<std::string>& mask);

// Whether answers must be read by the model before they are shown (of streams each sentence: names_gate.hpp).
bool masks_names(const Snapshot& snapshot);
ApiError unread_answer();  // when they cannot be

}  // namespace demarc::gateway
