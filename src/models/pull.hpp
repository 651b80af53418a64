// pull: brings a model of the catalogue into the store and pins it in models.lock. No source is trusted: every file is hashed before it counts.
//
//   PullOptions options = options_from_environment();           // HF_ENDPOINT, HF_TOKEN
//   options.on_progress = [](const Progress& p) { … };
//   const Pulled pulled = TRY(pull(store, TRY(catalogue.at("whisper-base")), options));
//
// With `check`, every file is also looked at before it is kept or converted: what no engine may open is not taken in, whatever its digest.
//
// Sources are tried in their order until one has delivered every file. Safe to repeat (what is here is kept), to interrupt (what came is resumed) and
// to run twice at once (the second waits). A reader sees the old model or the new one. Blocks for as long as the network takes: not for an event
// loop's thread; any other.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "models/catalogue.hpp"
#include "models/hub.hpp"
#include "models/inspect.hpp"
#include "models/store.hpp"

namespace demarc::models {

enum class Phase : std::uint8_t { waiting, downloading, unpacking, checking, converting, source_failed, done };
std::string_view to_string(Phase phase);

struct Progress {
  std::string_view model;
  Phase phase = Phase::waiting;
  std::string_view what;          // file or archive; with source_failed: why
  std::uint64_t done_bytes = 0;   // of `what`
  std::uint64_t total_bytes = 0;  // 0: not known
};

struct PullOptions {
  std::vector<SourceKind> only{};                 // these kinds of source; empty: all
  std::optional<std::filesystem::path> folder{};  // take the files from here instead (no network): the model's own, or the inputs they are made from
  HubSettings hub{};
  FileCheck check{};                                   // inspect.hpp; empty: digests alone
  std::function<void(const Progress&)> on_progress{};  // on the calling thread, often
  std::stop_token stop{};
};
PullOptions options_from_environment();

enum class Outcome : std::uint8_t { fetched, already_here };

struct Pulled {
  Outcome outcome = Outcome::fetched;
  std::string source;  // Source::uri() of the one that delivered
  Resolved model;
};

ModelResult<Pulled> pull(const Store& store, const Entry& entry, const PullOptions& options);

}  // namespace demarc::models
