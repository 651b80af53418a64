// Quarantine: requests that killed an engine. One that did so twice is refused from then on, for a time, also after a restart. Nothing of a request
// is kept but a keyed digest of it.
//
//   quarantine.standing(digest, now)        // clean, suspect (let it run alone), quarantined (refuse it)
//   Flights flights(quarantine, "chat-local");
//   {
//     Flights::Flight flight = flights.enter(digest);          // it is at the engine
//     …
//     flight.served();                                         // it came through: no longer a suspect, if it was alone
//     flight.broke();                                          // or the connection broke: the engine may have died of it
//   }                                                          // or neither: it was put aside, which says nothing
//   flights.died(now);                                         // the engine died: whoever was there, or broke since it lives, is suspect
//
// Any thread; one mutex each, held by Quarantine for a small file's write when a request killed an engine.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.hpp"
#include "base/time.hpp"
#include "core/io/disk.hpp"

namespace demarc::engine {

enum class RequestStanding : std::uint8_t { clean, suspect, quarantined };

struct QuarantineEntry {
  std::string digest, upstream;
  std::uint32_t deaths = 0;
  Instant last;
};

class Quarantine {
 public:
  static constexpr std::uint32_t kDeaths = 2;
  static constexpr std::chrono::hours kLife{7 * 24};

  Quarantine(Disk& disk, std::string path);  // an unreadable file is an empty one

  [[nodiscard]] RequestStanding standing(const std::string& digest, Instant now) const;
  void killed(const std::vector<std::string>& digests, const std::string& upstream, Instant now);
  void came_through(const std::string& digest);
  [[nodiscard]] std::vector<QuarantineEntry> list(Instant now) const;  // those quarantined
  // By the digest's beginning, at least eight characters of it; "" all. How many they were.
  std::size_t release(std::string_view beginning);

 private:
  static constexpr std::size_t kMost = 10'000;
  void write() REQUIRES(mutex_);

  Disk& disk_;
  const std::string path_;
  mutable Mutex mutex_;
  std::map<std::string, QuarantineEntry, std::less<>> entries_ GUARDED_BY(mutex_);
};

class Flights {
 public:
  class Flight {  // move-only
   public:
    Flight() = default;
    Flight(Flight&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), at_(other.at_) {}
    Flight& operator=(Flight&& other) noexcept {
      std::swap(owner_, other.owner_), std::swap(at_, other.at_);
      return *this;
    }
    ~Flight() { end(Ending::nothing); }
    void served() { end(Ending::served); }
    void broke() { end(Ending::broke); }

   private:
    friend class Flights;
    struct Entry {
      std::string digest;
      bool counted = false;  // the engine died under it, which is known already
      bool shared = false;   // others were there meanwhile
    };
    using Place = std::list<Entry>::iterator;
    enum class Ending : std::uint8_t { nothing, served, broke };
    Flight(Flights* owner, Place at) : owner_(owner), at_(at) {}
    void end(Ending ending) {
      if (owner_ != nullptr) std::exchange(owner_, nullptr)->leave(at_, ending);
    }
    Flights* owner_ = nullptr;
    Place at_{};
  };

  Flights(Quarantine& quarantine, std::string upstream) : quarantine_(quarantine), upstream_(std::move(upstream)) {}
  Flights(const Flights&) = delete;
  Flights& operator=(const Flights&) = delete;

  Flight enter(std::string digest);
  void died(Instant now);
  void lives();  // it was looked at, and is well: what broke, broke for another reason

 private:
  void leave(Flight::Place at, Flight::Ending ending);

  Quarantine& quarantine_;
  const std::string upstream_;
  Mutex mutex_;
  std::list<Flight::Entry> under_way_ GUARDED_BY(mutex_);
  std::vector<std::string> broken_ GUARDED_BY(mutex_);
};

}  // namespace demarc::engine
