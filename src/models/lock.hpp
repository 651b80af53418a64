// models.lock: which models this installation serves, byte for byte. Written by pull, lock and rm; read by serve; fit for version control.
//
//   ModelsLock lock = TRY(read_lock(data / "models.lock"));    // a missing file is an empty lock
//   if (const LockedModel* model = lock.find("whisper-base")) use(model->digest);
//   TRY(write_lock(data / "models.lock", lock));
//
// A value; writers hold the store's lock (store.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/catalogue.hpp"
#include "models/digest.hpp"
#include "models/snapshot.hpp"

namespace demarc::models {

// How a model came to be that nobody published: made here out of another.
struct Lineage {
  std::string from, from_digest;  // the model it was made of, and its root digest
  std::string tool, version;      // "llama-quantize", what it says of itself
  std::string command;            // its arguments, files by their names alone
  friend bool operator==(const Lineage&, const Lineage&) = default;
};

struct LockedModel {
  std::string name, licence, engine;
  std::vector<Role> roles;
  std::uint64_t context_tokens = 0;  // 0: does not apply
  std::uint64_t dimensions = 0;      // 0: does not apply
  std::string source_uri;            // where the bytes came from, or would: "hf:OWNER/NAME", "pypi:PACKAGE==VERSION,…", "npm:…", "file:/FOLDER"
  std::string source_revision;       // hf: the commit; else empty
  std::vector<FileSpec> files;
  std::string digest;  // root_digest(files)
  std::optional<Lineage> lineage{};
};

struct ModelsLock {
  std::vector<LockedModel> models;        // sorted by name
  std::vector<PinnedSnapshot> snapshots;  // of cloud upstreams; sorted by upstream and model
  [[nodiscard]] const LockedModel* find(std::string_view name) const;
  void put(LockedModel model);  // replaces one of the same name
  void erase(std::string_view name);
  [[nodiscard]] bool pins(std::string_view upstream, std::string_view model) const;
  void put(PinnedSnapshot snapshot);
  void erase(std::string_view upstream, std::string_view model);
};

// What the lock says of `entry` when its bytes come from `source`.
LockedModel locked(const Entry& entry, const Source& source);

ModelResult<ModelsLock> parse_lock(std::string_view text, const std::string& file);
std::string print_lock(const ModelsLock& lock);
ModelResult<ModelsLock> read_lock(const std::filesystem::path& file);
ModelResult<void> write_lock(const std::filesystem::path& file, const ModelsLock& lock);

}  // namespace demarc::models
