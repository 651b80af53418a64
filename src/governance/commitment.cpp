#include "governance/commitment.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>

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

Commitment::Commitment(std::string_view key) {
  static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);  // lives as long as the process
  std::array<char, 7> digest{"SHA256"};
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0), OSSL_PARAM_construct_end()};
  context_.reset(EVP_MAC_CTX_new(hmac));
  CHECK(context_ && EVP_MAC_init(context_.get(), reinterpret_cast<const unsigned char*>(key.data()), key.size(), params) == 1);
}

void Commitment::Free::operator()(evp_mac_ctx_st* context) const { EVP_MAC_CTX_free(context); }

void Commitment::update(std::string_view piece) {
  CHECK(EVP_MAC_update(context_.get(), reinterpret_cast<const unsigned char*>(piece.data()), piece.size()) == 1);
}

std::string Commitment::finish() {
  std::array<unsigned char, 32> out{};
  std::size_t size_bytes = 0;
  CHECK(EVP_MAC_final(context_.get(), out.data(), &size_bytes, out.size()) == 1 && size_bytes == out.size());
  return to_base64({reinterpret_cast<const char*>(out.data()), out.size()});
}

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
  const std::string name = file_name(subject);
  if (keys_.contains(name)) return {};
  std::string key(kKeyBytes, '\0');
  random_.fill(key.data(), key.size());
  TRY(write_file_durably(disk_, path_of(subject), to_hex(key) + "\n", 0600));
  keys_[name] = std::move(key);
  return {};
}

Commitment Commitments::begin(std::string_view subject, std::string_view request_id, std::string_view label) {
  std::string subject_key(kKeyBytes, '\0');
  random_.fill(subject_key.data(), subject_key.size());
  {
    MutexLock lock(mutex_);
    if (const auto at = keys_.find(file_name(subject)); at != keys_.end()) subject_key = at->second;
  }
  Commitment derive(subject_key);
  derive.update("demarc commitment v1\n");
  derive.update(request_id);
  derive.update("\n");
  derive.update(label);
  return Commitment(derive.finish());
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
