// Shadowing: a share of a workload's chats is answered a second time, by a candidate of the local tier, after the caller has the answer. Nobody waits
// for it: it is batch work, a sub-request with its own decision, records (attempts of kind `shadow`) and charge. Both answers are kept with the
// request as a file of the caller's key, sealed, as long as files.keep_days says; `demarc plan pilot --shadow` compares them.
//
//   Shadowing shadowing(context);       // decides, before the request is carried out, whether this is one of the share
//   co_await carry_out(context);
//   shadowing.begin();                  // then the same once more, beside
//
// The candidate is of the local tier (config/names.cpp) and the sub-request is held to that tier and to the request's sensitivity: mirroring sends
// nothing out that the policy did not let out for the request itself. Kept is nothing of a request whose answer has names hidden, as what was hidden
// would be kept with it. Lives in serve_request()'s frame; one loop.
#pragma once

#include "gateway/context.hpp"

namespace demarc::gateway {

class Shadowing {
 public:
  explicit Shadowing(RequestContext& context);
  void begin();

 private:
  RequestContext& context_;
  const ShadowSpec* spec_ = nullptr;  // null: not of the share
  KeptReply present_;
};

inline constexpr std::string_view kShadowPurpose = "shadow";  // of the files that hold the pairs; named after their workload

}  // namespace demarc::gateway
