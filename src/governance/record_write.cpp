// Records to bytes. Keys stand here in the order of RFC 8785 (sorted), written by hand so that a request's path builds no tree; a test holds the
// order.
#include <algorithm>
#include <charconv>

#include "base/check.hpp"
#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "governance/record_json.hpp"

namespace demarc::governance {
namespace {

constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53) - 1;  // what every reader of JSON holds exactly
constexpr std::size_t kMaxKeyBytes = 128;
constexpr std::string_view kCut = "\xe2\x80\xa6";  // …

struct Limits {
  std::size_t string_bytes, items;
};
constexpr Limits kLimits[] = {{1024, 256}, {256, 64}, {64, 8}};

// Bytes that are not UTF-8 become U+FFFD, so that what is cut afterwards reads back as it was written.
std::string to_utf8(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    std::size_t length = 1;
    while (length <= 4 && length <= bytes.size() && !is_utf8(bytes.substr(0, length))) ++length;
    if (length <= 4 && length <= bytes.size()) {
      out += bytes.substr(0, length);
      bytes.remove_prefix(length);
    } else {
      out += "\xef\xbf\xbd";
      bytes.remove_prefix(1);
    }
  }
  return out;
}

std::string cut(std::string_view text, std::size_t max_bytes) {
  std::string whole = to_utf8(text.substr(0, max_bytes + 4));  // never shorter than what it is made of; a sequence halved here is cut off below
  if (whole.size() <= max_bytes) return whole;
  std::size_t end = std::min(whole.size(), max_bytes - kCut.size());
  while (end > 0 && end < whole.size() && (static_cast<unsigned char>(whole[end]) & 0xc0U) == 0x80U) --end;
  return whole.substr(0, end).append(kCut);
}

class Output {
 public:
  Output(std::string& out, Limits limits) : out_(out), limits_(limits) {}

  void key(std::string_view name) {  // name: a literal of ours, nothing to escape
    out_ += separator_, out_ += '"';
    out_ += name, out_ += "\":";
    separator_ = ',';
  }
  void field(std::string_view name, std::string_view text) { key(name), text_or_null(text); }
  void field(std::string_view name, const std::string& text) { key(name), text_or_null(text); }
  void field(std::string_view name, const char* text) { key(name), text_or_null(text); }
  void field(std::string_view name, bool truth) { key(name), out_ += truth ? "true" : "false"; }
  template <std::integral Int>
  void field(std::string_view name, Int number) {
    key(name), integer(static_cast<std::int64_t>(std::min<std::uint64_t>(static_cast<std::uint64_t>(std::max<Int>(number, 0)), kMaxInteger)));
  }
  void field(std::string_view name, std::optional<std::int64_t> number) {
    if (number)
      field(name, *number);
    else
      null(name);
  }
  void field(std::string_view name, const std::optional<Money>& usd) {
    key(name);
    if (usd)
      append_json_string(out_, usd->print());
    else
      out_ += "null";
  }
  void null(std::string_view name) { key(name), out_ += "null"; }

  void field(std::string_view name, const std::vector<std::string>& list) {
    key(name), out_ += '[';
    const bool whole = list.size() <= limits_.items;
    const std::size_t shown = whole ? list.size() : limits_.items - 1;
    for (std::size_t i = 0; i < shown; ++i) {
      if (i > 0) out_ += ',';
      string(list[i], limits_.string_bytes);
    }
    if (!whole) out_ += ',', append_json_string(out_, std::string(kCut) + "+" + std::to_string(list.size() - shown));
    out_ += ']';
  }
  void field(std::string_view name, const FindingCounts& counts) {
    std::uint64_t left_out = 0;
    map(
        name, counts, [&](std::uint32_t count) { integer(count); }, [&](std::uint32_t count) { left_out += count; },
        [&] { integer(static_cast<std::int64_t>(std::min<std::uint64_t>(left_out, UINT32_MAX))); });
  }
  void field(std::string_view name, const std::map<std::string, std::string>& details) {
    std::size_t left_out = 0;
    map(
        name, details, [&](const std::string& text) { string(text, limits_.string_bytes); }, [&](const std::string&) { ++left_out; },
        [&] { append_json_string(out_, "+" + std::to_string(left_out)); });
  }

  template <class Body>
  void object(std::string_view name, Body&& body) {
    key(name);
    object(std::forward<Body>(body));
  }
  template <class Body>
  void object(Body&& body) {
    separator_ = '{';
    body();
    out_ += '}', separator_ = ',';
  }

