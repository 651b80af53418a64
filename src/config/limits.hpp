// Limits: every limit of the gateway. One table in limits.cpp (what a document may cost: core/document_limits.hpp) holds name, default, range and
// meaning; the loader, the JSON Schema and the configuration reference are made from it, so none of them can lag.
//
//   Limits limits;                                     // the defaults
//   limits.body_mib * 1024 * 1024
//   for (const LimitSpec& spec : limit_specs()) ...    // to print, check or document
//
// Pure values; any thread. A field's unit is the end of its name; without one it is a count.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/document_limits.hpp"

namespace demarc::config {

struct Limits : DocumentLimits {
  Limits();  // every field its default

  std::int64_t body_mib, header_kib, json_depth;
  std::int64_t connections, streams, buffered_mib;
  std::int64_t header_timeout_ms, body_idle_ms, keep_alive_ms;
  std::int64_t connect_ms, first_byte_ms, idle_ms, total_ms;
  std::int64_t drain_ms, hold_ms;
  std::int64_t attempts, subcalls;
  std::int64_t queued;
  std::int64_t clean_ms, code_ms;
  std::int64_t examine_ms, examine_mib;
  std::int64_t count_ms;
  std::int64_t engine_start_ms, engine_hang_ms, engine_stuck_ms, room_ms;
  std::int64_t files_mib, files_key_mib;
  std::int64_t batch_lines, jobs, jobs_key, job_pieces, job_part_s, job_part_pages, job_patience_ms;
  std::int64_t audio_mib;

  friend bool operator==(const Limits&, const Limits&) = default;
};

struct LimitSpec {
  std::string_view name;
  std::int64_t Limits::* field;
  std::int64_t default_value, min, max;
  std::string_view meaning;
};

std::span<const LimitSpec> limit_specs();

}  // namespace demarc::config
