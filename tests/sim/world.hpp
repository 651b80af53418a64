// World: a whole gateway in one thread, on a simulated clock, disk and network: everything but sockets and engines is what serves in earnest.
//
//   World world({.seed = 7, .faults = {.broken = 0.1}, .disk = &disk});
//   world.come_for(std::chrono::hours(24), 1.0);      // so many requests a second, each from the dice
//   world.settle();                                   // until everybody has an answer
//   world.check();                                    // what must hold whatever happened
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/io/disk.hpp"
#include "gateway/router.hpp"
#include "gateway/services.hpp"
#include "loop.hpp"
#include "network.hpp"

namespace demarc::sim {

struct WorldOptions {
  std::uint64_t seed = 1;
  Faults faults = {};
  Disk& disk;
  std::string folder;    // a real one: the data folder on `disk`, if that is the real one; SQLite's file in any case
  double leaves = 0.02;  // probability that a client does not wait for its answer
  std::string limits;    // more of demarc.yaml's `limits`
};

// What became of one request.
struct Visit {
  int status = 0;         // 0: none yet
  bool complete = false;  // the whole answer was written
  bool aborted = false, left = false, ended = false;
  std::string request_id;
  std::size_t answer_bytes = 0;
};

class World {
 public:
  explicit World(const WorldOptions& options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // One request that the dice choose; the gateway answers it as time goes on.
  void come();
  // So many a second on average, for so long.
  void come_for(std::chrono::nanoseconds duration, double per_second);
  void run_for(std::chrono::nanoseconds duration);
  // Until all are answered; CHECKs that this comes.
  void settle();
  // The log: closed, verified; every INTENT has its OUTCOME. Then the world is over.
  void close();

  [[nodiscard]] const std::vector<std::shared_ptr<Visit>>& visits() const { return visits_; }
  void forget_visits();  // those that are over
  [[nodiscard]] std::uint64_t came() const { return came_; }
  [[nodiscard]] std::uint64_t unfinished() const { return unfinished_; }
  [[nodiscard]] gateway::Services& services() { return services_; }
  [[nodiscard]] SimNetwork& network() { return *network_; }
  [[nodiscard]] SimLoop& loop() { return loop_; }
  [[nodiscard]] std::string audit_folder() const { return options_.folder + "/audit"; }

  static constexpr std::string_view kCloud = "cloud.example", kOtherCloud = "other.example", kHome = "127.0.0.1";

 private:
  class Client;
  static Task<void> serve(World& world, std::shared_ptr<Client> client);
  [[nodiscard]] std::string body();
  [[nodiscard]] bool owed() const { return services_.log->waiting() > 0; }

  const WorldOptions options_;
  Dice dice_;
  SimLoop loop_;
  std::unique_ptr<DiskLock> lock_;
  gateway::Services services_;
  gateway::Router router_;
  SimNetwork* network_ = nullptr;
  std::vector<std::shared_ptr<Visit>> visits_;
  std::uint64_t came_ = 0, unfinished_ = 0;
};

}  // namespace demarc::sim
