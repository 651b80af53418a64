#include "planning/import/format.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "core/operation.hpp"
#include "core/yaml/tree.hpp"

namespace demarc::planning {
namespace {

constexpr std::array<std::string_view, 4> kKinds = {"usage", "invoice", "credit", "log"};

std::vector<std::string> texts(const YamlNode& node) {
  std::vector<std::string> out;
  for (const YamlNode& item : node.items) out.push_back(item.text);
  return out;
}

bool truth(const YamlNode& node) { return node.text == "true"; }

std::optional<std::string> read_format(const YamlNode& node, Format& out) {  // gives what is wrong
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& key = node.keys[i].text;
    const YamlNode& value = node.items[i];
    if (key == "name") {
      out.name = value.text;
    } else if (key == "provider") {
      out.provider = value.text;
    } else if (key == "operation") {
      if (!parse_operation(value.text)) return "operation is one of those in docs/reference/config.md";
      out.operation = value.text;
    } else if (key == "kind") {
      const auto kind = parse_row_kind(value.text);
      if (!kind) return "kind is usage, invoice, credit or log";
      out.kind = *kind;
    } else if (key == "needs") {
      out.needs = texts(value);
    } else if (key == "also_needs_any") {
      out.also_needs_any = texts(value);
    } else if (key == "fields") {
      for (std::size_t f = 0; f < value.keys.size(); ++f) {
        const auto& known = mappable_fields();
        if (std::ranges::none_of(known, [&](const auto& field) { return field.first == value.keys[f].text; }))
          return "there is no field '" + value.keys[f].text + "'; docs/reference/plan.md lists them";
        out.fields[value.keys[f].text] = value.items[f].text;
      }
    } else if (key == "input_includes") {
      out.input_includes = texts(value);
    } else if (key == "cost_unit") {
      out.cost_in_cents = value.text == "cents";
    } else if (key == "model_ends_at") {
      out.model_ends_at = value.text;
    } else if (key == "strip_prefix") {
      out.strip_prefix = value.text;
    } else if (key == "only") {
      for (std::size_t f = 0; f < value.keys.size(); ++f) out.only[value.keys[f].text] = texts(value.items[f]);
    } else if (key == "token_class") {
      for (std::size_t f = 0; f < value.keys.size(); ++f) out.token_class.emplace_back(value.keys[f].text, value.items[f].text);
    } else if (key == "tokens_are_usage") {
      out.tokens_are_usage = truth(value);
    } else if (key == "each_row_is_a_request") {
      out.each_row_is_a_request = truth(value);
    } else {
      return "there is no key '" + key + "'";
    }
  }
  if (out.name.empty() || !(out.fields.contains("start") || out.fields.contains("start_ms"))) return "a format needs a name and fields.start";
  return {};
}

constexpr Money::Pico kOne = 1'000'000'000'000;

std::optional<std::int64_t> parse_count(std::string_view text) {
  const auto money = parse_export_money(text);  // "1200.0" and "1.2e3" are counts too
  if (!money) return {};
  const auto pico = money->pico();
  if (pico % kOne != 0 || pico < 0 || pico / kOne > Row::kMostCount) return {};
  return static_cast<std::int64_t>(pico / kOne);
}

bool within_limits(Money usd) { return usd <= Row::kMostUsd && Money{} - usd <= Row::kMostUsd; }

std::optional<std::int64_t>* class_of(Usage& usage, std::string_view name) {
  if (name == "input") return &usage.input_tokens;
  if (name == "cached_input") return &usage.cached_input_tokens;
  if (name == "cache_write_5m") return &usage.cache_write_tokens;
  if (name == "cache_write_1h") return &usage.cache_write_1h_tokens;
  if (name == "output") return &usage.output_tokens;
  if (name == "reasoning") return &usage.reasoning_tokens;
  if (name == "input_audio") return &usage.input_audio_tokens;
  return nullptr;
}

constexpr std::array<std::string_view, 7> kClasses = {"input",  "cached_input", "cache_write_5m", "cache_write_1h",
                                                      "output", "reasoning",    "input_audio"};

// Names of gateways and SDKs for what a call does; an asynchronous one has an "a" before it. What is not known is not said.
std::string operation_of(std::string_view said) {
  std::string word = to_lower(said);
  if (word.starts_with("litellm.")) word.erase(0, 8);
  static const std::map<std::string, std::string, std::less<>> known = {{"completion", "chat"},
                                                                        {"acompletion", "chat"},
                                                                        {"responses", "chat"},
                                                                        {"aresponses", "chat"},
                                                                        {"anthropic_messages", "chat"},
                                                                        {"text_completion", "completion"},
                                                                        {"atext_completion", "completion"},
                                                                        {"aembedding", "embedding"},
                                                                        {"embeddings", "embedding"},
                                                                        {"atranscription", "transcription"},
                                                                        {"arerank", "rerank"},
                                                                        {"aspeech", "speech"},
                                                                        {"aimage_generation", "image_generation"},
                                                                        {"amoderation", "moderation"},
                                                                        {"aocr", "ocr"}};
  if (const auto found = known.find(word); found != known.end()) return found->second;
  return parse_operation(word) ? word : std::string();
}

bool is_credit(std::string_view charge) {
  for (const std::string_view word : {"credit", "tax", "refund", "adjustment", "discount", "rounding"})
    if (to_lower(charge).find(word) != std::string::npos) return true;
  return false;
}

}  // namespace

