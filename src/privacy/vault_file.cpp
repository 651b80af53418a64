#include "privacy/vault_file.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <map>

#include "base/encode.hpp"
#include "base/strings.hpp"
#include "core/hmac.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;
constexpr std::size_t kSlack = std::size_t{4} << 20;  // a file smaller than this is not worth rewriting
constexpr std::size_t kHeaderMost = 64;
constexpr std::string_view kMagic = "demarc vault 1 ";

std::string_view view_of(const Digest& digest) { return bytes_of(digest); }

// The file's frames one after the other, read in pieces.
class Frames {
 public:
  Frames(File& file, std::uint64_t at) : file_(file), at_(at) {}
  // nullopt: the end, after which left() bytes cannot be read. The frame lives until the next call.
  Result<std::optional<VaultFrame>, DiskError> next() {
    buffer_.erase(0, std::exchange(taken_, 0));
    for (;;) {
      const auto frame = read_frame(buffer_);
      if (frame) return taken_ = frame->size, std::optional(*frame);
      if (frame.error() == FrameError::damaged) return std::optional<VaultFrame>();
      const std::string more = TRY(file_.read(at_, kPiece));
      if (more.empty()) return std::optional<VaultFrame>();
      buffer_ += more, at_ += more.size();
    }
  }
  [[nodiscard]] Result<std::uint64_t, DiskError> left() const { return TRY(file_.size()) - (at_ - buffer_.size()); }

 private:
  File& file_;
  std::uint64_t at_;
  std::string buffer_;
  std::size_t taken_ = 0;
};

struct Found {
  Digest subject{};
  std::int64_t used_ms = 0;
  Tokens::List tokens;
};

}  // namespace

std::optional<Digest> parse_vault_key(std::string_view text) {
  const std::string_view line = trim(text);
  auto bytes = line.size() == 64 ? from_hex(line) : from_base64(line);
  Digest key{};
  if (!bytes || bytes->size() != key.size()) return {};
  std::copy(bytes->begin(), bytes->end(), key.begin());
  OPENSSL_cleanse(bytes->data(), bytes->size());
  return key;
}

VaultFile::VaultFile(Disk& disk, const std::string& dir, const Digest& key, Random& random, Clock& clock)
    : disk_(disk),
      dir_(dir),
      path_(dir + "/values.sealed"),
      random_(random),
      clock_(clock),
      seal_key_(keyed(key, {"demarc vault seal v1"})),
      secret_(keyed(key, {"demarc vault words v1"})),
      key_id_(to_hex(view_of(keyed(key, {"demarc vault key id v1"})).substr(0, 8))) {}

VaultFile::~VaultFile() {
  close();
  OPENSSL_cleanse(seal_key_.data(), seal_key_.size());
  OPENSSL_cleanse(secret_.data(), secret_.size());
}

std::string VaultFile::header() const { return std::string(kMagic) + key_id_ + "\n"; }

Result<std::unique_ptr<VaultFile>, std::string> VaultFile::open(Disk& disk, const std::string& dir, const Digest& key, Random& random, Clock& clock) {
  std::unique_ptr<VaultFile> vault(new VaultFile(disk, dir, key, random, clock));
  const auto cannot = [&](DiskError error) { return vault->path_ + ": " + std::string(to_string(error)); };
  if (auto made = make_directories(disk, dir, 0700); !made && made.error() != DiskError::exists) return fail(cannot(made.error()));
  auto file = disk.open(vault->path_, OpenMode::update, 0600);
  if (!file && file.error() == DiskError::not_found) return vault;
  if (!file) return fail(cannot(file.error()));
  const auto head = (*file)->read(0, kHeaderMost);
  if (!head) return fail(cannot(head.error()));
  const std::string mine = vault->header();
  if (!head->starts_with(kMagic)) return fail(vault->path_ + " is no vault of this version. Move it away; the values in it cannot be restored then.");
  if (!head->starts_with(mine))
    return fail(vault->path_ + " was sealed under another key (id " + head->substr(kMagic.size(), vault->key_id_.size()) +
                "; the one that vault.key gives has id " + vault->key_id_ +
                "). Give the former key again, or move the file away: placeholders made under it cannot be restored then.");
  vault->file_ = std::move(*file);
  return vault;
}

