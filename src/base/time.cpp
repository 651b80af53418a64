#include "base/time.hpp"

namespace demarc {
namespace {

// Days since 1970-01-01 of a proleptic Gregorian date (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
std::int64_t days_from_civil(std::int64_t y, unsigned m, unsigned d) {
  return std::chrono::sys_days{std::chrono::year{static_cast<int>(y)} / std::chrono::month{m} / std::chrono::day{d}}.time_since_epoch().count();
}

bool digits(std::string_view text, std::size_t at, std::size_t count, int& out) {
  if (at + count > text.size()) return false;
  out = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  return true;
}

}  // namespace

std::string format_rfc3339(Instant at) {
  using namespace std::chrono;
  const auto ms = floor<milliseconds>(nanoseconds(at.unix_ns));
  const auto day = floor<days>(ms);
  const year_month_day date{sys_days{day}};
  const hh_mm_ss clock{ms - day};
  std::string out = "0000-00-00T00:00:00.000Z";  // filled by hand: printf costs several times as much, and every record has two
  const auto put = [&out](std::size_t end, auto number) {
    for (auto n = static_cast<unsigned>(number); n > 0; n /= 10) out[--end] = static_cast<char>('0' + n % 10);
  };
  put(4, int(date.year())), put(7, unsigned(date.month())), put(10, unsigned(date.day()));
  put(13, clock.hours().count()), put(16, clock.minutes().count()), put(19, clock.seconds().count()), put(23, clock.subseconds().count());
  return out;
}

// full-date "T" partial-time time-offset (RFC 3339, section 5.6)
std::optional<Instant> parse_rfc3339(std::string_view t) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
  if (!digits(t, 0, 4, y) || !digits(t, 5, 2, mo) || !digits(t, 8, 2, d) || !digits(t, 11, 2, h) || !digits(t, 14, 2, mi) || !digits(t, 17, 2, s))
    return {};
  if (t[4] != '-' || t[7] != '-' || (t[10] != 'T' && t[10] != 't' && t[10] != ' ') || t[13] != ':' || t[16] != ':') return {};
  const auto date = std::chrono::year{y} / std::chrono::month{unsigned(mo)} / std::chrono::day{unsigned(d)};
  if (!date.ok() || y < 1970 || y > 2261 || h > 23 || mi > 59 || s > 60) return {};
  std::size_t at = 19;
  std::int64_t ns = 0;
  if (at < t.size() && t[at] == '.') {
    std::int64_t unit = 100'000'000;
    const std::size_t first = ++at;
    for (; at < t.size() && t[at] >= '0' && t[at] <= '9'; ++at, unit /= 10) ns += (t[at] - '0') * unit;
    if (at == first) return {};
  }
  std::int64_t offset_s = 0;
  if (at < t.size() && (t[at] == 'Z' || t[at] == 'z')) {
    ++at;
  } else {
    int oh = 0, om = 0;
    if (at >= t.size() || (t[at] != '+' && t[at] != '-') || !digits(t, at + 1, 2, oh) || at + 3 >= t.size() || t[at + 3] != ':' ||
        !digits(t, at + 4, 2, om) || oh > 23 || om > 59)
      return {};
    offset_s = (oh * 3600 + om * 60) * (t[at] == '-' ? -1 : 1);
    at += 6;
  }
  if (at != t.size()) return {};
  const std::int64_t seconds = days_from_civil(y, unsigned(mo), unsigned(d)) * 86400 + h * 3600 + mi * 60 + s - offset_s;
  return Instant{seconds * 1'000'000'000 + ns};
}

}  // namespace demarc
