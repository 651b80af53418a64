// Commitments: a record holds HMAC-SHA256(k, content), never contents nor a bare hash, so that who has a content and the key can show it was this
// one, and nobody else can even guess at it.
//
//   Commitments commitments = TRY(Commitments::open(disk, data + "/secret/subjects", random));
//   TRY(commitments.ensure("dmc_live_ab12cd34"));                                     // once per subject, at start or when its key is made
//   Commitment sent = commitments.begin("dmc_live_ab12cd34", request_id, "sent/0");   // then piece by piece, as a stream comes
//   sent.update(bytes);
//   record.sent_commitment = sent.finish();                                           // base64
//
// k = HMAC(subject key, request id and label): one random key per subject, on disk; one key per content, on no disk. erase() destroys the subject's
// key: from then on its commitments are noise, while the tree stays as it is (docs/adr/0003). Any thread; ensure() and erase() block on the disk.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "core/hmac.hpp"
#include "core/io/disk.hpp"
#include "core/io/loop.hpp"

namespace demarc::governance {

class Commitment {
 public:
  void update(std::string_view piece) { mac_.update(piece); }
  std::string finish();  // base64 of 32 bytes; once

 private:
  friend class Commitments;
  explicit Commitment(std::string_view key) : mac_(key) {}
  HmacSha256 mac_;
};

class Commitments {
 public:
  static Result<std::unique_ptr<Commitments>, DiskError> open(Disk& disk, std::string dir, Random& random);

  // The subject has a key after this, durable. `subject`: whose content it is: the caller's key id, or a customer the caller names.
  Result<void, DiskError> ensure(std::string_view subject);
  // The subject must have been ensured; an unknown or erased one gets a key that nobody keeps: such a commitment can never be opened.
  [[nodiscard]] Commitment begin(std::string_view subject, std::string_view request_id, std::string_view label);
  // Whether `commitment` is that of `content`; false also for an erased subject.
  [[nodiscard]] bool opens(std::string_view commitment, std::string_view subject, std::string_view request_id, std::string_view label,
                           std::string_view content);
  // Destroys the subject's key; not_found if it has none. Backups are the operator's to destroy. The caller appends the ERASE record.
  Result<void, DiskError> erase(std::string_view subject);

 private:
  Commitments(Disk& disk, std::string dir, Random& random) : disk_(disk), dir_(std::move(dir)), random_(random) {}
  [[nodiscard]] std::string path_of(std::string_view subject) const;

  Disk& disk_;
  std::string dir_;
  Random& random_;
  Mutex mutex_;
  std::map<std::string, std::string, std::less<>> keys_ GUARDED_BY(mutex_);   // subject's file name → 32 bytes
  std::map<std::string, std::string, std::less<>> names_ GUARDED_BY(mutex_);  // subject → that name, of those ensured: a request need not hash it
};

}  // namespace demarc::governance
