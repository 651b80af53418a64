#include "config/keys.hpp"

#include <algorithm>
#include <array>

#include "config/limits.hpp"
#include "core/operation.hpp"

namespace demarc::config {
namespace {

using enum Shape;
using enum Presence;

constexpr std::array<std::string_view, 2> kTiers = {"local", "cloud"};
constexpr std::array<std::string_view, 4> kEngines = {"llama", "speech", "tensor", "document"};
constexpr std::array<std::string_view, 6> kDialects = {"openai", "anthropic", "gemini", "mistral", "bedrock", "azure"};
constexpr std::array<std::string_view, 3> kWorkClasses = {"interactive", "normal", "batch"};
constexpr std::array<std::string_view, 1> kSpeakerModels = {"campplus"};
constexpr std::array<std::string_view, 2> kLoadings = {"start", "demand"};
constexpr std::array<std::string_view, 4> kSensitivities = {"public", "internal", "confidential", "restricted"};
constexpr std::array<std::string_view, kOperationCount> kOperations = {"chat",          "completion",     "fim",    "embedding",
                                                                       "transcription", "translation",    "speech", "image_generation",
                                                                       "moderation",    "classification", "ocr",    "image_classification",
                                                                       "rerank",        "redaction"};
constexpr std::array<std::string_view, 4> kPeriods = {"day", "week", "month", "total"};
constexpr std::array<std::string_view, 2> kKeysRules = {"optional", "required"};
constexpr std::array<std::string_view, 1> kWitnesses = {"none"};

constexpr std::array<std::string_view, 2> kOtherLanguages = {"unknown", "uncovered"};

constexpr std::int64_t kMaxTokens = 100'000'000;

// name, shape, presence, default, meaning, choices, section, least, most, with
constexpr std::array kModelKeys = {
    KeySpec{"name", text, required, "", "the model as the upstream knows it"},
    KeySpec{"serves", choices, optional, "the upstream's", "operations of this model", kOperations},
    KeySpec{"context_tokens", whole, optional, "the upstream's", "its longest context", {}, nullptr, 1, kMaxTokens},
    KeySpec{"space", text, optional, "the upstream's", "name of the vector space of its embeddings; candidates of one request share one"},
};
constexpr Section kModel = {"A model", "upstreams[].models[]", kModelKeys};

constexpr std::array kUpstreamKeys = {
    KeySpec{"name", text, required, "", "what aliases, policies and receipts call it"},
    KeySpec{"tier", choice, required, "", "`local`: on your own hardware; `cloud`: at a provider", kTiers},
    KeySpec{"engine", choice, optional, "", "a child process that demarc runs; else `base_url`", kEngines},
    KeySpec{"model", text, optional, "", "the engine's model, a name in models.lock", {}, nullptr, 0, 0, With::engine},
    KeySpec{"slots", whole, optional, "2", "requests served at once", {}, nullptr, 1, 1024, With::engine},
    KeySpec{"threads", whole, optional, "0", "processor threads; 0 chooses by the machine", {}, nullptr, 0, 1024, With::engine},
    KeySpec{
        "memory_mib", whole, optional, "0", "memory limit of the process; 0 chooses by the model's size", {}, nullptr, 0, 67'108'864, With::engine},
    KeySpec{"load", choice, optional, "start", "when its model is loaded: with the gateway, or on `demand`, with the first request", kLoadings,
            nullptr, 0, 0, With::engine},
    KeySpec{"prompt_cache_mib",
            whole,
            optional,
            "128",
            "llama: memory for the beginnings of prompts it has read, beside those in its slots, so that work that was put aside finds its own again",
            {},
            nullptr,
            0,
            1'048'576,
            With::engine},
    KeySpec{"speakers", choice, optional, "none",
            "speech: the model that tells speakers apart, for requests that ask for them; `campplus` is built in", kSpeakerModels, nullptr, 0, 0,
            With::engine},
    KeySpec{"base_url", text, optional, "",
            "`https://host/v1`, `http://host:port/v1`, or `unix:/path.sock` (a base path may follow: `unix:/path.sock:/v1`). "
            "A cloud upstream is https, plain http only to loopback"},
    KeySpec{"dialect", choice, optional, "`openai` (local); required (cloud)", "the wire format it speaks", kDialects, nullptr, 0, 0, With::base_url},
    KeySpec{"key", secret, optional, "", "its API key: `${NAME}` or `file:PATH`", {}, nullptr, 0, 0, With::base_url},
    KeySpec{"ca_file", path, optional, "", "trusted besides the system's, PEM", {}, nullptr, 0, 0, With::base_url},
    KeySpec{"no_store", flag, optional, "false", "by contract, the provider keeps nothing", {}, nullptr, 0, 0, With::base_url},
    KeySpec{"models", entries, optional, "", "what may be asked of it: names, or entries of their own", {}, &kModel, 0, 0, With::base_url},
    KeySpec{"region", text, optional, "unknown", "where it stands, for the policy: such as `eu` or `us`"},
    KeySpec{"serves", choices, optional, "an engine's natural set; required with `base_url`", "operations", kOperations},
    KeySpec{"context_tokens", whole, optional, "unlimited", "longest context; a longer request is not for it", {}, nullptr, 1, kMaxTokens},
    KeySpec{"space", text, optional, "", "name of the vector space of its embeddings"},
};
constexpr Section kUpstream = {
    "An upstream", "upstreams[]", kUpstreamKeys,
    R"("oneOf":[{"required":["engine","model"],"properties":{"tier":{"const":"local"}}},{"required":["base_url","models"]}])"};

constexpr std::array kUnexaminedKeys = {
    KeySpec{"image", choice, optional, "findings unknown", "level of an image no detector reads", kSensitivities},
    KeySpec{"audio", choice, optional, "findings unknown", "level of audio no detector reads", kSensitivities},
    KeySpec{"file", choice, optional, "findings unknown", "level of a file no detector reads", kSensitivities},
};
constexpr Section kUnexamined = {"What nobody examined", "unexamined", kUnexaminedKeys};

constexpr std::array kSpeechKeys = {
    KeySpec{"prompt", text, optional, "", "what the recordings are about, in a sentence or two that the speech model takes for what was said before"},
    KeySpec{"glossary", texts, optional, "", "names and terms as they are to be spelled; with `prompt` at most 600 bytes"},
    KeySpec{"language", text, optional, "found out", "what is spoken, where the caller does not say: `en`, `de`, …"},
};
constexpr Section kSpeech = {"A workload's transcriptions, by the engine `speech`", "workloads[].speech", kSpeechKeys};

constexpr std::array kShadowKeys = {
    KeySpec{"candidate", text, required, "",
            "`UPSTREAM` or `UPSTREAM/MODEL` of the local tier: it answers too, and its answer is kept beside the one that the caller got"},
    KeySpec{"share", share, required, "", "of the workload's chats, above 0 to 1, drawn at random"},
    KeySpec{"pairs", whole, optional, "2000", "so many pairs are kept at a time, no more", {}, nullptr, 1, 100'000},
};
constexpr Section kShadow = {"A workload's live pilot", "workloads[].shadow", kShadowKeys};

constexpr std::array kWorkloadKeys = {
    KeySpec{"name", text, required, "", "what callers name as `workload/NAME` or in `Demarc-Workload`"},
    KeySpec{"operation", choice, optional, "any", "the only operation it is for", kOperations},
    KeySpec{"sensitivity", choice, optional, "", "the least that its requests count as", kSensitivities},
    KeySpec{"bucket", text, optional, "", "a word for reports: such as `boring` or `flashy`"},
    KeySpec{"owner", text, optional, "", "who answers for it"},
    KeySpec{"quality_floor", share, optional, "", "candidates known to be below rank last; 0 to 1"},
    KeySpec{"class", choice, optional, "interactive if somebody waits for it word by word (a stream, fill-in-the-middle), else normal",
            "who goes first where requests wait for an engine", kWorkClasses},
    KeySpec{"speech", section, optional, "", "how its transcriptions are heard", {}, &kSpeech},
    KeySpec{"repository", path, optional, "",
            "a folder of code: fill-in-the-middle of this workload that brings no pieces of other files gets some of its, on engines of this gateway "
            "only"},
    KeySpec{"shadow",
            section,
            optional,
            "",
            "some of its chats are answered by a local candidate as well, for `demarc plan pilot --shadow`; both answers are kept, sealed",
            {},
            &kShadow},
    KeySpec{"classifier", path, optional, "", "what its classifications go by: a file made by `demarc classify train`"},
};
constexpr Section kWorkload = {"A workload", "workloads[]", kWorkloadKeys};

constexpr std::array kShareKeys = {
    KeySpec{"team", text, required, "", "of its keys (`demarc keys create --team`)"},
    KeySpec{"weight", whole, required, "", "its share of an engine's time beside the others' that want it", {}, nullptr, 1, 1'000},
};
constexpr Section kShare = {"A team's share", "scheduling.shares[]", kShareKeys};

constexpr std::array kSchedulingKeys = {
    KeySpec{"shares", sections, optional, "1 each", "how teams share an engine that all of them want, class by class", {}, &kShare},
};
constexpr Section kScheduling = {"Who is served when", "scheduling", kSchedulingKeys};

constexpr std::array kMemoryKeys = {
    KeySpec{"limit_mib",
            whole,
            optional,
            "seven eighths of the machine's, or of its cgroup's limit",
            "memory that all engines together may take; a model that does not fit beside what is in use waits for room",
            {},
            nullptr,
            64,
            67'108'864},
    KeySpec{"stay_s",
            whole,
            optional,
            "10",
            "a model that was loaded stays at least so long, and four times as long as its loading took, before another may take its place",
            {},
            nullptr,
            0,
            86'400},
};
constexpr Section kMemory = {"Memory of the local tier", "memory", kMemoryKeys};

constexpr std::array kHardwareKeys = {
    KeySpec{"usd", dollars, required, "", "what the machine cost"},
    KeySpec{"months", whole, required, "", "over how many months", {}, nullptr, 1, 240},
};
constexpr Section kHardware = {"Hardware", "costs.hardware", kHardwareKeys};

constexpr std::array kWattsKeys = {
    KeySpec{"idle", whole, required, "", "drawn when nothing runs", {}, nullptr, 0, 1'000'000},
    KeySpec{"busy", whole, required, "", "drawn under full load", {}, nullptr, 0, 1'000'000},
};
constexpr Section kWatts = {"Power", "costs.watts", kWattsKeys};

constexpr std::array kEngineerKeys = {
    KeySpec{"usd_per_year", dollars, required, "", "loaded cost of an engineer"},
    KeySpec{"share", share, required, "", "part of one engineer that this takes; 0 to 1"},
};
constexpr Section kEngineer = {"Engineer", "costs.engineer", kEngineerKeys};

constexpr std::array kCostsKeys = {
    KeySpec{"hardware", section, optional, "", "price over its months", {}, &kHardware},
    KeySpec{"watts", section, optional, "", "power between idle and busy", {}, &kWatts},
    KeySpec{"usd_per_kwh", dollars, optional, "", "tariff; required with `watts`"},
    KeySpec{"engineer", section, optional, "", "people", {}, &kEngineer},
};
constexpr Section kCosts = {"What local work costs", "costs", kCostsKeys};

constexpr std::array kBudgetKeys = {
    KeySpec{"team", text, optional, "", "of a team"},
    KeySpec{"key", text, optional, "", "of one key, by its id: `dmc_live_ab12CD34`"},
    KeySpec{"workload", text, optional, "", "for one workload; with `team` or `key` both must match"},
    KeySpec{"usd", dollars, required, "", "how much"},
    KeySpec{"per", choice, required, "", "period, in UTC; `total` never starts anew", kPeriods},
};
constexpr Section kBudget = {"A budget", "budgets[]", kBudgetKeys,
                             R"("anyOf":[{"required":["team"]},{"required":["key"]},{"required":["workload"]}])"};

constexpr std::array kTlsKeys = {
    KeySpec{"cert", path, required, "", "certificate chain, PEM"},
    KeySpec{"key", path, required, "", "its private key, PEM"},
    KeySpec{"client_ca", path, optional, "", "clients must show a certificate of this authority"},
};
constexpr Section kTls = {"TLS", "tls", kTlsKeys};

constexpr std::array kEgressKeys = {
    KeySpec{"proxy", text, optional, "", "`http://host:port`: CONNECT proxy for cloud upstreams"},
    KeySpec{"ca_file", path, optional, "", "trusted besides the system's, for a proxy that opens TLS; PEM"},
};
constexpr Section kEgress = {"The way out", "egress", kEgressKeys};

constexpr std::array kAuditKeys = {
    KeySpec{"origin", text, optional, "host name and the data folder's id", "name of the log"},
    KeySpec{"witness", choice, optional, "none", "who cosigns checkpoints as they are made; checkpoints kept elsewhere do the same by hand",
            kWitnesses},
};
constexpr Section kAudit = {"Audit", "audit", kAuditKeys};

constexpr std::array kFilesKeys = {
    KeySpec{"keep_days",
            whole,
            optional,
            "30",
            "after that a file, or a job that is over, is deleted; `expires_after` of an upload may say sooner",
            {},
            nullptr,
            1,
            3'650},
};
constexpr Section kFiles = {"Files and jobs", "files", kFilesKeys};

constexpr std::array<std::string_view, 4> kWatchDo = {"transcribe", "redact", "parse", "classify"};
constexpr std::array<std::string_view, 6> kWatchFormats = {"text", "json", "verbose_json", "srt", "vtt", "markdown"};
constexpr std::array kWatchKeys = {
    KeySpec{"folder", path, required, "", "each file that is written or moved into it is worked on once; what is in it at the start, too"},
    KeySpec{"do", choice, required, "", "`transcribe` recordings, `redact` texts and tables, `parse` documents, or `classify` pictures", kWatchDo},
    KeySpec{"out", path, optional, "the folder itself",
            "where the results go, under the file's name with another ending; of `classify` the one file that gets a line for each picture: `.csv` "
            "or `.jsonl`"},
    KeySpec{"format", choice, optional, "`text`; of documents `markdown`", "of transcripts; of documents `markdown` or `json`", kWatchFormats},
    KeySpec{"model", text, optional, "auto", "a model, alias or workload, as a caller would name it; not with `redact`"},
    KeySpec{"key", secret, optional, "the owner of the data folder", "an API key whose rights, budgets and receipts it is: `${NAME}` or `file:PATH`"},
};
constexpr Section kWatch = {"A watched folder (read at start, not at reload)", "watch[]", kWatchKeys};

constexpr std::array kNamesKeys = {
    KeySpec{"model", text, required, "", "a model of role `names`, a name in models.lock: such as `rampart`"},
    KeySpec{"languages", texts, required, "", "the languages whose texts it is trusted with, as codes: `[en, de]`"},
    KeySpec{"other_language", choice, optional, "unknown",
            "what a text in another language means: findings `unknown`, so that it stays at home, or texts merely `uncovered`", kOtherLanguages},
    KeySpec{"slots", whole, optional, "2", "requests it works on at once", {}, nullptr, 1, 1024},
    KeySpec{"threads", whole, optional, "0", "processor threads; 0 chooses by the machine", {}, nullptr, 0, 1024},
    KeySpec{"memory_mib", whole, optional, "0", "memory limit of the process; 0 chooses by the model's size", {}, nullptr, 0, 67'108'864},
};
constexpr Section kNames = {"Names, places and addresses", "detectors.names", kNamesKeys};

constexpr std::array kReviewKeys = {
    KeySpec{"at_least", choice, required, "", "requests of this sensitivity or more are reviewed before they may leave", kSensitivities},
    KeySpec{"model", text, optional, "auto", "who is asked, as a caller would name it; only candidates of the local tier"},
    KeySpec{"timeout_ms", whole, optional, "20000", "time for the whole review; past it findings are unknown", {}, nullptr, 100, 600'000},
    KeySpec{"most_kib", whole, optional, "64", "most text not reviewed before of one request; past it findings are unknown", {}, nullptr, 1, 65'536},
};
constexpr Section kReview = {"A last look by a local language model", "detectors.review", kReviewKeys};

constexpr std::array kDetectorsKeys = {
    KeySpec{"patterns", texts, optional, "", "files of your own patterns and terms, relative to this file (docs/reference/patterns.md)"},
    KeySpec{"names",
            section,
            optional,
            "structured detection only",
            "a model in a child process reads every request for them; while it cannot, findings are unknown and nothing goes to the cloud",
            {},
            &kNames},
    KeySpec{"review",
            section,
            optional,
            "no language model looks",
            "a language model of the local tier reads what is sensitive and could go to the cloud; while it cannot, findings are unknown",
            {},
            &kReview},
};
constexpr Section kDetectors = {"Detectors beside the structured ones", "detectors", kDetectorsKeys};

constexpr std::array<std::string_view, 2> kStyles = {"placeholder", "surrogate"};
constexpr std::array kToolsKeys = {
    KeySpec{"never", texts, required, "", "names of tools into whose arguments no value is put back: they get the placeholder"},
};
constexpr Section kTools = {"Tools", "redaction.tools", kToolsKeys};

constexpr std::array kHashKeyKeys = {
    KeySpec{"file", path, required, "", "a file of at least 16 characters, such as `openssl rand -base64 32` writes"},
};
constexpr Section kHashKey = {"The key of hashes", "redaction.hash_key", kHashKeyKeys};

constexpr std::array kRedactionKeys = {
    KeySpec{"style", choice, optional, "placeholder",
            "what stands for a value on its way to a provider: a `placeholder` (CARDX7Q2K9M4TC), or a `surrogate`: a value of the same form that is "
            "nobody's, where there is one",
            kStyles},
    KeySpec{"tools", section, optional, "", "what a client's own tools get", {}, &kTools},
    KeySpec{"hash_key",
            section,
            optional,
            "one of each conversation",
            "with it the operator `hash` gives equal values equal hashes everywhere",
            {},
            &kHashKey},
};
constexpr Section kRedaction = {"Redaction", "redaction", kRedactionKeys};

constexpr std::array<std::string_view, 2> kKeeps = {"memory", "file"};
constexpr std::array kVaultKeyKeys = {
    KeySpec{"file", path, optional, "", "a file with 32 bytes in hex or base64, such as `openssl rand -base64 32` writes; readable by demarc only"},
    KeySpec{"command", texts, optional, "", "or a command that writes them to its standard output: program and arguments, no shell, ten seconds"},
};
constexpr Section kVaultKey = {"The vault's key", "vault.key", kVaultKeyKeys, R"("oneOf":[{"required":["file"]},{"required":["command"]}])"};

constexpr std::array kVaultKeys = {
    KeySpec{"keep", choice, optional, "memory",
            "where the values that placeholders stand for are kept: in `memory`, or also in a sealed `file` of the data folder, so that answers are "
            "restored after a restart",
            kKeeps},
    KeySpec{"key", section, optional, "", "seals the file; needed with `keep: file`", {}, &kVaultKey},
    KeySpec{"life_hours", whole, optional, "12", "since a conversation's last use; then its values are forgotten", {}, nullptr, 1, 8'760},
    KeySpec{"conversations", whole, optional, "10000", "most conversations; the one unused for longest goes first", {}, nullptr, 1, 1'000'000},
    KeySpec{"mib", whole, optional, "256", "memory for all values", {}, nullptr, 1, 65'536},
};
constexpr Section kVault = {"The vault (read at start, not at reload)", "vault", kVaultKeys};

constexpr auto kLimitCount = sizeof(Limits) / sizeof(std::int64_t);
const Section& limits_section() {
  static const auto texts_of_defaults = [] {
    std::array<std::string, kLimitCount> out;
    std::ranges::transform(limit_specs(), out.begin(), [](const LimitSpec& spec) { return std::to_string(spec.default_value); });
    return out;
  }();
  static const auto keys = [] {
    std::array<KeySpec, kLimitCount> out{};
    for (std::size_t i = 0; i < kLimitCount; ++i) {
      const LimitSpec& spec = limit_specs()[i];
      out[i] = {spec.name, whole, optional, texts_of_defaults[i], spec.meaning, {}, nullptr, spec.min, spec.max};
    }
    return out;
  }();
  static const Section section = {"Limits", "limits", keys};
  return section;
}

}  // namespace

const Section& root_section() {
  static const std::array keys = {
      KeySpec{"listen", texts, optional, "127.0.0.1:8400", "`host:port` or `unix:/path`, or a list; beyond loopback only with keys and `tls`"},
      KeySpec{"keys", choice, optional, "optional on loopback and Unix sockets only, else required",
              "whether local callers may come without a key; `required` where a reverse proxy runs on the same machine", kKeysRules},
      KeySpec{"data", path, optional, "by XDG rules", "data folder"},
      KeySpec{"upstreams", sections, required, "", "who can serve; their order is the last tie-breaker", {}, &kUpstream},
      KeySpec{"aliases", targets, optional, "", "names that stand for an ordered list of `upstream` or `upstream/model`"},
      KeySpec{"substitutes", targets, optional, "", "who may stand in for a named model that is not permitted or down; headers and receipt say so"},
      KeySpec{"default_sensitivity", choice, optional, "internal", "of what nobody declared", kSensitivities},
      KeySpec{"unexamined", section, optional, "", "what a part counts as while no detector reads its kind", {}, &kUnexamined},
      KeySpec{"detectors", section, optional, "", "what looks for personal data besides the structured detectors", {}, &kDetectors},
      KeySpec{"redaction", section, optional, "", "what stands for a value while it is away", {}, &kRedaction},
      KeySpec{"vault", section, optional, "", "where the values are meanwhile", {}, &kVault},
      KeySpec{"workloads", sections, optional, "", "named uses of models", {}, &kWorkload},
      KeySpec{"scheduling", section, optional, "", "who is served when by an engine", {}, &kScheduling},
      KeySpec{"memory", section, optional, "", "what engines may take together", {}, &kMemory},
      KeySpec{"policy", path, optional, "policy.yaml", "the policy"},
      KeySpec{"prices", texts, optional, "builtin", "price books, later ones over earlier ones: `builtin` or a path"},
      KeySpec{"costs", section, optional, "local work is unpriced", "what local work costs", {}, &kCosts},
      KeySpec{"budgets", sections, optional, "unlimited", "who may spend how much", {}, &kBudget},
      KeySpec{"limits", section, optional, "", "every limit of the gateway", {}, &limits_section()},
      KeySpec{"tls", section, optional, "", "needed, with keys, to listen beyond loopback", {}, &kTls},
      KeySpec{"egress", section, optional, "direct", "how cloud upstreams are reached", {}, &kEgress},
      KeySpec{"audit", section, optional, "", "the audit log", {}, &kAudit},
      KeySpec{"files", section, optional, "", "what clients upload and jobs write", {}, &kFiles},
      KeySpec{"watch", sections, optional, "", "folders whose files are worked on as they come", {}, &kWatch},
  };
  static const Section section = {"The file", "", keys};
  return section;
}

std::vector<const Section*> all_sections() {
  std::vector<const Section*> out = {&root_section()};
  for (std::size_t i = 0; i < out.size(); ++i)
    for (const KeySpec& key : out[i]->keys)
      if (key.section != nullptr) out.push_back(key.section);
  return out;
}

const KeySpec* Section::find(std::string_view name) const {
  const auto at = std::ranges::find(keys, name, &KeySpec::name);
  return at == keys.end() ? nullptr : &*at;
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  if (text.empty() || text.size() > 18) return {};
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return {};
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<std::int64_t> parse_ppm(std::string_view text) {
  const auto point = text.find('.');
  if (point != std::string_view::npos && text.size() - point - 1 > 6) return {};
  const auto value = Money::parse(text);  // the same decimals, exact
  if (!value || *value < Money{} || *value > Money::from_usd(1)) return {};
  return static_cast<std::int64_t>(value->pico() / 1'000'000);
}

std::optional<bool> parse_flag(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return {};
}

}  // namespace demarc::config
