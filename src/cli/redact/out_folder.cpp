#include "cli/redact/out_folder.hpp"

#include "models/digest.hpp"

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlock_bytes = std::size_t{1} << 20U;
constexpr std::size_t kLine_bytes = std::size_t{256} << 20U;  // of the journal; a longer one is taken for damaged

std::string line_of(const JournalEntry& entry) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("path", entry.below);
    json.field("size_bytes", entry.size_bytes);
    json.field("mtime_ns", entry.changed_ns);
    json.field("input", entry.input);
    json.field("options", entry.options);
    json.field("output", entry.output);
    json.field("changed", entry.changed);
    write_found(json, entry.found);
  });
  return out + '\n';
}

std::optional<JournalEntry> entry_of(const std::string& line) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(line).get(root) != simdjson::SUCCESS) return std::nullopt;
  JournalEntry entry;
  const auto text = [&](const char* field, std::string& into) {
    std::string_view value;
    if (root[field].get(value) != simdjson::SUCCESS) return false;
    into = value;
    return true;
  };
  if (!text("path", entry.below) || !text("input", entry.input) || !text("options", entry.options) || !text("output", entry.output) ||
      root["size_bytes"].get(entry.size_bytes) != simdjson::SUCCESS || root["mtime_ns"].get(entry.changed_ns) != simdjson::SUCCESS ||
      root["changed"].get(entry.changed) != simdjson::SUCCESS)
    return std::nullopt;
  entry.found = read_found(root);
  return entry;
}

std::optional<std::string> digest_of_file(Disk& disk, const std::string& path) {
  const auto file = disk.open(path, OpenMode::read);
  if (!file) return std::nullopt;
  models::Sha256 digest;
  for (std::uint64_t at = 0;;) {
    const auto block = (*file)->read(at, kBlock_bytes);
    if (!block) return std::nullopt;
    digest.update(*block);
    at += block->size();
    if (block->size() < kBlock_bytes) return digest.hex();
  }
}

auto explained(const std::string& path) {
  return [path](DiskError error) { return path + ": " + std::string(to_string(error)); };
}

}  // namespace

std::string digest_of(std::string_view bytes) {
  models::Sha256 digest;
  digest.update(bytes);
  return digest.hex();
}

Result<std::unique_ptr<OutFolder>, std::string> OutFolder::open(const fs::path& folder, Restart restart, Disk& disk) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(folder.string() + ": " + error.message());
  std::unique_ptr<OutFolder> out(new OutFolder(fs::canonical(folder), disk));
  const std::string state = (out->folder_ / kStateFolder).string();
  if (const auto made = disk.make_directory(state, 0700); !made && made.error() != DiskError::exists) return fail(explained(state)(made.error()));
  if (!fs::is_directory(fs::symlink_status(state, error))) return fail(state + " is no folder; remove it");
  auto lock = disk.lock(out->state("lock"));
  if (!lock)
    return fail(lock.error() == DiskError::locked ? "another demarc redact writes to " + folder.string() + "; wait for it to end"
                                                  : explained(out->state("lock"))(lock.error()));
  out->lock_ = *std::move(lock);
  for (const DirectoryEntry& entry : TRY(disk.list(state).map_error(explained(state))))
    if (entry.name.starts_with("writing-") || (restart == Restart::yes && entry.name == "journal.jsonl"))
      static_cast<void>(disk.remove(state + "/" + entry.name));
  const MutexLock held(out->mutex_);
  TRY(out->read_journal());
  return out;
}

// A torn last line is overwritten by the next one.
Result<void, std::string> OutFolder::read_journal() {
  const std::string path = state("journal.jsonl");
  auto file = disk_.open(path, OpenMode::update);
  if (!file && file.error() == DiskError::not_found) file = disk_.open(path, OpenMode::create, 0600);
  if (!file) return fail(explained(path)(file.error()));
  journal_ = *std::move(file);
  std::string rest;
  for (std::uint64_t at = 0;;) {
    const std::string block = TRY(journal_->read(at, kBlock_bytes).map_error(explained(path)));
    at += block.size();
    rest += block;
    std::size_t begin = 0;
    for (std::size_t end = rest.find('\n'); end != std::string::npos; begin = end + 1, end = rest.find('\n', begin)) {
      const std::string line = rest.substr(begin, end - begin);
      if (const auto entry = entry_of(line)) lines_[entry->below] = {.at = end_, .size_bytes = line.size()};
      end_ += line.size() + 1;
    }
    rest.erase(0, begin);
    if (rest.size() > kLine_bytes) return fail(path + " is damaged; start anew with --restart");
    if (block.size() < kBlock_bytes) return {};
  }
}

std::optional<JournalEntry> OutFolder::done(const Input& input, const std::string& digest, const std::string& options) {
  std::optional<JournalEntry> entry;
  {
    const MutexLock lock(mutex_);
    const auto line = lines_.find(input.below.string());
    if (line == lines_.end()) return std::nullopt;
    const auto text = journal_->read(line->second.at, line->second.size_bytes);
    if (!text) return std::nullopt;
    entry = entry_of(*text);
  }
  if (!entry || entry->input != digest || entry->options != options) return std::nullopt;
  const fs::path target = folder_ / input.below;
  std::error_code error;
  if (fs::is_symlink(target, error) || digest_of_file(disk_, target.string()) != entry->output) return std::nullopt;
  return entry;
}

// The folders that `below` lies in, made where they are missing; never one that is a link.
Result<void, std::string> OutFolder::make_way(const fs::path& below) {
  fs::path at = folder_;
  for (const fs::path& step : below.parent_path()) {
    at /= step;
    std::error_code error;
    fs::create_directory(at, error);
    const fs::file_status there = fs::symlink_status(at);
    if (fs::is_symlink(there)) return fail(at.string() + " is a link, and nothing is written through one; remove it, or name another --output");
    if (!fs::is_directory(there)) return fail(at.string() + " is in the way: a folder is to be there" + (error ? " (" + error.message() + ")" : ""));
  }
  return {};
}

Result<void, std::string> OutFolder::write(const Input& input, std::string_view bytes) {
  const fs::path target = folder_ / input.below;
  std::string temporary;
  {
    const MutexLock lock(mutex_);
    temporary = state("writing-" + std::to_string(written_++));
    TRY(make_way(input.below));
  }
  const auto at = [&](const std::string& path) {
    return [this, path, temporary](DiskError error) {
      static_cast<void>(disk_.remove(temporary));
      return explained(path)(error);
    };
  };
  {
    const auto file = TRY(disk_.open(temporary, OpenMode::create, input.permissions).map_error(at(temporary)));
    TRY(file->append(bytes).map_error(at(target.string())));
  }
  return disk_.rename(temporary, target.string()).map_error(at(target.string()));
}

Result<void, std::string> OutFolder::note(const JournalEntry& entry) {
  const std::string line = line_of(entry);
  const MutexLock lock(mutex_);
  TRY(journal_->pwrite(end_, line).map_error(explained(state("journal.jsonl"))));
  lines_[entry.below] = {.at = end_, .size_bytes = line.size() - 1};
  end_ += line.size();
  return {};
}

void OutFolder::drop(const Input& input) {
  const MutexLock lock(mutex_);
  if (lines_.erase(input.below.string()) > 0 && make_way(input.below)) static_cast<void>(disk_.remove((folder_ / input.below).string()));
}

}  // namespace demarc::cli
