// VaultFile: what a Vault holds, sealed on disk, so that an answer can be restored after a restart.
//
//   auto file = VaultFile::open(disk, data + "/vault", *parse_vault_key(text), random, clock);   // error: another key's file
//   Vault vault(file->secret(), random, limits, file->get());                                     // the same words as before the restart
//   VaultFile::Loaded loaded = TRY(file->attach(vault, limits.life));
//   file->start();
//   …
//   co_await file->kept(loop);       // what was told so far is on disk
//   co_await file->rewritten(loop);  // and nothing that was dropped is left in the file
//   file->close();                   // before the vault goes
//
// One file, written to its end by a thread of its own; rewritten without what is gone at every start, after an erasure, and when it has doubled.
// Every record is sealed by itself (vault_record.hpp): one that was changed, moved or doubled is dropped and counted, never restored. Nothing plain
// is written. A disk that fails costs the life beyond the process, not the service: the vault goes on in memory, failure() says why, and the next
// write tries to put the whole file anew. Format and reasons: docs/adr/0013. Any thread but where it says otherwise.
#pragma once

#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "core/io/disk.hpp"
#include "core/io/loop.hpp"
#include "core/io/task.hpp"
#include "privacy/vault.hpp"
#include "privacy/vault_record.hpp"

namespace demarc::privacy {

// 32 bytes in hex or base64, white space around them aside.
std::optional<Digest> parse_vault_key(std::string_view text);

class VaultFile final : public VaultKeeper {
 public:
  struct Loaded {
    std::size_t conversations = 0, values = 0;
    std::size_t dropped_records = 0;  // that did not open, or stood out of their order
    std::size_t cut_bytes = 0;        // of a torn or damaged end
  };

  // The folder is made if it is not there. Errors are for people and say what to do.
  static Result<std::unique_ptr<VaultFile>, std::string> open(Disk& disk, const std::string& dir, const Digest& key, Random& random, Clock& clock);
  ~VaultFile() override;
  VaultFile(const VaultFile&) = delete;
  VaultFile& operator=(const VaultFile&) = delete;

  [[nodiscard]] const Digest& secret() const { return secret_; }
  Result<Loaded, std::string> attach(Vault& vault, std::chrono::nanoseconds life);  // once, before the vault serves; blocks
  void start();  // once, after attach(): what is told is written from now on. Without it close() writes all of it, and nothing can be waited for.
  Task<bool> kept(Loop& loop);  // on the loop's thread; false: the disk failed
  Task<bool> rewritten(Loop& loop);
  bool kept_blocking();
  bool rewritten_blocking();
  void close();                               // writes what waits, then ends
  [[nodiscard]] std::string failure() const;  // "" while all is well

  void added(const Digest& conversation, const Digest& subject, std::shared_ptr<const Token> token) override;
  void used(const Digest& conversation, const Digest& subject) override;
  void dropped(const Digest& conversation) override;

 private:
  enum class Want : std::uint8_t { kept, rewritten };
  struct Waiter {
    Loop* loop = nullptr;  // either loop and coroutine …
    std::coroutine_handle<> coroutine;
    std::binary_semaphore* blocked = nullptr;  // … or a thread that waits
    bool ok = true;
  };
  struct Enqueue;
  struct Taken {
    std::vector<VaultRecord> records;
    std::vector<Waiter*> waiters;
    bool rewrite = false, stop = false;
  };

  VaultFile(Disk& disk, const std::string& dir, const Digest& key, Random& random, Clock& clock);
  Result<Loaded, std::string> load(Vault& vault, std::chrono::nanoseconds life);
  void tell(VaultRecord record);
  bool wait_for(Waiter& waiter, Want want);  // false: closed, nobody will be woken
  bool block(Want want);
  Taken take();
  void run();
  Result<void, DiskError> write(const Taken& taken);
  Result<void, DiskError> append(const std::vector<VaultRecord>& records);
  Result<void, DiskError> rewrite();
  [[nodiscard]] std::string header() const;

  Disk& disk_;
  const std::string dir_, path_;
  Random& random_;
  Clock& clock_;
  Digest seal_key_, secret_;
  const std::string key_id_;
  Vault* vault_ = nullptr;
  std::thread thread_;

  // The writer's own.
  std::unique_ptr<File> file_;
  std::uint64_t sequence_ = 0, size_ = 0, size_when_rewritten_ = 0;
  bool broken_ = false;

  mutable Mutex mutex_;
  std::condition_variable arrived_;
  Taken queue_ GUARDED_BY(mutex_);
  bool closed_ GUARDED_BY(mutex_) = false;
  std::string failure_ GUARDED_BY(mutex_);
};

}  // namespace demarc::privacy
