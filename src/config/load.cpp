#include <algorithm>
#include <filesystem>

#include "config/base_url.hpp"
#include "config/check.hpp"
#include "config/context.hpp"

namespace demarc::config {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";
constexpr std::size_t kMaxUnixPath = 107;

std::optional<ListenAddress> listen_of(const YamlNode& node, LoadContext& context) {
  if (node.unexpanded) return {};
  const std::string text(trim(node.text));
  ListenAddress out;
  if (text.starts_with(kUnixPrefix)) {
    out.unix_path = resolve(context.folder, text.substr(kUnixPrefix.size()));
    if (text.size() == kUnixPrefix.size() || out.unix_path.size() > kMaxUnixPath)
      return context.problems.error(node, "listen: a Unix socket's path has 1 to 107 bytes"), std::nullopt;
    return out;
  }
  auto parts = parse_host_port(text);
  if (!parts) return context.problems.error(node, "listen: " + parts.error() + ", or unix:/path"), std::nullopt;
  const bool address =
      std::ranges::all_of(parts->host, [](char c) { return (c >= '0' && c <= '9') || c == '.'; }) || parts->host.find(':') != std::string::npos;
  if (!address && parts->host != "localhost")
    return context.problems.error(node, "listen: an IP address or localhost, so that where it listens does not depend on a name server"),
           std::nullopt;
  out.host = parts->host, out.port = parts->port;
  return out;
}

void load_listen(const Fields& root, LoadContext& context, Config& config) {
  for (const YamlNode* item : root.list("listen"))
    if (auto address = listen_of(*item, context)) config.listen.push_back(std::move(*address));
  if (config.listen.empty()) config.listen.push_back({.host = "127.0.0.1", .port = 8400, .unix_path = {}});

  const auto keys = root.text("keys");
  const bool open = listens_beyond_loopback(config);
  config.keys = keys == "required" || (open && !keys) ? KeysRule::required : KeysRule::optional;
  if (!context.serving() || !open) return;
  const YamlNode& at = *root.node("listen");
  if (keys == "optional") context.problems.error(*root.node("keys"), "keys: optional goes only with loopback and Unix sockets");
  if (!root.node("tls")) context.problems.error(at, "listen: beyond loopback needs tls (and keys): tls: {cert: …, key: …}");
}

void load_egress(const Fields& root, LoadContext& context, Config& config) {
  const auto egress = root.section("egress");
  if (!egress) return;
  if (const auto path = egress->text("ca_file")) config.egress.ca_file = resolve(context.folder, *path);
  const YamlNode* proxy = egress->scalar("proxy");
  if (proxy == nullptr || proxy->unexpanded) return;
  const auto origin = parse_base_url(trim(proxy->text));
  if (!origin) return context.problems.error(*proxy, "proxy: " + origin.error());
  if (origin->kind != Origin::Kind::tcp || !origin->base_path.empty()) return context.problems.error(*proxy, "proxy: http://host:port");
  config.egress.proxy_host = origin->host, config.egress.proxy_port = origin->port;
}

// C2SP signed-note: a name is not empty and holds neither spaces nor '+'.
bool is_origin_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && std::ranges::all_of(name, [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '+'; });
}

void load_audit(const Fields& root, LoadContext& context, Config& config) {
  const auto audit = root.section("audit");
  if (!audit || !audit->scalar("origin")) return;
  const YamlNode& origin = *audit->scalar("origin");
  config.audit.origin = trim(origin.text);
  if (!origin.unexpanded && !is_origin_name(config.audit.origin))
    context.problems.error(origin, "audit.origin: printable characters without spaces and '+', at most 255");
}

void load_memory(const Fields& root, Config& config) {
  const auto memory = root.section("memory");
  if (!memory) return;
  if (const auto mib = memory->whole("limit_mib")) config.memory.limit_bytes = static_cast<std::uint64_t>(*mib) << 20;
  if (const auto stay_s = memory->whole("stay_s")) config.memory.stay_s = *stay_s;
}

void load_limits(const Fields& root, LoadContext& context, Config& config) {
  const auto limits = root.section("limits");
  if (!limits) return;
  for (const LimitSpec& spec : limit_specs())
    if (const auto value = limits->whole(spec.name); value && *value >= spec.min && *value <= spec.max) config.limits.*spec.field = *value;
  const auto at_most = [&](std::string_view small, std::int64_t Limits::* a, std::string_view large, std::int64_t Limits::* b) {
    if (config.limits.*a > config.limits.*b)
      context.problems.error(limits->map(), "limits: " + std::string(small) + " is at most " + std::string(large));
  };
  at_most("body_mib", &Limits::body_mib, "buffered_mib", &Limits::buffered_mib);
  at_most("audio_mib", &Limits::audio_mib, "buffered_mib", &Limits::buffered_mib);
  at_most("first_byte_ms", &Limits::first_byte_ms, "total_ms", &Limits::total_ms);
}

