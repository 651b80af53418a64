#include "core/io/disk_memory.hpp"

#include <algorithm>

namespace demarc {
namespace {

constexpr std::size_t kBlockBytes = 512;

void overwrite(std::string& file, std::uint64_t offset, std::string_view bytes) {
  if (file.size() < offset + bytes.size()) file.resize(offset + bytes.size(), '\0');
  file.replace(offset, bytes.size(), bytes);
}

}  // namespace

class MemoryDisk::MemoryFile final : public File {
 public:
  MemoryFile(MemoryDisk& disk, std::shared_ptr<Node> node, std::uint64_t generation) : disk_(disk), node_(std::move(node)), generation_(generation) {}

  Result<std::string, DiskError> read(std::uint64_t offset, std::size_t size_bytes) override {
    MutexLock lock(disk_.mutex_);
    TRY(alive());
    return offset >= node_->current.size() ? std::string() : node_->current.substr(offset, size_bytes);
  }
  Result<void, DiskError> pwrite(std::uint64_t offset, std::string_view bytes) override {
    MutexLock lock(disk_.mutex_);
    return write(offset, bytes);
  }
  Result<void, DiskError> append(std::string_view bytes) override {
    MutexLock lock(disk_.mutex_);
    return write(node_->current.size(), bytes);
  }
  Result<void, DiskError> sync() override {
    MutexLock lock(disk_.mutex_);
    const auto went = alive();
    if (went)
      for (const auto& [offset, bytes] : node_->unsynced) overwrite(node_->durable, offset, bytes);
    node_->unsynced.clear();  // also after a failure: the pages count as clean
    return went;
  }
  Result<void, DiskError> preallocate(std::uint64_t size_bytes) override {
    MutexLock lock(disk_.mutex_);
    TRY(alive());
    const std::uint64_t now = node_->current.size();
    if (size_bytes <= now) return {};
    return disk_.write(*node_, now, std::string(size_bytes - now, '\0'));
  }
  Result<std::uint64_t, DiskError> size() override {
    MutexLock lock(disk_.mutex_);
    TRY(alive());
    return node_->current.size();
  }

 private:
  Result<void, DiskError> alive() REQUIRES(disk_.mutex_) {
    if (generation_ != disk_.generation_) return fail(DiskError::io);
    return disk_.step();
  }
  Result<void, DiskError> write(std::uint64_t offset, std::string_view bytes) REQUIRES(disk_.mutex_) {
    const bool was_off = disk_.off_;
    const auto went = alive();
    if (went) return disk_.write(*node_, offset, bytes);
    if (generation_ == disk_.generation_ && !was_off) (void)disk_.write(*node_, offset, bytes.substr(0, bytes.size() / 2));
    return went;
  }

  MemoryDisk& disk_;
  std::shared_ptr<Node> node_;
  std::uint64_t generation_;
};

class MemoryDisk::MemoryLock final : public DiskLock {
 public:
  MemoryLock(std::shared_ptr<std::set<std::string>> locks, std::string path) : locks_(std::move(locks)), path_(std::move(path)) {}
  ~MemoryLock() override { locks_->erase(path_); }

