// Store: where models lie on disk. Content-addressed and read-only, with a folder of links per model for engines that want the publisher's file
// names.
//
//   Store store(data);
//   const Resolved model = TRY(store.resolve("whisper-base"));   // .weights = DATA/models/by-name/whisper-base, a folder; for one file, that file
//
//   DATA/models.lock                      which models, which bytes (lock.hpp)
//   DATA/models/sha256/HEX                the bytes, mode 0444
//   DATA/models/by-name/NAME/PATH         relative links to them: the data folder may move
//   DATA/models/incoming/                 what is not verified yet; partial downloads wait here to be resumed
//   DATA/models/lock                      held while something changes
//
// Readers need no lock: a model's folder is exchanged in one step. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "models/catalogue.hpp"
#include "models/disk.hpp"
#include "models/lock.hpp"

namespace demarc::models {

struct Resolved {
  std::filesystem::path weights;  // the file, or the folder where there are several
  std::string digest;             // root digest, "sha256:…"
  std::uint64_t size_bytes = 0;
  LockedModel locked;
};

// A row of `demarc models ls`.
struct Listed {
  std::string name, summary, licence, engine, source, digest;  // source: as locked, else the first of the catalogue
  std::vector<Role> roles;
  std::uint64_t size_bytes = 0;
  bool starter = false, locked = false, installed = false;
  bool in_catalogue = false;
};

class Store {
 public:
  explicit Store(std::filesystem::path data) : data_(std::move(data)) {}

  // The locked model's weights; not_installed if the lock does not name it or a file is missing or of the wrong size (verify.hpp reads the bytes).
  [[nodiscard]] ModelResult<Resolved> resolve(std::string_view name) const;
  [[nodiscard]] ModelResult<std::vector<Listed>> list(const Catalogue& catalogue) const;

  // Changes; all but lock_folder() are called with its result held.
  [[nodiscard]] ModelResult<FolderLock> lock_folder(const std::stop_token& stop, const std::function<void()>& on_wait) const;
  // Moves a verified file of `incoming` to its place.
  [[nodiscard]] ModelResult<void> adopt(const std::filesystem::path& verified, const FileSpec& file) const;
  // Makes DATA/models/by-name/NAME and then the lock's entry say what `model` says. All its blobs are here.
  [[nodiscard]] ModelResult<void> install(const LockedModel& model) const;

  [[nodiscard]] bool has_blob(const FileSpec& file) const;  // present with the right size
  [[nodiscard]] std::filesystem::path blob(std::string_view sha256) const { return models() / "sha256" / sha256; }
  [[nodiscard]] std::filesystem::path folder(std::string_view name) const { return models() / "by-name" / name; }
  [[nodiscard]] std::filesystem::path incoming() const { return models() / "incoming"; }
  [[nodiscard]] std::filesystem::path lock_file() const { return data_ / "models.lock"; }
  [[nodiscard]] std::filesystem::path models() const { return data_ / "models"; }

 private:
  std::filesystem::path data_;
};

// Pins the catalogue's bytes of a model without fetching them. `changed` if the lock pins others.
ModelResult<LockedModel> lock_only(const Store& store, const Entry& entry, const std::stop_token& stop);

struct Removed {
  std::uint64_t freed_bytes = 0;
};
// Forgets the model, then deletes the bytes that no other model of the lock needs.
ModelResult<Removed> remove(const Store& store, std::string_view name, const std::stop_token& stop);

}  // namespace demarc::models