 private:
  void integer(std::int64_t number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out_.append(digits, end);
  }
  void string(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes / 3)  // cannot grow beyond it, whatever it holds
      append_json_string(out_, text);
    else
      append_json_string(out_, cut(text, max_bytes));
  }
  void text_or_null(std::string_view text) {
    if (text.empty())
      out_ += "null";
    else
      string(text, limits_.string_bytes);
  }
  template <class Map, class Value, class LeftOut, class Rest>
  void map(std::string_view name, const Map& entries, Value&& value, LeftOut&& left_out, Rest&& rest) {
    key(name), out_ += '{';
    const std::size_t shown = entries.size() <= limits_.items ? entries.size() : limits_.items - 1;
    std::size_t i = 0;
    for (const auto& [k, v] : entries) {
      if (i++ >= shown) {
        left_out(v);
        continue;
      }
      if (i > 1) out_ += ',';
      string(k, kMaxKeyBytes), out_ += ':';
      value(v);
    }
    if (shown < entries.size()) out_ += ',', append_json_string(out_, kCut), out_ += ':', rest();
    out_ += '}';
  }

  std::string& out_;
  Limits limits_;
  char separator_ = '{';
};

void write_caller(Output& out, const RequestFacts& r) {
  out.object("caller", [&] {
    out.field("key", r.key_id);
    out.field("role", r.role);
    out.field("team", r.team);
  });
}

void write_findings(Output& out, const RequestFacts& r) {
  if (r.findings)
    out.field("findings", *r.findings);
  else
    out.null("findings");
}

void write_job(Output& out, const RequestFacts& r) {
  if (r.job.id.empty()) return;
  out.object("job", [&] {
    out.field("id", r.job.id);
    out.field("piece", r.job.piece);
    out.field("run", r.job.run);
  });
}

void write_counted_by(Output& out, const RequestFacts& r) {
  if (r.context_tokens_by != CountedBy::unsaid) out.field("context_tokens_by", to_string(r.context_tokens_by));
}

void write(Output& out, const IntentRecord& record, const Stamp& stamp) {
  const RequestFacts& r = record.request;
  out.field("address", record.address);
  out.field("attempt", record.attempt);
  out.field("attempt_kind", record.kind);
  out.field("attributes", record.attributes_read);
  out.field("boot_id", stamp.boot_id);
  out.field("build", stamp.build);
  write_caller(out, r);
  out.field("context_tokens", r.context_tokens);
  write_counted_by(out, r);
  out.field("conversation", r.conversation);
  out.object("decision", [&] {
    out.null("cause");
    out.field("effect", to_string(Effect::permit));
    out.field("matched", record.matched);
    out.field("policy", r.policy_digest);
    out.field("requires", record.requires_);
    out.field("rules", record.rules);
  });
  out.field("declared", to_string(r.declared));
  out.field("dialect", r.dialect);
  write_findings(out, r);
  out.field("id", r.id);
  write_job(out, r);
  out.field("kind", "INTENT");
  out.field("model", record.model);
  out.field("model_digest", record.model_digest);
  out.field("monotonic_us", stamp.monotonic.ns / 1000);
  out.field("operation", to_string(r.operation));
  out.field("parent", r.parent);
  out.field("redactions", record.redactions);
  out.field("region", record.region);
  out.field("request_commitment", r.request_commitment);
  out.field("requested_model", r.model_requested);
  out.field("sensitivity", to_string(r.sensitivity));
  out.field("sent_commitment", record.sent_commitment);
  out.field("stream", r.stream);
  out.field("tenant", stamp.tenant);
  out.field("tier", to_string(record.tier));
  out.field("time", format_rfc3339(r.received));
  out.field("tools", r.tools);
  out.field("ts", format_rfc3339(stamp.ts));
  out.field("upstream", record.upstream);
  out.field("v", 1);
  out.field("workload", r.workload);
}

void write_charge(Output& out, const Charge& charge) {
  out.object("charge", [&] {
    if (charge.alternative)
      out.object("alternative", [&] {
        out.field("model", charge.alternative->model);
        out.field("upstream", charge.alternative->upstream);
        out.field("usd", charge.alternative->usd);
      });
    else
      out.null("alternative");
    out.field("kind", to_string(charge.kind));
    out.field("usd", charge.usd);
  });
}

