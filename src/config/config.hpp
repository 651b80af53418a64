// Config: demarc.yaml, checked and resolved: what the gateway composes its Snapshot from.
//
//   auto config = config::load(text, "/etc/demarc/demarc.yaml", process_environment(), LoadMode::serve);
//   if (!config) return print(config::to_string(config.error()));     // every problem at once, each with file:line:column
//
// All paths are absolute, `${NAME}` is expanded, keys are read, names are checked for being one thing only. Made at start and at reload, immutable
// afterwards; any thread may read. The keys and their meaning: docs/reference/config.md, made from the same tables as the checks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/environment.hpp"
#include "config/limits.hpp"
#include "config/problem.hpp"
#include "core/budget.hpp"
#include "core/costs.hpp"
#include "core/io/http.hpp"
#include "core/names.hpp"
#include "core/review.hpp"
#include "core/upstream.hpp"

namespace demarc::config {

struct ListenAddress {
  std::string host;                         // IP address, or "localhost"; "" with a Unix socket
  std::uint16_t port = 0;                   // 0 lets the system choose
  std::string unix_path;                    // absolute; "" with TCP
  [[nodiscard]] bool local_only() const;    // a Unix socket or a loopback address
  [[nodiscard]] std::string print() const;  // "127.0.0.1:8400", "[::1]:8400", "unix:/run/demarc.sock"
};

// Whether a caller on loopback or a Unix socket may come without a key. Elsewhere a key is always needed.
enum class KeysRule : std::uint8_t { required, optional };

struct Tls {
  std::string cert, key, client_ca;  // paths, PEM; client_ca "" asks for no client certificate
};

struct Egress {
  std::string proxy_host;  // "" goes direct
  std::uint16_t proxy_port = 0;
  std::string ca_file;  // trusted besides the system's; "" none
};

struct Audit {
  std::string origin;  // the log's name; "" leaves it to the data folder
};

enum class RedactionStyle : std::uint8_t { placeholder, surrogate };

struct RedactionSettings {
  RedactionStyle style = RedactionStyle::placeholder;
  std::vector<std::string> tools_never;  // names of tools into whose arguments no value is put back
  std::string hash_key;                  // secret, its file's text; "": hashes differ from conversation to conversation
};

enum class VaultKeep : std::uint8_t { memory, file };

struct VaultSettings {  // read at start only
  VaultKeep keep = VaultKeep::memory;
  std::string key_file;                  // absolute; else …
  std::vector<std::string> key_command;  // … this writes the key to its standard output
  std::int64_t life_hours = 12, conversations = 10'000, mib = 256;
};

struct FilesSettings {
  std::int64_t keep_days = 30;  // what was uploaded or written by a job, and what is known of a job that is over
};

enum class WatchDo : std::uint8_t { transcribe, redact, parse, classify };

struct WatchedFolder {
  std::string folder, out;  // absolute; out "" is the folder itself; of classify a file
  WatchDo what = WatchDo::transcribe;
  std::string format = "text";  // of transcripts; of documents "markdown" or "json"
  std::string model = "auto";
  std::string key;  // whose rights; "" those of the owner of the data folder
};

struct MemorySettings {
  std::uint64_t limit_bytes = 0;  // 0: by the machine
  std::int64_t stay_s = 10;
};

struct Config {
  std::string file;  // absolute; "" for the embedded default
  std::vector<ListenAddress> listen;
  KeysRule keys = KeysRule::optional;
  std::string data;  // absolute; "" leaves it to data_folder() (config/places.hpp)
  Routing routing;
  std::vector<std::optional<Origin>> origins;  // beside routing.upstreams; nullopt for an engine, whose socket its supervisor knows
  std::optional<NamesSettings> names;          // detectors.names; nullopt: structured detection only
  std::optional<ReviewSettings> review;        // detectors.review; nullopt: no language model looks
  RedactionSettings redaction;
  VaultSettings vault;
  MemorySettings memory;
  std::map<std::string, std::int64_t, std::less<>> shares;  // scheduling.shares: by team; the others have 1
  std::vector<std::string> patterns;                        // detectors.patterns: absolute paths
  std::string policy_path;                                  // absolute; "" with the embedded default
  std::string policy_text;                                  // only with the embedded default
  std::vector<std::string> prices;                          // "builtin" or absolute paths, later ones over earlier ones
  std::optional<CostsSpec> costs;                           // nullopt: local work is unpriced
  std::vector<BudgetSpec> budgets;
  Limits limits;
  std::optional<Tls> tls;
  Egress egress;
  Audit audit;
  FilesSettings files;
  std::vector<WatchedFolder> watch;     // read at start only
  std::vector<ConfigProblem> warnings;  // for doctor and the log: nothing that stops a start
};

enum class LoadMode : std::uint8_t {
  serve,
  policy_only,  // for `demarc policy`: variables stay unexpanded, keys unread; engines, keys, TLS and servers need not exist
};

inline constexpr std::size_t kMaxConfigBytes = 4 * 1024 * 1024;

// `file` names the text in problems; relative paths in it are relative to that file's folder.
Result<Config, std::vector<ConfigProblem>> load(std::string_view text, const std::string& file, const Environment& environment, LoadMode mode);
Result<Config, std::vector<ConfigProblem>> load_file(const std::string& file, const Environment& environment, LoadMode mode);

// Whether any address is reachable from elsewhere: then `serve` and `doctor` must find at least one key (load() has seen to TLS).
bool listens_beyond_loopback(const Config& config);

struct LockedModel {
  std::string name;                       // as in models.lock
  std::string role;                       // "chat", "fim", "speech", "embedding", "ocr"; others are not served by default
  std::optional<EngineKind> engine = {};  // nullopt: chat and fim llama, speech speech, embedding tensor
};
// What serves with no file at all: loopback, the first locked model of each role, policy `permit: local`, no cloud.
Config default_config(std::span<const LockedModel> models);

// What an engine serves unless `serves` says otherwise.
std::span<const Operation> natural_operations(EngineKind kind);

}  // namespace demarc::config
