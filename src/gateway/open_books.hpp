// open_books(): what a data folder holds, opened in the order in which it depends on itself: the log, which is the truth, then the projections,
// budgets, subjects and keys that follow from it.
//
//   TRY(open_books({.disk = real_disk(), .lock = *lock, .random = system_random(), .data = "/var/lib/demarc", …}, services));
//
// The error is for people: which file, what, what to do. Blocks; once, at the start. Disk, lock and clock must outlive the services.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/io/disk.hpp"
#include "gateway/services.hpp"

namespace demarc::gateway {

struct Books {
  Disk& disk;
  const DiskLock& lock;  // of the folder
  Random& random;
  std::string data;           // the folder on that disk
  std::string database = {};  // SQLite's file, on the real disk always; "": db.sqlite in the folder
  std::string version = {};
  std::string origin = {};  // the log's name by configuration; "": as it is, or suggested
  Clock* clock = nullptr;   // of the log's records; null: the system's
  std::function<void(const std::string&)> say = [](const std::string&) {};
};
Result<void, std::string> open_books(const Books& books, Services& services);

// Every caller is a subject, and so is the owner who comes without a key; no request has to wait for the file.
Result<void, std::string> ensure_subjects(Services& services, const std::vector<KeyRecord>& keys);

}  // namespace demarc::gateway
