#include "governance/record_json.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/strings.hpp"
#include "governance/test_log.hpp"

namespace demarc::governance {
namespace {

using namespace testing;
namespace dom = simdjson::dom;

const Stamp kStamp{"default", "0.1.0", "7d0e", Instant{1'790'000'000'123'000'000}, Monotonic{5'000'000}};

EventRecord event_of(std::string kind) { return {std::move(kind), "local:0", {{"size", "3"}, {"cut_bytes", "17"}}}; }

std::vector<Record> all_kinds() {
  DenyRecord unknown = deny_of(3);
  unknown.request.findings.reset(), unknown.request.context_tokens = 900, unknown.effect = Effect::unavailable;
  unknown.request.context_tokens_by = CountedBy::tokenizer;
  unknown.request.job = {.id = "batch_1", .piece = 12, .run = 2};
  std::vector<Record> records = {intent_of(1), outcome_of(7, 1), deny_of(2), unknown, OutcomeRecord{}};
  for (const std::string_view kind : kEventKinds) records.emplace_back(event_of(std::string(kind)));
  return records;
}

TEST(RecordJson, EveryKindReadsBackToTheSameBytes) {
  for (const Record& record : all_kinds()) {
    const std::string entry = write_record(record, kStamp);
    const auto read = read_record(entry);
    ASSERT_TRUE(read) << entry << " " << to_string(read.error());
    EXPECT_EQ(kind_of(read.value().record), kind_of(record));
    EXPECT_EQ(read.value().ts, kStamp.ts);
  }
}

TEST(RecordJson, KeepsWhatAChargeAndItsUsageSay) {
  const auto read = read_record(write_record(outcome_of(7, 1), kStamp));
  const auto& outcome = std::get<OutcomeRecord>(read.value().record);
  EXPECT_EQ(outcome.intent, 7U);
  EXPECT_EQ(outcome.charge.usd->print(), "0.000123450000");
  EXPECT_EQ(outcome.charge.alternative->upstream, "chat-local");
  EXPECT_EQ(outcome.usage.input_tokens, 12);
  EXPECT_FALSE(outcome.usage.cached_input_tokens.has_value());
}

void expect_sorted(dom::element element) {
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS) return;
  std::string before;
  for (const dom::key_value_pair member : object) {
    EXPECT_LT(before, member.key);
    before = member.key;
    expect_sorted(member.value);
  }
}

TEST(RecordJson, HasItsKeysInCanonicalOrder) {
  dom::parser parser;
  for (const Record& record : all_kinds()) expect_sorted(parser.parse(write_record(record, kStamp)));
}

// As much of JSON Schema as docs/formats uses.
void validate(dom::element schema, dom::element value, const std::string& where) {
  dom::array types;
  std::vector<std::string_view> allowed;
  if (schema["type"].get(types) == simdjson::SUCCESS)
    for (const dom::element type : types) allowed.push_back(type.get_string().value());
  else
    allowed.push_back(schema["type"].get_string().value());
  const std::string_view type = value.is_null()     ? "null"
                                : value.is_object() ? "object"
                                : value.is_array()  ? "array"
                                : value.is_string() ? "string"
                                : value.is_bool()   ? "boolean"
                                                    : "integer";
  ASSERT_NE(std::find(allowed.begin(), allowed.end(), type), allowed.end()) << where << " is " << type;
  dom::element constant;
  if (schema["const"].get(constant) == simdjson::SUCCESS) EXPECT_EQ(simdjson::to_string(constant), simdjson::to_string(value)) << where;
  dom::array words;
  if (schema["enum"].get(words) == simdjson::SUCCESS) {
    bool found = false;
    for (const dom::element word : words) found = found || simdjson::to_string(word) == simdjson::to_string(value);
    EXPECT_TRUE(found) << where << " " << simdjson::to_string(value);
  }
  if (type == "array")
    for (const dom::element item : value.get_array()) validate(schema["items"], item, where + "[]");
  if (type != "object") return;
  dom::object properties;
  const bool closed = schema["properties"].get(properties) == simdjson::SUCCESS;
  for (const dom::key_value_pair member : value.get_object()) {
    const std::string inner = where + "." + std::string(member.key);
    dom::element property;
    if (closed)
      ASSERT_EQ(schema["properties"].at_key(member.key).get(property), simdjson::SUCCESS) << inner << " is not in the schema";
    else
      property = schema["additionalProperties"];
    validate(property, member.value, inner);
  }
  if (!closed) return;
  for (const dom::element key : schema["required"].get_array()) {
    dom::element there;
    EXPECT_EQ(value.at_key(key.get_string().value()).get(there), simdjson::SUCCESS) << where << " lacks " << key.get_string().value();
  }
}

TEST(RecordJson, IsWhatThePublishedSchemasSay) {
  for (const Record& record : all_kinds()) {
    dom::parser schemas, values;
    const std::string path = DEMARC_SOURCE_DIR "/docs/formats/record-" + to_lower(kind_of(record)) + ".schema.json";
    dom::element schema;
    ASSERT_EQ(schemas.load(path).get(schema), simdjson::SUCCESS) << path;
    validate(schema, values.parse(write_record(record, kStamp)), std::string(kind_of(record)));
  }
}

TEST(RecordJson, FitsAnEntryWhateverACallerSends) {
  IntentRecord intent = intent_of(1);
  const std::string controls(1 << 14, '\x01'), broken(1 << 14, '\xff');
  intent.request.model_requested = controls, intent.request.workload = broken, intent.request.conversation = std::string(4000, 'x');
  for (int i = 0; i < 1000; ++i) {
    intent.rules.push_back(controls), intent.matched.push_back(broken), intent.attributes_read.push_back("\xc3\xa9" + std::to_string(i));
    intent.redactions["TYPE_" + std::to_string(i)] = 4'000'000'000U;
  }
  const std::string entry = write_record(intent, kStamp);
  EXPECT_LE(entry.size(), kMaxEntryBytes);
  const auto read = read_record(entry);
  ASSERT_TRUE(read) << to_string(read.error());
  const auto& back = std::get<IntentRecord>(read.value().record);
  EXPECT_EQ(back.rules.back(), "\xe2\x80\xa6+994");  // 1,001 rules, seven of them shown
  EXPECT_EQ(back.redactions.at("\xe2\x80\xa6"), UINT32_MAX);
  EXPECT_TRUE(back.request.model_requested.ends_with("\xe2\x80\xa6"));
}

TEST(RecordJson, AnyLengthOfStringReadsBack) {
  for (std::size_t n = 330; n < 1040; ++n)
    for (const std::string_view unit : {"a", "\xc3\xa9", "\xe2\x82\xac", "\xff"}) {
      IntentRecord intent = intent_of(1);
      while (intent.model.size() < n) intent.model += unit;
      EXPECT_TRUE(read_record(write_record(intent, kStamp))) << n;
    }
}

TEST(RecordJson, ANumberIsNeverLargerThanEveryReaderHoldsExactly) {
  OutcomeRecord outcome = outcome_of(1, 1);
  outcome.usage.input_tokens = INT64_MAX, outcome.total_ms = -5;
  const auto read = read_record(write_record(outcome, kStamp));
  EXPECT_EQ(std::get<OutcomeRecord>(read.value().record).usage.input_tokens, (std::int64_t{1} << 53) - 1);
  EXPECT_EQ(std::get<OutcomeRecord>(read.value().record).total_ms, 0);
}

TEST(RecordJson, AnyFlippedBitIsNoRecordOrAnother) {
  const std::string entry = write_record(intent_of(1), kStamp);
  for (std::size_t i = 0; i < entry.size() * 8; ++i) {
    std::string changed = entry;
    changed[i / 8] = static_cast<char>(changed[i / 8] ^ 1 << i % 8);
    const auto read = read_record(changed);  // may be one (another digit), but then exactly what stands there
    if (read)
      EXPECT_EQ(
          write_record(read.value().record, {read.value().tenant, read.value().build, read.value().boot_id, read.value().ts, read.value().monotonic}),
          changed);
  }
}

TEST(RecordJson, IsStrict) {
  const std::string entry = write_record(event_of("ADMIN"), kStamp);
  EXPECT_EQ(read_record("[]").error(), RecordError::not_json);
  EXPECT_EQ(read_record(entry.substr(0, entry.size() - 1) + ",\"x\":1}").error(), RecordError::not_canonical);
  EXPECT_EQ(read_record(" " + entry).error(), RecordError::not_canonical);
  std::string changed = entry;
  changed.replace(changed.find("ADMIN"), 5, "OTHER");
  EXPECT_EQ(read_record(changed).error(), RecordError::unknown_kind);
  changed = entry;
  changed.replace(changed.find("\"v\":1"), 5, "\"v\":2");
  EXPECT_EQ(read_record(changed).error(), RecordError::unknown_version);
}

}  // namespace
}  // namespace demarc::governance
