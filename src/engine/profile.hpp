// Profile: what an engine with a model was measured to take, kept between runs, so that the next start need not guess.
//
//   ProfileBook book = ProfileBook::open(real_disk(), data + "/engines.json");
//   const Need need = need_of(plan, book.find(profile_key(plan)), book.find_model(plan));   // measured, or a formula's estimate
//   …the engine is ready…
//   book.learn(profile_key(plan), profile);
//
// The measuring itself: measure.hpp. Any thread; one mutex in the book, held for a small file's write.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.hpp"
#include "core/io/disk.hpp"
#include "engine/command.hpp"
#include "engine/ledger.hpp"
#include "engine/measure.hpp"

namespace demarc::engine {

// What tells one measurement from another: the kind of engine, the model's bytes, and the settings that change what it takes.
std::string profile_key(const EnginePlan& plan);
std::uint64_t total_context_tokens(const EnginePlan& plan);  // of all slots

// What the machine's memory must have for it: the most that was seen, or what it took at first and its prompt cache, which fills only with time; and
// no less than what it named, of which some may not have been touched yet. Of an engine that starts a process for each request: what it took before
// anybody asked, and one such process, whether or not one runs.
std::uint64_t reserved_ram_bytes(const Profile& profile, const EnginePlan& plan);

// Before anybody has loaded it: the file's size, and an attention cache computed from the shape that a model of that many parameters usually has
// (layers = width / 128, parameters = 12 × layers × width², a quarter of the heads kept: 2 × 2 bytes × layers × width / 4 for each token).
Need estimate_need(const EnginePlan& plan);
// From its own measurement; failing that from one of the same model with another context; failing that the estimate.
class ProfileBook;
Need need_of(const EnginePlan& plan, const ProfileBook& book);

class ProfileBook {
 public:
  ProfileBook(Disk& disk, std::string path);  // an unreadable file is an empty book: it is only what was measured
  ProfileBook(const ProfileBook&) = delete;
  ProfileBook& operator=(const ProfileBook&) = delete;

  [[nodiscard]] std::optional<Profile> find(const std::string& key) const;
  // Some measurement whose key begins so: of the same model with other settings.
  [[nodiscard]] std::optional<std::pair<std::string, Profile>> find_like(std::string_view prefix) const;
  // Peaks only grow; the rest is replaced. Written to the file when something changed by more than a hundredth.
  void learn(const std::string& key, const Profile& profile);

 private:
  static constexpr std::size_t kMost = 1'000;
  void write() REQUIRES(mutex_);

  Disk& disk_;
  const std::string path_;
  mutable Mutex mutex_;
  std::map<std::string, Profile, std::less<>> profiles_ GUARDED_BY(mutex_);
};

}  // namespace demarc::engine