std::string_view to_string(RowKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::optional<RowKind> parse_row_kind(std::string_view name) {
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    if (kKinds[i] == name) return static_cast<RowKind>(i);
  return {};
}

const std::vector<std::pair<std::string, std::string>>& mappable_fields() {
  static const std::vector<std::pair<std::string, std::string>> fields = {{"start", "when it was used, or when its day or hour begins"},
                                                                          {"end", "when that ends"},
                                                                          {"model", "the model"},
                                                                          {"provider", "who runs it"},
                                                                          {"cost", "what it cost"},
                                                                          {"currency", "of the cost"},
                                                                          {"requests", "how many requests"},
                                                                          {"input", "input tokens"},
                                                                          {"cached_input", "of them read from a cache"},
                                                                          {"cache_write_5m", "written to a cache"},
                                                                          {"cache_write_1h", "written to a cache for an hour"},
                                                                          {"output", "output tokens"},
                                                                          {"reasoning", "reasoning tokens"},
                                                                          {"input_audio", "audio tokens"},
                                                                          {"audio_s", "seconds of audio"},
                                                                          {"audio_min", "minutes of audio"},
                                                                          {"pages", "pages of documents"},
                                                                          {"images", "images"},
                                                                          {"operation", "what was done: chat, embedding, ocr, …"},
                                                                          {"project", "project, workspace or account"},
                                                                          {"key", "API key or user"},
                                                                          {"workload", "what for: a tag, a name"},
                                                                          {"region", "region"},
                                                                          {"tier", "service tier"},
                                                                          {"batch", "whether it was a batch"},
                                                                          {"id", "the row's own id"},
                                                                          {"line_item", "the invoice's words for it"},
                                                                          {"charge", "kind of charge: usage, credit, tax"},
                                                                          {"credits", "credits of the row, negative"},
                                                                          {"amount", "quantity billed"},
                                                                          {"amount_unit", "its unit"},
                                                                          {"latency_ms", "milliseconds to the answer"},
                                                                          {"latency_s", "seconds to the answer"},
                                                                          {"first_token", "when the first token came"},
                                                                          {"status", "HTTP status or success"},
                                                                          {"start_ms", "milliseconds from the log's beginning"}};
  return fields;
}

Result<std::vector<Format>, std::string> read_formats(std::string_view yaml, const std::string& file) {
  const auto root = parse_yaml(yaml);
  if (!root) return fail(file + ":" + std::to_string(root.error().line) + ": " + root.error().message);
  const YamlNode* list = root->kind == YamlKind::map ? root->find("formats") : nullptr;
  if (list == nullptr || list->kind != YamlKind::list || list->items.empty() || list->items.size() > 100)
    return fail(file + ": a list `formats` of 1 to 100 entries belongs here");
  std::vector<Format> out;
  for (const YamlNode& item : list->items) {
    Format format;
    if (const auto wrong = read_format(item, format)) return fail(file + ":" + std::to_string(item.line) + ": " + *wrong);
    out.push_back(std::move(format));
  }
  return out;
}

const Format* recognise(const std::vector<Format>& formats, const std::vector<std::string>& columns) {
  const auto has = [&](const std::string& column) { return std::ranges::find(columns, column) != columns.end(); };
  for (const Format& format : formats)
    if (std::ranges::all_of(format.needs, has) && (format.also_needs_any.empty() || std::ranges::any_of(format.also_needs_any, has))) return &format;
  return nullptr;
}

std::string print_mapping(const Format& format) {
  std::string out = "formats:\n  - name: " + format.name + "\n";
  if (!format.provider.empty()) out += "    provider: " + format.provider + "\n";
  out += "    kind: " + std::string(to_string(format.kind)) + "\n    needs: [";
  for (std::size_t i = 0; i < format.needs.size(); ++i) out += (i == 0 ? "" : ", ") + json_string(format.needs[i]);
  out += "]\n    fields:\n";
  for (const auto& [ours, theirs] : format.fields) out.append("      ").append(ours).append(": ").append(json_string(theirs)).append("\n");
  return out + (format.each_row_is_a_request ? "    each_row_is_a_request: true\n" : "");
}

// What usage APIs say of a page: the same row may come on two.
constexpr std::array<std::string_view, 5> kOfPage = {"object", "has_more", "next_page", "first_id", "last_id"};

Mapper::Mapper(const Format& format, const std::vector<std::string>& columns) : format_(format) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (const auto& [ours, theirs] : format.fields)
      if (theirs == columns[i]) places_[ours].push_back(i);
    const auto only = format.only.find(columns[i]);
    if (only != format.only.end()) only_.emplace_back(i, &only->second);
    of_page_.push_back(std::ranges::find(kOfPage, columns[i]) != kOfPage.end());
  }
  // Exports of one vendor differ in the case of a name between versions (startTime, start_time).
  if (!places_.contains("start") && format.fields.contains("start"))
    for (std::size_t i = 0; i < columns.size(); ++i) {
      std::string folded = to_lower(columns[i]), wanted = to_lower(format.fields.at("start"));
      std::erase(folded, '_'), std::erase(wanted, '_');
      if (folded == wanted) places_["start"].push_back(i);
    }
}

