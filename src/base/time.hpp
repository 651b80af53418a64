// Time as values. Nothing below main reads a clock by itself: a Clock (core/io/clock.hpp) hands these out, so a test can be any day.
//
//   Deadline deadline = Deadline::in(clock.monotonic(), std::chrono::seconds(10));
//   if (deadline.passed(clock.monotonic())) ...
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace demarc {

// A moment of the wall clock: nanoseconds since 1970-01-01T00:00:00Z. For records and people.
struct Instant {
  std::int64_t unix_ns = 0;
  friend auto operator<=>(Instant, Instant) = default;
  [[nodiscard]] std::int64_t unix_ms() const { return unix_ns / 1'000'000; }
  [[nodiscard]] std::int64_t unix_s() const { return unix_ns / 1'000'000'000; }
};

// A moment of the monotonic clock: nanoseconds since some fixed point of this boot. For durations and deadlines.
struct Monotonic {
  std::int64_t ns = 0;
  friend auto operator<=>(Monotonic, Monotonic) = default;
};

inline std::chrono::nanoseconds operator-(Monotonic later, Monotonic earlier) { return std::chrono::nanoseconds(later.ns - earlier.ns); }
inline Monotonic operator+(Monotonic at, std::chrono::nanoseconds by) { return {at.ns + by.count()}; }
inline std::int64_t to_ms(std::chrono::nanoseconds d) { return d.count() / 1'000'000; }

struct Deadline {
  Monotonic at{std::numeric_limits<std::int64_t>::max()};
  static Deadline never() { return {}; }
  static Deadline in(Monotonic now, std::chrono::nanoseconds after) { return {now + after}; }
  [[nodiscard]] bool is_never() const { return at.ns == std::numeric_limits<std::int64_t>::max(); }
  [[nodiscard]] bool passed(Monotonic now) const { return now >= at; }
  [[nodiscard]] Deadline or_sooner(Deadline other) const { return at < other.at ? *this : other; }
};

// RFC 3339 in UTC with milliseconds: 2026-11-24T09:30:00.123Z.
std::string format_rfc3339(Instant at);
// Any RFC 3339 offset, up to nanoseconds; nullopt if it is not one (or lies before 1970 or after 2261).
std::optional<Instant> parse_rfc3339(std::string_view text);

}  // namespace demarc