 private:
  std::shared_ptr<std::set<std::string>> locks_;  // a crash leaves old locks their own set
  std::string path_;
};

void MemoryDisk::fail_at(std::uint64_t n) {
  MutexLock lock(mutex_);
  countdown_ = n, stays_off_ = false, happened_ = false;
}

void MemoryDisk::crash_at(std::uint64_t n) {
  MutexLock lock(mutex_);
  countdown_ = n, stays_off_ = true, happened_ = false;
}

bool MemoryDisk::fault_happened() const {
  MutexLock lock(mutex_);
  return happened_;
}

void MemoryDisk::set_capacity(std::uint64_t size_bytes) {
  MutexLock lock(mutex_);
  capacity_bytes_ = size_bytes;
}

Result<void, DiskError> MemoryDisk::step() {
  if (off_) return fail(DiskError::io);
  if (countdown_ == 0) return {};
  --countdown_;
  if (countdown_ > 0) return {};
  off_ = stays_off_, happened_ = true;
  return fail(DiskError::io);
}

void MemoryDisk::crash(Survives survives, std::uint64_t seed) {
  MutexLock lock(mutex_);
  ++generation_, countdown_ = 0, off_ = false;
  locks_ = std::make_shared<std::set<std::string>>();
  if (survives == Survives::all) return;
  std::mt19937_64 dice(seed);
  const std::size_t kept = survives == Survives::some ? dice() % (unsynced_names_.size() + 1) : 0;
  Names names = durable_names_;
  for (std::size_t i = 0; i < kept; ++i)
    for (const auto& [path, node] : unsynced_names_[i]) {
      if (node)
        names[path] = node;
      else
        names.erase(path);
    }
  for (auto at = names.begin(); at != names.end();) {  // in order of paths, so a lost folder comes before what it held
    const std::string parent = parent_directory(at->first);
    const bool reachable = parent == "." || parent == "/" || names.contains(parent);
    at = reachable ? std::next(at) : names.erase(at);
  }
  for (const auto& [path, node] : names) {
    if (survives == Survives::some)
      for (const auto& [offset, bytes] : node->unsynced)
        for (std::size_t begin = 0; begin < bytes.size();) {
          const std::size_t end = std::min(bytes.size(), begin + kBlockBytes - (offset + begin) % kBlockBytes);
          if (dice() % 2 == 0) overwrite(node->durable, offset + begin, std::string_view(bytes).substr(begin, end - begin));
          begin = end;
        }
    node->unsynced.clear();
    node->current = node->durable;
  }
  names_ = durable_names_ = std::move(names);
  unsynced_names_.clear();
}

std::map<std::string, std::string> MemoryDisk::files() const {
  MutexLock lock(mutex_);
  std::map<std::string, std::string> out;
  for (const auto& [path, node] : names_)
    if (!node->directory) out[path] = node->current;
  return out;
}

void MemoryDisk::put(const std::string& path, std::string contents) {
  MutexLock lock(mutex_);
  for (std::string folder = parent_directory(path); folder != "." && folder != "/"; folder = parent_directory(folder)) {
    auto& node = names_[folder];
    if (!node) node = std::make_shared<Node>(Node{true, {}, {}, {}});
    durable_names_[folder] = node;
  }
  auto node = std::make_shared<Node>();
  node->durable = node->current = std::move(contents);
  names_[path] = durable_names_[path] = std::move(node);
}

void MemoryDisk::erase(const std::string& path) {
  MutexLock lock(mutex_);
  names_.erase(path), durable_names_.erase(path);
}

void MemoryDisk::apply(Change change) {
  for (const auto& [path, node] : change) {
    if (node)
      names_[path] = node;
    else
      names_.erase(path);
  }
  unsynced_names_.push_back(std::move(change));
}

std::shared_ptr<MemoryDisk::Node> MemoryDisk::find(const std::string& path) const {
  const auto at = names_.find(path);
  return at == names_.end() ? nullptr : at->second;
}

std::uint64_t MemoryDisk::used() const {
  std::uint64_t total = 0;
  for (const auto& [path, node] : names_) total += node->current.size();
  return total;
}

Result<void, DiskError> MemoryDisk::write(Node& node, std::uint64_t offset, std::string_view bytes) {
  const std::uint64_t end = offset + bytes.size();
  if (capacity_bytes_ != UINT64_MAX && end > node.current.size() && used() + (end - node.current.size()) > capacity_bytes_)
    return fail(DiskError::full);
  overwrite(node.current, offset, bytes);
  node.unsynced.emplace_back(offset, bytes);
  return {};
}

Result<std::unique_ptr<File>, DiskError> MemoryDisk::open(const std::string& path, OpenMode mode, unsigned /*permissions*/) {
  MutexLock lock(mutex_);
  TRY(step());
  auto node = find(path);
  if (mode == OpenMode::create) {
    if (node) return fail(DiskError::exists);
    const std::string parent = parent_directory(path);
    if (parent != "." && parent != "/" && !find(parent)) return fail(DiskError::not_found);
    node = std::make_shared<Node>();
    apply({{path, node}});
  }
  if (!node || node->directory) return fail(DiskError::not_found);
  return std::unique_ptr<File>(std::make_unique<MemoryFile>(*this, std::move(node), generation_));
}

Result<void, DiskError> MemoryDisk::rename(const std::string& from, const std::string& to) {
  MutexLock lock(mutex_);
  TRY(step());
  auto node = find(from);
  if (!node) return fail(DiskError::not_found);
  apply({{from, nullptr}, {to, std::move(node)}});
  return {};
}

Result<void, DiskError> MemoryDisk::remove(const std::string& path) {
  MutexLock lock(mutex_);
  TRY(step());
  if (!find(path)) return fail(DiskError::not_found);
  const auto below = names_.upper_bound(path + "/");
  if (below != names_.end() && below->first.starts_with(path + "/")) return fail(DiskError::io);  // not empty
  apply({{path, nullptr}});
  return {};
}

Result<void, DiskError> MemoryDisk::make_directory(const std::string& path, unsigned /*permissions*/) {
  MutexLock lock(mutex_);
  TRY(step());
  if (find(path)) return fail(DiskError::exists);
  const std::string parent = parent_directory(path);
  if (parent != "." && parent != "/" && !find(parent)) return fail(DiskError::not_found);
  apply({{path, std::make_shared<Node>(Node{true, {}, {}, {}})}});
  return {};
}

Result<void, DiskError> MemoryDisk::sync_directory(const std::string& path) {
  MutexLock lock(mutex_);
  TRY(step());
  if (path != "." && path != "/" && !find(path)) return fail(DiskError::not_found);
  const auto here = [&](const auto& change) { return parent_directory(change.first) == path; };
  for (const auto& [name, node] : names_)
    if (parent_directory(name) == path) durable_names_[name] = node;
  for (auto at = durable_names_.begin(); at != durable_names_.end();) {
    const bool gone = parent_directory(at->first) == path && !names_.contains(at->first);
    at = gone ? durable_names_.erase(at) : std::next(at);
  }
  for (Change& change : unsynced_names_) std::erase_if(change, here);
  return {};
}

Result<std::vector<DirectoryEntry>, DiskError> MemoryDisk::list(const std::string& path) {
  MutexLock lock(mutex_);
  TRY(step());
  const auto folder = find(path);
  if (path != "." && path != "/" && (!folder || !folder->directory)) return fail(DiskError::not_found);
  std::vector<DirectoryEntry> entries;
  for (const auto& [name, node] : names_)
    if (parent_directory(name) == path) entries.push_back({name.substr(name.rfind('/') + 1), node->directory});
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return entries;
}

Result<std::unique_ptr<DiskLock>, DiskError> MemoryDisk::lock(const std::string& path) {
  MutexLock lock(mutex_);
  TRY(step());
  if (!locks_->insert(path).second) return fail(DiskError::locked);
  return std::unique_ptr<DiskLock>(std::make_unique<MemoryLock>(locks_, path));
}

}  // namespace demarc
