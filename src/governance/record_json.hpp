// The bytes of a record: canonical JSON (RFC 8785), at most 65,535 of them, and back to core's nouns. docs/formats/record-*.schema.json says the
// same.
//
//   std::string entry = write_record(record, stamp);
//   auto read = read_record(entry);          // RecordError unless `entry` is exactly what write_record makes of what it read
//
// Every key is always there, null where there is no value. A field added later must be left out where it has no value, so that older entries read
// back to the same bytes. Too long for an entry: strings are cut and end in "…", lists end in "…+N", maps count what they left out under the key "…";
// first at 1,024 bytes a string and 256 items, then 256 and 64, then 64 and 8. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "core/record.hpp"

namespace demarc::governance {

inline constexpr std::size_t kMaxEntryBytes = 65'535;  // c2sp.org/tlog-tiles: entries have a u16 length

// What a record says about its making, besides the Record itself.
struct Stamp {
  std::string_view tenant;   // "default" with one tenant
  std::string_view build;    // version of demarc
  std::string_view boot_id;  // of the kernel: which run of the monotonic clock
  Instant ts;                // kept to the millisecond
  Monotonic monotonic;       // kept to the microsecond
};

struct StoredRecord {
  Record record;
  std::string tenant, build, boot_id;
  Instant ts;
  Monotonic monotonic;
};

enum class RecordError : std::uint8_t { not_json, unknown_version, unknown_kind, wrong_field, not_canonical };
std::string_view to_string(RecordError);

std::string write_record(const Record& record, const Stamp& stamp);
Result<StoredRecord, RecordError> read_record(std::string_view entry);

inline constexpr std::string_view kEventKinds[] = {"KEY", "POLICY", "PIN", "ADMIN", "RECOVERY", "EVAL", "ERASE"};
bool is_event_kind(std::string_view kind);       // an EventRecord of another kind is our own mistake
std::string_view kind_of(const Record& record);  // INTENT, OUTCOME, DENY, or an event's own

}  // namespace demarc::governance
