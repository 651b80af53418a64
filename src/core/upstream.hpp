// UpstreamSpec: one place that can serve requests, as demarc.yaml describes it. A local child process, a GPU server down the hall and a cloud
// provider are one kind of thing. A Candidate is one model of one upstream. Immutable, part of the Snapshot; any thread may read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/operation.hpp"

namespace demarc {

struct ModelSpec {
  std::string name;                            // as the upstream knows it
  std::vector<Operation> serves;               // resolved: the entry's own, else the upstream's
  std::optional<std::int64_t> context_tokens;  // resolved likewise
  std::string space;                           // vector space of embeddings; "" unless declared
};

enum class Loading : std::uint8_t {
  start,   // with the gateway, if there is room
  demand,  // with the first request
  always,  // before everything else, and never put aside: what every request needs (detectors)
};

struct UpstreamSpec {
  std::string name;
  Tier tier = Tier::local;
  std::optional<EngineKind> engine;  // a child process of ours; else base_url
  std::string base_url;
  Provider provider = Provider::openai;  // the dialect it speaks
  std::string key;                       // secret; never printed, logged or sent anywhere but in this upstream's credential header
  std::optional<std::string> region;
  bool no_store = false;
  std::string ca_file;                                          // extra trust root, PEM; "" uses the system's
  std::vector<ModelSpec> models;                                // at least one; an engine has exactly one
  std::uint32_t slots = 2;                                      // engines: requests served at once
  std::uint32_t threads = 0;                                    // engines: 0 chooses by the machine
  std::uint64_t memory_limit_bytes = 0;                         // engines: 0 chooses by the model's size
  std::uint64_t prompt_cache_bytes = std::uint64_t{128} << 20;  // llama: for the beginnings of prompts that it has read before
  std::string speakers;                                         // speech: the model that tells speakers apart; "": none
  Loading loading = Loading::start;                             // engines
};

// An ordered entry of aliases/substitutes: an upstream with all its models, or one model of it.
struct TargetRef {
  std::string upstream;
  std::string model;  // "" means all
};

// A share of a workload's chats is also answered by a candidate of the local tier, for a pilot: nobody waits for it, and both answers are kept.
struct ShadowSpec {
  TargetRef candidate;         // model "": the upstream's first that serves chats
  double share = 0;            // of its requests, above 0 to 1
  std::int64_t pairs = 2'000;  // so many are kept, then no more
};

struct WorkloadSpec {
  std::string name;
  std::optional<Operation> operation;
  std::optional<Sensitivity> sensitivity;
  std::string bucket, owner;
  std::optional<double> quality_floor;  // 0..1
  std::optional<WorkClass> work_class;  // nullopt: by what is asked
  // Of its transcriptions by our own engine: what the recordings are about, names and terms as they are to be spelled, and the language.
  std::string speech_prompt;
  std::vector<std::string> speech_glossary;
  std::string speech_language;
  std::string repository;  // of its fill-in-the-middle: the folder whose code helps; absolute; "": callers bring what helps
  std::optional<ShadowSpec> shadow;
  std::string classifier;  // of its classifications by our own engine: the file's absolute path; "": callers bring labels of their own
};

struct NamedTargets {
  std::string name;
  std::vector<TargetRef> targets;
};

// What the names of a request can mean, and what is assumed of what nobody declared. The routing half of demarc.yaml.
struct Routing {
  std::vector<UpstreamSpec> upstreams;  // order matters: the last tie-breaker
  std::vector<NamedTargets> aliases;
  std::vector<NamedTargets> substitutes;  // by requested name
  std::vector<WorkloadSpec> workloads;
  Sensitivity default_sensitivity = Sensitivity::internal;
  std::optional<Sensitivity> unexamined_image, unexamined_audio, unexamined_file;  // absent key: findings become unknown
};

// What is known at this moment of a candidate; the live half, from health checks, queues and price book.
struct CandidateState {
  std::optional<bool> healthy = true;  // nullopt: unknown
  std::optional<std::int64_t> queue_ms = 0;
  std::optional<std::int64_t> context_tokens{};  // of this request, by the candidate's own count; nullopt: Attributes::context_tokens holds
  bool counts_tokens = false;                    // it can be asked for that count
  std::optional<bool> pinned;                    // nullopt: default by kind (engine: true, else false)
  std::optional<double> quality;                 // measured for this workload, 0..1
  std::optional<double> price_usd;               // expected price of this request; only for ranking, never for a bill
  std::optional<std::string> region;             // overrides the spec's in test cases
};

}  // namespace demarc