void load_paths(const Fields& root, LoadContext& context, Config& config) {
  const auto path = [&](const std::string& text) { return resolve(context.folder, text); };
  if (const auto data = root.text("data")) config.data = path(*data);
  config.policy_path = path(root.text("policy").value_or("policy.yaml"));
  for (const YamlNode* item : root.list("prices")) config.prices.push_back(item->text == "builtin" ? item->text : path(item->text));
  if (config.prices.empty()) config.prices = {"builtin"};
  const auto tls = root.section("tls");
  if (!tls) return;
  config.tls = Tls{path(tls->text("cert").value_or("")), path(tls->text("key").value_or("")), {}};
  if (const auto client_ca = tls->text("client_ca")) config.tls->client_ca = path(*client_ca);
}

void load_defaults(const Fields& root, Routing& routing) {
  routing.default_sensitivity = root.parsed("default_sensitivity", parse_sensitivity).value_or(Sensitivity::internal);
  const auto unexamined = root.section("unexamined");
  if (!unexamined) return;
  routing.unexamined_image = unexamined->parsed("image", parse_sensitivity);
  routing.unexamined_audio = unexamined->parsed("audio", parse_sensitivity);
  routing.unexamined_file = unexamined->parsed("file", parse_sensitivity);
}

bool is_language_code(std::string_view code) {
  return code.size() >= 2 && code.size() <= 3 && std::ranges::all_of(code, [](char c) { return c >= 'a' && c <= 'z'; });
}

void load_names(const Fields& detectors, LoadContext& context, Config& config) {
  const auto names = detectors.section("names");
  if (!names) return;
  NamesSettings settings;
  settings.model = names->text("model").value_or("");
  for (const YamlNode* item : names->list("languages")) {
    if (item->unexpanded) continue;
    const std::string code(trim(item->text));
    if (!is_language_code(code)) context.problems.error(*item, "languages: " + shown(*item) + " is no language code: two or three small letters");
    settings.languages.push_back(code);
  }
  if (const YamlNode* languages = names->node("languages"); languages != nullptr && names->list("languages").empty())
    context.problems.error(*languages, "languages: at least one");
  if (names->text("other_language") == "uncovered") settings.other_language = OtherLanguage::uncovered;
  settings.slots = static_cast<std::uint32_t>(names->whole("slots").value_or(settings.slots));
  settings.threads = static_cast<std::uint32_t>(names->whole("threads").value_or(0));
  settings.memory_limit_bytes = static_cast<std::uint64_t>(names->whole("memory_mib").value_or(0)) << 20;
  config.names = std::move(settings);
}

void load_review(const Fields& detectors, Config& config) {
  const auto review = detectors.section("review");
  if (!review) return;
  ReviewSettings settings;
  settings.at_least = review->parsed("at_least", parse_sensitivity).value_or(Sensitivity::restricted);
  settings.model = review->text("model").value_or(settings.model);
  settings.timeout_ms = review->whole("timeout_ms").value_or(settings.timeout_ms);
  settings.most_kib = review->whole("most_kib").value_or(settings.most_kib);
  config.review = std::move(settings);
}

void load_detectors(const Fields& root, LoadContext& context, Config& config) {
  const auto detectors = root.section("detectors");
  if (!detectors) return;
  for (const YamlNode* item : detectors->list("patterns"))
    if (!item->unexpanded) config.patterns.push_back(resolve(context.folder, std::string(trim(item->text))));
  load_names(*detectors, context, config);
  load_review(*detectors, config);
}

void load_scheduling(const Fields& root, Problems& problems, Config& config) {
  const auto scheduling = root.section("scheduling");
  if (!scheduling) return;
  for (const YamlNode* item : scheduling->sections("shares")) {
    const Fields fields(*item);
    const std::string team = fields.text("team").value_or("");
    if (!config.shares.emplace(team, fields.whole("weight").value_or(1)).second) problems.error(*item, "a second share of the team " + team);
  }
}

WatchDo watch_do(std::string_view word) {
  if (word == "redact") return WatchDo::redact;
  if (word == "parse") return WatchDo::parse;
  return word == "classify" ? WatchDo::classify : WatchDo::transcribe;
}

