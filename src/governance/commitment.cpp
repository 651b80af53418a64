#include "governance/commitment.hpp"

#include <array>

#include "base/check.hpp"
#include "base/encode.hpp"
#include "base/strings.hpp"
#include "governance/merkle.hpp"

namespace demarc::governance {
namespace {

constexpr std::size_t kKeyBytes = 32;

// A file's name shows who the subject is only to whom already knows; the contents are the secret.
std::string file_name(std::string_view subject) { return to_hex(as_bytes(sha256("demarc subject\n" + std::string(subject)))); }

}  // namespace

std::string Commitment::finish() { return to_base64(bytes_of(mac_.finish())); }

Result<std::unique_ptr<Commitments>, DiskError> Commitments::open(Disk& disk, std::string dir, Random& random) {
  TRY(make_directories(disk, dir, 0700));
  std::unique_ptr<Commitments> commitments(new Commitments(disk, std::move(dir), random));
  MutexLock lock(commitments->mutex_);
  for (const DirectoryEntry& entry : TRY(disk.list(commitments->dir_))) {
    if (entry.name.size() != 64) continue;
    const auto key = from_hex(trim(TRY(read_file(disk, commitments->dir_ + "/" + entry.name, 256))));
    if (!key || key->size() != kKeyBytes) return fail(DiskError::io);
    commitments->keys_[entry.name] = *key;
  }
  return commitments;
}

std::string Commitments::path_of(std::string_view subject) const { return dir_ + "/" + file_name(subject); }

Result<void, DiskError> Commitments::ensure(std::string_view subject) {
  MutexLock lock(mutex_);  // held for the write, so that two callers make one key
  std::string& name = names_[std::string(subject)];
  if (name.empty()) name = file_name(subject);
  if (keys_.contains(name)) return {};
  std::string key(kKeyBytes, '\0');
  random_.fill(key.data(), key.size());
  TRY(write_file_durably(disk_, path_of(subject), to_hex(key) + "\n", 0600));
  keys_[name] = std::move(key);
  return {};
}

Commitment Commitments::begin(std::string_view subject, std::string_view request_id, std::string_view label) {
  std::string subject_key;
  {
    MutexLock lock(mutex_);
    const auto met = names_.find(subject);
    if (const auto at = keys_.find(met != names_.end() ? met->second : file_name(subject)); at != keys_.end()) subject_key = at->second;
  }
  if (subject_key.empty()) {
    subject_key.resize(kKeyBytes);
    random_.fill(subject_key.data(), subject_key.size());
  }
  HmacSha256 derive(subject_key);
  for (const std::string_view part : {std::string_view("demarc commitment v1\n"), request_id, std::string_view("\n"), label}) derive.update(part);
  return Commitment(to_base64(bytes_of(derive.finish())));
}

bool Commitments::opens(std::string_view commitment, std::string_view subject, std::string_view request_id, std::string_view label,
                        std::string_view content) {
  Commitment again = begin(subject, request_id, label);
  again.update(content);
  return again.finish() == commitment;
}

Result<void, DiskError> Commitments::erase(std::string_view subject) {
  MutexLock lock(mutex_);
  const auto at = keys_.find(file_name(subject));
  if (at == keys_.end()) return fail(DiskError::not_found);
  auto file = TRY(disk_.open(path_of(subject), OpenMode::update));
  TRY(file->pwrite(0, std::string(2 * kKeyBytes, '0')));
  TRY(file->sync());
  TRY(disk_.remove(path_of(subject)));
  TRY(disk_.sync_directory(dir_));
  keys_.erase(at);
  return {};
}

}  // namespace demarc::governance