Result<VaultFile::Loaded, std::string> VaultFile::attach(Vault& vault, std::chrono::nanoseconds life) {
  const Loaded loaded = TRY(load(vault, life));
  vault_ = &vault;
  if (auto written = rewrite(); !written) {
    vault_ = nullptr;
    return fail(path_ + " cannot be written: " + std::string(to_string(written.error())));
  }
  {
    MutexLock lock(mutex_);
    queue_ = {};  // what the vault said while it took the values back is in the file now
  }
  return loaded;
}

void VaultFile::start() {
  thread_ = std::thread([this] { run(); });
}

Result<VaultFile::Loaded, std::string> VaultFile::load(Vault& vault, std::chrono::nanoseconds life) {
  Loaded loaded;
  if (!file_) return loaded;
  const auto cannot_read = [this](DiskError error) { return path_ + " cannot be read: " + std::string(to_string(error)); };
  std::map<Digest, Found> found;
  Frames frames(*file_, header().size());
  for (;;) {
    const std::optional<VaultFrame> frame = TRY(frames.next().map_error(cannot_read));
    if (!frame) break;
    auto record = frame->sequence > sequence_ ? open_frame(*frame, seal_key_) : std::nullopt;
    if (!record) {
      ++loaded.dropped_records;
      continue;
    }
    sequence_ = frame->sequence;
    if (record->kind == VaultRecord::Kind::dropped) {
      found.erase(record->conversation);
      continue;
    }
    Found& conversation = found[record->conversation];
    conversation.subject = record->subject;
    conversation.used_ms = std::max(conversation.used_ms, record->unix_ms);
    if (record->token) conversation.tokens.push_back(std::move(record->token));
  }
  loaded.cut_bytes = TRY(frames.left().map_error(cannot_read));

  std::vector<const std::pair<const Digest, Found>*> by_use;
  for (const auto& one : found) by_use.push_back(&one);
  std::ranges::sort(by_use, {}, [](const auto* one) { return one->second.used_ms; });
  const std::int64_t now_ms = clock_.now().unix_ms();
  const Monotonic now = clock_.monotonic();
  for (const auto* one : by_use) {
    const std::chrono::nanoseconds idle = std::chrono::milliseconds(std::max<std::int64_t>(0, now_ms - one->second.used_ms));
    if (idle >= life) continue;
    vault.adopt(one->first, one->second.subject, Monotonic{now.ns - idle.count()}, one->second.tokens);
    ++loaded.conversations, loaded.values += one->second.tokens.size();
  }
  vault.expire(now);
  return loaded;
}

void VaultFile::tell(VaultRecord record) {
  record.unix_ms = clock_.now().unix_ms();
  MutexLock lock(mutex_);
  if (closed_) return;
  queue_.records.push_back(std::move(record));
  arrived_.notify_one();
}

void VaultFile::added(const Digest& conversation, const Digest& subject, std::shared_ptr<const Token> token) {
  tell({.kind = VaultRecord::Kind::value, .conversation = conversation, .subject = subject, .token = std::move(token)});
}
void VaultFile::used(const Digest& conversation, const Digest& subject) {
  tell({.kind = VaultRecord::Kind::used, .conversation = conversation, .subject = subject});
}
void VaultFile::dropped(const Digest& conversation) { tell({.kind = VaultRecord::Kind::dropped, .conversation = conversation}); }

bool VaultFile::wait_for(Waiter& waiter, Want want) {
  MutexLock lock(mutex_);
  if (closed_) return false;
  queue_.waiters.push_back(&waiter);
  queue_.rewrite = queue_.rewrite || want == Want::rewritten;
  arrived_.notify_one();
  return true;
}

struct VaultFile::Enqueue {
  VaultFile& file;
  Want want;
  Waiter waiter;
  [[nodiscard]] bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> awaiting) {
    waiter.coroutine = awaiting;
    waiter.ok = true;
    if (file.wait_for(waiter, want)) return true;
    waiter.ok = false;
    return false;
  }
  [[nodiscard]] bool await_resume() const { return waiter.ok; }
};