std::uint64_t Mapper::whole(const std::vector<std::string>& values) const {
  std::uint64_t out = values.size();
  for (std::size_t i = 0; i < values.size(); ++i)
    if (i >= of_page_.size() || !of_page_[i]) out = (out ^ std::hash<std::string_view>{}(values[i])) * 0x9e3779b97f4a7c15 + i;
  return out;
}

std::string_view Mapper::value(const std::vector<std::string>& values, std::string_view field) const {
  const auto places = places_.find(field);
  if (places == places_.end() || places->second.empty() || places->second.front() >= values.size()) return {};
  return trim(values[places->second.front()]);
}

Mapped Mapper::map(const std::vector<std::string>& values, std::int64_t line) const {
  for (const auto& [place, allowed] : only_)
    if (place < values.size() && std::ranges::find(*allowed, values[place]) == allowed->end()) return OtherService{};
  Row row{.kind = format_.kind, .line = line, .whole = whole(values), .provider = format_.provider};
  const auto wrong = [&](std::string_view field, std::string_view what) {
    return Rejected{line, std::string(format_.fields.at(std::string(field))) + " " + std::string(what)};
  };
  const auto text = [&](std::string_view field) { return std::string(value(values, field).substr(0, 500)); };

  if (const auto ms = value(values, "start_ms"); !ms.empty()) {
    const auto count = parse_count(ms);
    if (!count || *count > 4'000'000'000'000) return wrong("start_ms", "is no count of milliseconds");
    row.start.unix_ns = *count * 1'000'000;
  } else {
    const auto start = parse_export_time(value(values, "start"));
    if (!start)
      return Rejected{line,
                      "the time in " + (format_.fields.contains("start") ? format_.fields.at("start") : std::string("start")) + " cannot be read"};
    row.start = *start;
  }
  if (const auto end = value(values, "end"); !end.empty()) {
    const auto at = parse_export_time(end);
    if (!at || *at < row.start) return wrong("end", at ? "lies before the start" : "is no time");
    row.end = *at;
  }
  row.id = text("id"), row.model = text("model"), row.line_item = text("line_item"), row.project = text("project"), row.key = text("key"),
  row.workload = text("workload");
  row.region = text("region"), row.tier = text("tier");
  if (row.workload.starts_with('[')) {  // a list of tags: the first names the workload
    const std::size_t open = row.workload.find('"'), close = open == std::string::npos ? open : row.workload.find('"', open + 1);
    row.workload = close == std::string::npos ? std::string() : row.workload.substr(open + 1, close - open - 1);
  }
  if (const auto provider = value(values, "provider"); !provider.empty()) row.provider = to_lower(provider.substr(0, 100));
  if (row.provider.empty()) row.provider = "unknown";
  if (const auto currency = value(values, "currency"); !currency.empty()) {
    row.currency = currency.substr(0, 8);
    std::ranges::transform(row.currency, row.currency.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  }
  row.batch = equals_ignoring_case(value(values, "batch"), "true") || value(values, "tier") == "batch";
  if (is_credit(value(values, "charge"))) row.kind = RowKind::credit;

  for (const std::string_view name : kClasses) {
    const auto given = value(values, name);
    if (given.empty()) continue;
    const auto count = parse_count(given);
    if (!count) return wrong(name, "is no count of tokens");
    *class_of(row.usage, name) = count;
  }
  for (const auto& [field, per_unit_ms] : {std::pair("audio_s", 1'000), std::pair("audio_min", 60'000)})
    if (const auto given = value(values, field); !given.empty()) {
      const auto length = parse_export_money(given);  // a decimal number
      if (!length || length->pico() < 0 || length->pico() > kOne * 1'000'000'000) return wrong(field, "is no length of audio");
      row.usage.audio_ms = static_cast<std::int64_t>(length->pico() * per_unit_ms / kOne);
    }
  for (const auto& [field, count] : {std::pair("pages", &row.usage.pages), std::pair("images", &row.images)})
    if (const auto given = value(values, field); !given.empty()) {
      *count = parse_count(given);
      if (!*count) return wrong(field, "is no count");
    }
  row.operation = format_.operation;
  if (const auto given = value(values, "operation"); !given.empty()) row.operation = operation_of(given);
  for (const std::string& part : format_.input_includes) {
    const auto within = class_of(row.usage, part)->value_or(0);
    if (within == 0 || !row.usage.input_tokens) continue;
    if (within > *row.usage.input_tokens) return Rejected{line, "more " + part + " tokens than input tokens, which include them"};
    *row.usage.input_tokens -= within;
  }
  if (const auto requests = value(values, "requests"); !requests.empty()) {
    const auto count = parse_count(requests);
    if (!count) return wrong("requests", "is no count");
    row.requests = *count;
  } else if (format_.each_row_is_a_request) {
    row.requests = 1;
  }

  if (const auto cost = value(values, "cost"); !cost.empty()) {
    auto usd = parse_export_money(cost);
    if (!usd || !within_limits(*usd)) return wrong("cost", usd ? "is more than a row may cost" : "is no amount of money");
    if (format_.cost_in_cents) usd = usd->times_ratio(1, 100);
    row.cost = *usd;
  }
  if (const auto credits = places_.find("credits"); credits != places_.end() && row.cost)
    for (const std::size_t place : credits->second)
      if (place < values.size() && !values[place].empty()) {
        const auto credit = parse_export_money(values[place]);
        if (!credit || !within_limits(*credit)) return wrong("credits", credit ? "is more than a row may cost" : "is no amount of money");
        *row.cost += *credit;
      }
  if (format_.kind != RowKind::log && !row.cost && !row.usage.known() && !row.images && row.requests == 0)
    return Rejected{line, "has neither a cost nor tokens nor requests"};

  for (const auto& [ending, name] : format_.token_class) {
    if (!row.model.ends_with(ending)) continue;
    const auto amount = parse_export_money(value(values, "amount"));
    if (!amount || amount->pico() < 0 || amount->pico() > kOne * Row::kMostCount) return wrong("amount", "is no quantity");
    const std::string unit = to_lower(value(values, "amount_unit"));
    const std::int64_t scale = unit.starts_with("1k") || unit.find("thousand") != std::string::npos  ? 1000
                               : unit.starts_with("1m") || unit.find("million") != std::string::npos ? 1'000'000
                                                                                                     : 1;
    const auto tokens = amount->pico() * scale / kOne;  // at most 10^25 × 10^6: far from the end of 128 bits
    if (tokens > Row::kMostCount) return wrong("amount", "is no quantity");
    *class_of(row.usage, name) = static_cast<std::int64_t>(tokens);
    row.model.resize(row.model.size() - ending.size());
    break;
  }
  if (!format_.strip_prefix.empty())
    if (const std::size_t cut = row.model.find(format_.strip_prefix); cut <= 5) row.model.erase(0, cut + format_.strip_prefix.size());  // USE1-
  if (!format_.model_ends_at.empty()) row.model.resize(std::min(row.model.find(format_.model_ends_at), row.model.size()));

  if (const auto ms = value(values, "latency_ms"); !ms.empty()) row.latency_ms = parse_count(ms.substr(0, ms.find('.')));
  if (const auto s = parse_export_money(value(values, "latency_s")); s && s->pico() >= 0 && s->pico() < Money::Pico{1'000'000} * 1'000'000'000'000)
    row.latency_ms = static_cast<std::int64_t>(s->pico() / 1'000'000'000);
  if (format_.each_row_is_a_request && row.end > row.start && !row.latency_ms) row.latency_ms = (row.end.unix_ns - row.start.unix_ns) / 1'000'000;
  if (const auto first = value(values, "first_token"); !first.empty())
    if (const auto at = parse_export_time(first); at && *at >= row.start) row.first_token_ms = (at->unix_ns - row.start.unix_ns) / 1'000'000;
  row.is_request = format_.each_row_is_a_request && row.id.empty();
  const auto status = value(values, "status");
  row.failed = status.starts_with('4') || status.starts_with('5') || equals_ignoring_case(status, "failure") || equals_ignoring_case(status, "error");
  return row;
}

std::optional<Instant> parse_export_time(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.size() > 40) return {};
  if (std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; }) && text.find('.') == text.rfind('.')) {
    const auto money = parse_export_money(text);
    if (!money) return {};
    const auto pico = money->pico();
    const Money::Pico whole = pico / kOne;
    const auto ns = whole >= Money::Pico{100'000'000} * 1'000'000'000 ? whole
                    : whole >= Money::Pico{100'000} * 1'000'000'000   ? pico / 1'000'000'000  // microseconds
                    : whole >= Money::Pico{100} * 1'000'000'000       ? pico / 1'000'000      // milliseconds
                                                                      : pico / 1'000;               // seconds
    return ns > INT64_MAX ? std::nullopt : std::optional(Instant{static_cast<std::int64_t>(ns)});
  }
  std::string date(text);
  if (date.size() >= 8 && date[2] == '/' && date.size() >= 10 && date[5] == '/')
    date = date.substr(6, 4) + "-" + date.substr(0, 2) + "-" + date.substr(3, 2) + date.substr(10);  // month first, as Azure writes it
  if (date.ends_with(" UTC")) date.resize(date.size() - 4);
  if (date.size() == 10) date += "T00:00:00Z";
  if (date.size() > 10 && date[10] == ' ') date[10] = 'T';
  if (date.size() > 19 && date[19] == '.') {  // at most nine digits of a second
    std::size_t end = 20;
    while (end < date.size() && date[end] >= '0' && date[end] <= '9') ++end;
    if (end - 20 > 9) date.erase(29, end - 29);
  }
  if (date.size() >= 19 && date.find_first_of("Z+-", 19) == std::string::npos) date += "Z";
  if (date.size() >= 22 && (date[date.size() - 3] == '+' || date[date.size() - 3] == '-')) date += ":00";
  return parse_rfc3339(date);
}

std::optional<Money> parse_export_money(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.size() > 60) return {};
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int exponent = 0;
  const std::size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    std::string_view power = text.substr(e + 1);
    const bool down = power.starts_with('-');
    if (down || power.starts_with('+')) power.remove_prefix(1);
    if (power.empty() || power.size() > 2) return {};
    for (const char c : power) {
      if (c < '0' || c > '9') return {};
      exponent = exponent * 10 + (c - '0');
    }
    if (down) exponent = -exponent;
    text = text.substr(0, e);
  }
  std::string digits;
  std::size_t point = std::string::npos;
  for (const char c : text) {
    if (c == '.' && point == std::string::npos)
      point = digits.size();
    else if (c >= '0' && c <= '9')
      digits += c;
    else
      return {};
  }
  if (digits.empty()) return {};
  const int whole = static_cast<int>(point == std::string::npos ? digits.size() : point) + exponent;  // digits before the point
  // The digits up to the twelfth place, then half to even by what follows.
  Money::Pico pico = 0;
  const int taken = whole + 12;
  if (taken > 37) return {};
  for (int i = 0; i < taken; ++i) pico = pico * 10 + (i < static_cast<int>(digits.size()) ? digits[static_cast<std::size_t>(i)] - '0' : 0);
  if (taken >= 0 && taken < static_cast<int>(digits.size())) {
    const char next = digits[static_cast<std::size_t>(taken)];
    const bool more = std::any_of(digits.begin() + taken + 1, digits.end(), [](char c) { return c != '0'; });
    if (next > '5' || (next == '5' && (more || pico % 2 != 0))) ++pico;
  }
  return Money::from_pico(negative ? -pico : pico);
}

}  // namespace demarc::planning