void write_usage(Output& out, const Usage& usage) {
  out.object("usage", [&] {
    out.field("audio_ms", usage.audio_ms);
    out.field("cache_write_1h_tokens", usage.cache_write_1h_tokens);
    out.field("cache_write_tokens", usage.cache_write_tokens);
    out.field("cached_input_tokens", usage.cached_input_tokens);
    out.field("estimated", usage.estimated);
    out.field("input_audio_tokens", usage.input_audio_tokens);
    out.field("input_tokens", usage.input_tokens);
    out.field("output_tokens", usage.output_tokens);
    if (usage.pages) out.field("pages", usage.pages);
    out.field("reasoning_tokens", usage.reasoning_tokens);
  });
}

void write(Output& out, const OutcomeRecord& record, const Stamp& stamp) {
  out.field("answer_findings", record.answer_findings);
  out.field("attempt", record.attempt);
  out.field("boot_id", stamp.boot_id);
  out.field("build", stamp.build);
  write_charge(out, record.charge);
  out.field("finish_reason", record.finish_reason);
  out.field("id", record.id);
  out.field("intent", record.intent);
  out.field("kind", "OUTCOME");
  out.field("last", record.last);
  out.field("log_us", record.log_us);
  out.field("monotonic_us", stamp.monotonic.ns / 1000);
  out.field("outcome", to_string(record.outcome));
  out.field("reason", record.reason);
  out.field("received_commitment", record.received_commitment);
  out.field("served_model", record.model_served);
  out.field("status", record.status);
  out.field("tenant", stamp.tenant);
  out.object("timing_ms", [&] {
    out.field("first_token", record.first_token_ms);
    out.field("queued", record.queued_ms);
    out.field("total", record.total_ms);
  });
  out.field("ts", format_rfc3339(stamp.ts));
  write_usage(out, record.usage);
  out.field("v", 1);
}

void write(Output& out, const DenyRecord& record, const Stamp& stamp) {
  const RequestFacts& r = record.request;
  out.field("attributes", record.attributes_read);
  out.field("boot_id", stamp.boot_id);
  out.field("build", stamp.build);
  write_caller(out, r);
  out.field("context_tokens", r.context_tokens);
  write_counted_by(out, r);
  out.field("conversation", r.conversation);
  out.object("decision", [&] {
    out.field("cause", record.cause);
    out.field("effect", to_string(record.effect));
    out.field("matched", record.matched);
    out.field("policy", r.policy_digest);
    out.field("rules", record.rules);
  });
  out.field("declared", to_string(r.declared));
  out.field("dialect", r.dialect);
  write_findings(out, r);
  out.field("id", r.id);
  write_job(out, r);
  out.field("kind", "DENY");
  out.field("monotonic_us", stamp.monotonic.ns / 1000);
  out.field("operation", to_string(r.operation));
  out.field("parent", r.parent);
  out.field("request_commitment", r.request_commitment);
  out.field("requested_model", r.model_requested);
  out.field("sensitivity", to_string(r.sensitivity));
  out.field("status", record.status);
  out.field("stream", r.stream);
  out.field("tenant", stamp.tenant);
  out.field("time", format_rfc3339(r.received));
  out.field("tools", r.tools);
  out.field("ts", format_rfc3339(stamp.ts));
  out.field("v", 1);
  out.field("workload", r.workload);
}

void write(Output& out, const EventRecord& record, const Stamp& stamp) {
  CHECK(is_event_kind(record.kind));
  out.field("actor", record.actor);
  out.field("boot_id", stamp.boot_id);
  out.field("build", stamp.build);
  out.field("details", record.details);
  out.field("kind", record.kind);
  out.field("monotonic_us", stamp.monotonic.ns / 1000);
  out.field("tenant", stamp.tenant);
  out.field("ts", format_rfc3339(stamp.ts));
  out.field("v", 1);
}

}  // namespace

bool is_event_kind(std::string_view kind) { return std::find(std::begin(kEventKinds), std::end(kEventKinds), kind) != std::end(kEventKinds); }

std::string_view kind_of(const Record& record) {
  if (std::holds_alternative<IntentRecord>(record)) return "INTENT";
  if (std::holds_alternative<OutcomeRecord>(record)) return "OUTCOME";
  if (std::holds_alternative<DenyRecord>(record)) return "DENY";
  return std::get<EventRecord>(record).kind;
}

std::string write_record(const Record& record, const Stamp& stamp) {
  std::string entry;
  entry.reserve(1536);
  for (const Limits& limits : kLimits) {
    entry.clear();
    Output out(entry, limits);
    out.object([&] { std::visit([&](const auto& kind) { write(out, kind, stamp); }, record); });
    if (entry.size() <= kMaxEntryBytes) return entry;
  }
  CHECK(entry.size() <= kMaxEntryBytes);  // the last limits leave room to spare
  return entry;
}

}  // namespace demarc::governance
