// OutFolder: where redacted files go, and what is remembered of them, so that a run that was interrupted goes on where it stood.
//
//   auto out = TRY(OutFolder::open("OUT", Restart::no, real_disk()));
//   if (const auto before = out->done(input, digest_of(bytes), options)) …          // nothing to do: these are its findings
//   TRY(out->write(input, redacted));                                               // the whole file or none, under its own name
//   TRY(out->note({.below = "a.txt", .input = …, .output = …}));                    // now it is done
//
// OUT/.demarc-redact/ holds `journal.jsonl`, a line per file (path, size, mtime, SHA-256 of input and output, digest of the options, findings without
// contents; the last line of a path counts, a torn one does not), `lock`, and files that are being written. A file counts as done only if the input
// has the same content, the options are the same, and the output is still what was written. Nothing is written through a link that stands in OUT.
// The journal is appended to without sync: a power failure may lose lines or outputs, and both are noticed. Any thread.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "base/mutex.hpp"
#include "cli/redact/found.hpp"
#include "cli/redact/inputs.hpp"
#include "core/io/disk.hpp"

namespace demarc::cli {

inline constexpr const char* kStateFolder = ".demarc-redact";

std::string digest_of(std::string_view bytes);  // SHA-256, hex

struct JournalEntry {
  std::string below{};                       // as in Input
  std::uint64_t size_bytes = 0;              // of the input
  std::int64_t changed_ns = 0;               // its mtime
  std::string input{}, options{}, output{};  // digests
  bool changed = false;                      // the output differs from the input
  std::vector<Found> found{};
};

enum class Restart : std::uint8_t { no, yes };

class OutFolder {
 public:
  static Result<std::unique_ptr<OutFolder>, std::string> open(const std::filesystem::path& folder, Restart restart, Disk& disk);

  std::optional<JournalEntry> done(const Input& input, const std::string& digest, const std::string& options);
  Result<void, std::string> write(const Input& input, std::string_view bytes);
  Result<void, std::string> note(const JournalEntry& entry);
  // The input cannot be redacted any more; what an earlier run wrote for it goes.
  void drop(const Input& input);

 private:
  OutFolder(std::filesystem::path folder, Disk& disk) : folder_(std::move(folder)), disk_(disk) {}
  struct Line {
    std::uint64_t at = 0, size_bytes = 0;
  };
  Result<void, std::string> read_journal() REQUIRES(mutex_);
  [[nodiscard]] std::string state(const std::string& name) const { return (folder_ / kStateFolder / name).string(); }
  Result<void, std::string> make_way(const std::filesystem::path& below);

  const std::filesystem::path folder_;
  Disk& disk_;
  std::unique_ptr<DiskLock> lock_;
  Mutex mutex_;
  std::unique_ptr<File> journal_ GUARDED_BY(mutex_);
  std::uint64_t end_ GUARDED_BY(mutex_) = 0;              // where the next line begins
  std::map<std::string, Line> lines_ GUARDED_BY(mutex_);  // the last one of each path
  std::uint64_t written_ GUARDED_BY(mutex_) = 0;          // names temporary files
};

}  // namespace demarc::cli