Task<bool> VaultFile::kept(Loop& loop) {
  Enqueue enqueue{*this, Want::kept, {.loop = &loop, .coroutine = {}}};
  co_return co_await enqueue;
}
Task<bool> VaultFile::rewritten(Loop& loop) {
  Enqueue enqueue{*this, Want::rewritten, {.loop = &loop, .coroutine = {}}};
  co_return co_await enqueue;
}

bool VaultFile::block(Want want) {
  std::binary_semaphore done(0);
  Waiter waiter{.loop = nullptr, .coroutine = {}, .blocked = &done};
  if (!wait_for(waiter, want)) return false;
  done.acquire();
  return waiter.ok;
}
bool VaultFile::kept_blocking() { return block(Want::kept); }
bool VaultFile::rewritten_blocking() { return block(Want::rewritten); }

void VaultFile::close() {
  {
    MutexLock lock(mutex_);
    if (std::exchange(closed_, true)) return;
    queue_.stop = true;
    arrived_.notify_one();
  }
  if (thread_.joinable())
    thread_.join();
  else if (vault_ != nullptr)
    run();
}

std::string VaultFile::failure() const {
  MutexLock lock(mutex_);
  return failure_;
}

VaultFile::Taken VaultFile::take() NO_THREAD_SAFETY_ANALYSIS {  // the analysis does not know std::unique_lock
  std::unique_lock<std::mutex> lock(mutex_.native());
  arrived_.wait(lock, [this]() NO_THREAD_SAFETY_ANALYSIS { return !queue_.records.empty() || !queue_.waiters.empty() || queue_.stop; });
  return std::exchange(queue_, {});
}

void VaultFile::run() {
  for (bool stop = false; !stop;) {
    const Taken taken = take();
    stop = taken.stop;
    const auto written = write(taken);
    broken_ = !written;
    {
      MutexLock lock(mutex_);
      failure_ = written ? "" : path_ + ": " + std::string(to_string(written.error()));
    }
    for (Waiter* waiter : taken.waiters) {
      waiter->ok = written.ok();
      if (waiter->loop != nullptr)
        waiter->loop->post([coroutine = waiter->coroutine] { coroutine.resume(); });
      else
        waiter->blocked->release();
    }
  }
}

// Whatever was told is in the vault already, so a rewrite has it too.
Result<void, DiskError> VaultFile::write(const Taken& taken) {
  const bool doubled = size_ > 2 * size_when_rewritten_ + kSlack;
  if (taken.rewrite || broken_ || doubled) return rewrite();
  return append(taken.records);
}

Result<void, DiskError> VaultFile::append(const std::vector<VaultRecord>& records) {
  if (records.empty()) return {};
  std::string bytes;
  for (const VaultRecord& record : records) append_frame(bytes, record, ++sequence_, seal_key_, random_);
  TRY(file_->append(bytes));
  TRY(file_->sync());
  size_ += bytes.size();
  return {};
}

Result<void, DiskError> VaultFile::rewrite() {
  const std::string next = path_ + ".tmp";
  if (auto removed = disk_.remove(next); !removed && removed.error() != DiskError::not_found) return fail(removed.error());
  auto file = TRY(disk_.open(next, OpenMode::create, 0600));
  std::string bytes = header();
  std::uint64_t size = 0;
  const auto put = [&]() -> Result<void, DiskError> {
    TRY(file->append(bytes));
    size += bytes.size();
    bytes.clear();
    return {};
  };
  const Monotonic now = clock_.monotonic();
  const std::int64_t now_ms = clock_.now().unix_ms();
  for (const Vault::Content& content : vault_->contents()) {
    VaultRecord record{.kind = VaultRecord::Kind::value, .conversation = content.conversation, .subject = content.subject};
    record.unix_ms = now_ms - to_ms(now - content.used);
    for (const auto& token : content.tokens) {
      record.token = token;
      append_frame(bytes, record, ++sequence_, seal_key_, random_);
      if (bytes.size() >= kPiece) TRY(put());
    }
  }
  TRY(put());
  TRY(file->sync());
  TRY(disk_.rename(next, path_));
  TRY(disk_.sync_directory(dir_));
  file_ = std::move(file);
  size_ = size_when_rewritten_ = size;
  return {};
}

}  // namespace demarc::privacy
