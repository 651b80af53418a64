// How each kind of engine is started: the argument vector, and for our own workers the settings file they read.
//
//   EngineSpec spec = TRY(engine_spec(plan, programs));   // writes the settings file for speech, tensor, document
//   Engine engine(spec, listener);
//
// Touches only the run folder. Start-up and reload only; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/document_limits.hpp"
#include "core/upstream.hpp"
#include "engine/engine.hpp"

namespace demarc::engine {

inline constexpr std::int64_t kDefaultContextTokens = 4'096;  // of a llama engine whose configuration names none

struct ModelFile {
  std::string path;    // of the weights: a file, or a folder for formats of several files
  std::string name;    // in models.lock
  std::string digest;  // "sha256:…"
  std::uint64_t size_bytes = 0;
};

struct EnginePlan {
  UpstreamSpec upstream;  // one with `engine`
  ModelFile model;
  std::string run_folder;   // mode 0700; sockets and settings go there
  std::string programs;     // the folder of demarc, llama-server, demarc-speech, …
  std::uint32_t cores = 2;  // of the machine
  int start_timeout_ms = 120'000, hang_timeout_ms = 30'000, stuck_timeout_ms = 30 * 60'000;
  DocumentLimits document_limits{};  // for an engine for documents
  std::uint32_t generation = 0;      // tells a new engine's socket from that of the one it replaces

  // Whether an engine started for `other` also serves this.
  [[nodiscard]] bool same_engine(const EnginePlan& other) const;
};

// Requests that an engine takes beside those in its slots: our speech worker goes from one to another between their windows, our document
// worker between their pages, and our worker of vectors puts all that it has into common batches.
std::uint32_t places_beside(const UpstreamSpec& upstream);

// What each request may take in an engine that starts a process for it (our document worker's reader), with the request itself. 0: it starts none.
std::uint64_t reader_bytes(const EnginePlan& plan);

Result<EngineSpec, std::string> engine_spec(const EnginePlan& plan);

// What a llama engine must be told so that it lies where the ledger put it: so many layers on these GPUs, in proportion. `bytes` is by device as in
// Placement; none where the machine has no GPU.
std::vector<std::string> placement_arguments(const std::vector<std::uint64_t>& bytes, std::uint32_t gpu_layers);
// How many NVIDIA devices this llama-server was built to use and finds: it is asked. 0 also if it cannot be started.
std::size_t count_cuda_devices(const std::string& llama_server);

}  // namespace demarc::engine