void check_watched(const Fields& fields, const YamlNode& item, const WatchedFolder& watched, Problems& problems) {
  const bool has_format = fields.node("format") != nullptr, of_documents = watched.format == "markdown" || watched.format == "json";
  if (has_format && (watched.what == WatchDo::redact || watched.what == WatchDo::classify))
    problems.error(item, "watch: format is of transcripts and documents; it goes with do: transcribe and do: parse");
  if (has_format && watched.what == WatchDo::parse && !of_documents) problems.error(item, "watch: documents become markdown or json");
  if (watched.what == WatchDo::transcribe && watched.format == "markdown")
    problems.error(item, "watch: recordings become text, json, verbose_json, srt or vtt");
  if (watched.what == WatchDo::classify && !watched.out.ends_with(".csv") && !watched.out.ends_with(".jsonl"))
    problems.error(item, "watch: do: classify needs out: a file that ends in .csv or .jsonl");
  if (watched.what == WatchDo::redact && fields.node("model") != nullptr) problems.error(item, "watch: do: redact asks no model");
}

void load_files(const Fields& root, LoadContext& context, Config& config) {
  if (const auto files = root.section("files")) config.files.keep_days = files->whole("keep_days").value_or(config.files.keep_days);
  for (const YamlNode* item : root.sections("watch")) {
    const Fields fields(*item);
    WatchedFolder watched{.what = watch_do(fields.text("do").value_or(""))};
    watched.folder = resolve(context.folder, fields.text("folder").value_or(""));
    if (const auto out = fields.text("out")) watched.out = resolve(context.folder, *out);
    watched.format = fields.text("format").value_or(watched.what == WatchDo::parse ? "markdown" : "text");
    watched.model = fields.text("model").value_or(watched.model);
    check_watched(fields, *item, watched, context.problems);
    if (const YamlNode* key = fields.scalar("key"); key != nullptr && context.serving() && !key->unexpanded) watched.key = read_secret(*key, context);
    const auto same = [&](const WatchedFolder& other) { return other.folder == watched.folder && other.what == watched.what; };
    if (std::ranges::any_of(config.watch, same)) context.problems.error(*item, "watch: this folder is watched for the same already");
    config.watch.push_back(std::move(watched));
  }
}

std::vector<ConfigProblem> only(ConfigProblem problem) { return {std::move(problem)}; }

}  // namespace

std::string resolve(const std::string& folder, const std::string& path) {
  const std::filesystem::path joined = std::filesystem::path(folder) / path;
  std::string out = joined.lexically_normal().string();
  if (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out;
}

bool ListenAddress::local_only() const { return !unix_path.empty() || is_loopback_host(host); }

std::string ListenAddress::print() const {
  if (!unix_path.empty()) return "unix:" + unix_path;
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

bool listens_beyond_loopback(const Config& config) {
  return std::ranges::any_of(config.listen, [](const ListenAddress& address) { return !address.local_only(); });
}

Result<Config, std::vector<ConfigProblem>> load(std::string_view text, const std::string& file, const Environment& environment, LoadMode mode) {
  auto parsed = parse_yaml(text, {.bytes = kMaxConfigBytes, .duplicate_keys = DuplicateKeys::kept});
  if (!parsed) return fail(only({file, parsed.error().line, parsed.error().column, parsed.error().message}));
  YamlNode& tree = *parsed;
  if (tree.kind == YamlKind::null) return fail(only({file, 0, 0, "empty: a file needs at least its upstreams"}));

  Problems problems(file);
  expand(tree, environment, mode, problems);
  check(tree, root_section(), problems);
  if (tree.kind != YamlKind::map) return fail(problems.take_errors());

  Config config;
  config.file = resolve(environment.working_folder(), file);
  LoadContext context{environment, mode, std::filesystem::path(config.file).parent_path().string(), problems};
  const Fields root(tree);
  load_listen(root, context, config);
  load_egress(root, context, config);
  load_upstreams(root, context, config);
  load_names(root, context, config.routing);
  load_defaults(root, config.routing);
  load_detectors(root, context, config);
  load_redaction(root, context, config);
  load_scheduling(root, problems, config);
  load_paths(root, context, config);
  load_costs(root, context, config);
  load_memory(root, config);
  load_limits(root, context, config);
  load_audit(root, context, config);
  load_files(root, context, config);
  if (problems.any()) return fail(problems.take_errors());
  config.warnings = problems.take_warnings();
  return config;
}

Result<Config, std::vector<ConfigProblem>> load_file(const std::string& file, const Environment& environment, LoadMode mode) {
  const auto read = environment.read(file, kMaxConfigBytes);
  if (!read) return fail(only({file, 0, 0, std::string(to_string(read.error()))}));
  return load(read->text, file, environment, mode);
}

}  // namespace demarc::config
