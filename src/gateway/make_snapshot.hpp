// make_snapshot(): from files to the next Snapshot, whole or not at all.
//
//   auto next = make_snapshot(sources, services);    // reads policy and prices, starts the engines it needs
//   if (!next) …every problem, for people; the Snapshot in force stays
//
// Blocks (files); at start and on the reload thread.
#pragma once

#include <functional>

#include "gateway/services.hpp"

namespace demarc::gateway {

using ModelResolver = std::function<Result<engine::ModelFile, std::string>(const std::string& name)>;

using SnapshotPins = std::function<Result<std::vector<TargetRef>, std::string>()>;  // the dated cloud models that models.lock names

using ProfileSource = std::function<ModelProfile(const std::string& digest)>;  // what `demarc bench` measured of these weights

struct SnapshotSources {
  std::function<Result<config::Config, std::string>()> load_config;
  ModelResolver resolve_model;
  SnapshotPins pinned_snapshots;
  ProfileSource profile_of;  // none: nothing is known before it was seen
  std::string run_folder, programs;
};

Result<std::shared_ptr<const Snapshot>, std::string> make_snapshot(const SnapshotSources& sources, Services& services);

}  // namespace demarc::gateway
