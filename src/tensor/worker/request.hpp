// The body of POST /v1/spans, read and limited, and its answer.
//
//   {"texts": ["My name is Ada Lovelace."], "kinds": [{"kind": "GIVEN_NAME", "type": "PERSON", "at_least": 0.2}, …]}
//   {"spans": [[{"type": "PERSON", "begin": 11, "end": 23, "score": 0.98, "by": "network"}]]}        one list a text, in its order
//
// A kind is a label of the network, or "tagger/PERSON" and so on for the tagger of our own (tensor/tagger), whose spans stand beside the network's.
// begin and end count bytes of the text in UTF-8, as demarc's findings do. Pure; any thread.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "tensor/worker/classify.hpp"

namespace demarc::tensor::worker {

inline constexpr std::size_t kMaxBodyBytes = std::size_t{40} << 20;  // a request's texts as JSON
inline constexpr std::size_t kMaxTexts = 100'000, kMaxKinds = 1'000;

struct SpansRequest {
  simdjson::dom::parser parser;  // owns what `texts` point to
  std::vector<std::string_view> texts;
  std::vector<KindRule> kinds;
};

// Reads into `out`, which must stay where it is. The error is for people and holds no contents.
Result<void, std::string> read_request(std::string_view body, SpansRequest& out);
std::string print_spans(const Classified& found);

}  // namespace demarc::tensor::worker
