#include "ledger/usage_report.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "ledger/csv.hpp"

namespace demarc::ledger {
namespace {

constexpr std::size_t kTableWidth = 80;
using Line = std::vector<std::string>;

std::string number(const std::optional<std::int64_t>& value) { return value ? std::to_string(*value) : ""; }

std::string seconds(const std::optional<std::int64_t>& ms) {
  if (!ms) return "";
  const std::string rest = std::to_string(1000 + *ms % 1000);
  return std::to_string(*ms / 1000) + "." + rest.substr(1);
}

// For people: four decimals, and more where those would show less than two digits of it; rounded half to even. So nothing is ever shown as free that
// is not.
std::string rounded_usd(Money usd) {
  std::int64_t step = 100'000'000;  // pico-dollars of the last decimal shown
  std::size_t hidden = 8;
  for (; hidden > 0 && usd > Money{} && usd < Money::from_pico(10 * step); --hidden) step /= 10;
  const std::string text = Money::from_pico(usd.times_ratio(1, step).pico() * step).print();
  return text.substr(0, text.size() - hidden);
}

std::string usd_cell(const UsageRow& row) {
  if (row.attempts > 0 && row.unpriced == row.attempts) return "unpriced";
  return rounded_usd(row.usd) + (row.unpriced > 0 ? "+?" : "");  // and what nobody knows
}

std::string group_cell(const UsageRow& row) {
  std::string out;
  for (const std::string& value : row.group) out += (out.empty() ? "" : " / ") + (value.empty() ? std::string("-") : value);
  return out;
}

Line table_line(std::string name, const UsageRow& row) {
  const Usage& u = row.usage;
  const std::string audio = u.audio_ms ? std::to_string((*u.audio_ms + 500) / 1000) : "";
  return {std::move(name),
          std::to_string(row.requests),
          u.known() ? std::to_string(u.total_input()) : "",
          u.known() ? std::to_string(u.total_output()) : "",
          audio,
          usd_cell(row),
          row.compared > 0 ? rounded_usd(row.alternative_usd) : ""};
}

// At most `width` code points, with "…" in the middle: the ends of names tell them apart.
std::string shortened(std::string_view text, std::size_t width) {
  if (count_code_points(text) <= width) return std::string(text);
  const auto prefix = [](std::string_view from, std::size_t points) {  // bytes of its first `points` code points
    std::size_t at = 0;
    for (; at < from.size(); ++at)
      if ((static_cast<unsigned char>(from[at]) & 0xc0) != 0x80 && points-- == 0) break;
    return at;
  };
  const std::size_t head = width / 2, tail = width - 1 - head;
  return std::string(text.substr(0, prefix(text, head))) + "…" + std::string(text.substr(prefix(text, count_code_points(text) - tail)));
}

// Numbers to the right; the first column is cut in the middle where the line would pass 80 columns.
std::string table(const UsageQuery& query, const std::vector<UsageRow>& rows) {
  std::string title;
  for (const UsageBy by : query.by) title += (title.empty() ? "" : " / ") + std::string(to_string(by));
  std::vector<Line> lines = {{title, "requests", "in", "out", "audio s", "usd", "elsewhere"}};
  for (const UsageRow& row : rows) lines.push_back(table_line(group_cell(row), row));
  lines.push_back(table_line("total", total_of(rows)));
  std::vector<std::size_t> widths(lines[0].size(), 0);
  for (const Line& line : lines)
    for (std::size_t c = 0; c < line.size(); ++c) widths[c] = std::max(widths[c], count_code_points(line[c]));
  std::size_t others = 0;
  for (std::size_t c = 1; c < widths.size(); ++c) others += widths[c] + 2;
  widths[0] = std::min(widths[0], std::max<std::size_t>(12, kTableWidth > others ? kTableWidth - others : 0));
  std::string out;
  for (const Line& line : lines) {
    const std::string name = shortened(line[0], widths[0]);
    out += name + std::string(widths[0] - count_code_points(name), ' ');
    for (std::size_t c = 1; c < line.size(); ++c) out += std::string(widths[c] + 2 - line[c].size(), ' ') + line[c];
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  }
  return out;
}

std::string csv(const UsageQuery& query, const std::vector<UsageRow>& rows) {
  std::string out;
  for (const UsageBy by : query.by) out += std::string(to_string(by)) + ",";
  out +=
      "requests,attempts,input_tokens,cached_input_tokens,cache_write_tokens,cache_write_1h_tokens,output_tokens,reasoning_tokens,"
      "input_audio_tokens,audio_seconds,pages,usd,unpriced_attempts,compared_attempts,compared_usd,alternative_usd\r\n";
  for (const UsageRow& row : rows) {
    for (const std::string& value : row.group) out += csv_field(value) + ",";
    const Usage& u = row.usage;
    out += std::to_string(row.requests) + "," + std::to_string(row.attempts);
    for (const auto& count : {u.input_tokens, u.cached_input_tokens, u.cache_write_tokens, u.cache_write_1h_tokens, u.output_tokens,
                              u.reasoning_tokens, u.input_audio_tokens})
      out += "," + number(count);
    out += "," + seconds(u.audio_ms) + "," + number(u.pages) + "," + row.usd.print() + "," + std::to_string(row.unpriced) + "," +
           std::to_string(row.compared) + "," + row.compared_usd.print() + "," + row.alternative_usd.print() + "\r\n";
  }
  return out;
}

void json_row(JsonWriter& json, const UsageQuery& query, const UsageRow& row) {
  for (std::size_t i = 0; i < row.group.size(); ++i) {
    json.name(to_string(query.by[i]));
    if (row.group[i].empty())
      json.value(json_null);
    else
      json.value(row.group[i]);
  }
  json.field("requests", row.requests);
  json.field("attempts", row.attempts);
  const auto count = [&](std::string_view name, const std::optional<std::int64_t>& value) {
    json.name(name);
    if (value)
      json.value(*value);
    else
      json.value(json_null);
  };
  count("input_tokens", row.usage.input_tokens);
  count("cached_input_tokens", row.usage.cached_input_tokens);
  count("cache_write_tokens", row.usage.cache_write_tokens);
  count("cache_write_1h_tokens", row.usage.cache_write_1h_tokens);
  count("output_tokens", row.usage.output_tokens);
  count("reasoning_tokens", row.usage.reasoning_tokens);
  count("input_audio_tokens", row.usage.input_audio_tokens);
  json.raw_field("audio_seconds", row.usage.audio_ms ? seconds(row.usage.audio_ms) : "null");
  count("pages", row.usage.pages);
  json.field("usd", row.usd.print());
  json.field("unpriced_attempts", row.unpriced);
  json.object("alternative", [&] {
    json.field("attempts", row.compared);
    json.field("here_usd", row.compared_usd.print());
    json.field("there_usd", row.alternative_usd.print());
  });
}

std::string json(const UsageQuery& query, const std::vector<UsageRow>& rows) {
  std::string out;
  JsonWriter json(out);
  const UsageQuery all{};
  json.object([&] {
    json.array("by", [&] {
      for (const UsageBy by : query.by) json.value(to_string(by));
    });
    json.name("since"), query.since ? json.value(format_rfc3339(*query.since)) : json.value(json_null);
    json.name("until"), query.until ? json.value(format_rfc3339(*query.until)) : json.value(json_null);
    json.array("rows", [&] {
      for (const UsageRow& row : rows) json.object([&] { json_row(json, query, row); });
    });
    json.object("total", [&] { json_row(json, all, total_of(rows)); });
  });
  return out + "\n";
}

}  // namespace

std::optional<UsageFormat> parse_usage_format(std::string_view name) {
  if (name == "table") return UsageFormat::table;
  if (name == "csv") return UsageFormat::csv;
  if (name == "json") return UsageFormat::json;
  return {};
}

UsageRow total_of(const std::vector<UsageRow>& rows) {
  UsageRow total;
  for (const UsageRow& row : rows) {
    total.requests += row.requests, total.attempts += row.attempts;
    add(total.usage, row.usage);
    total.usd += row.usd, total.unpriced += row.unpriced;
    total.alternative_usd += row.alternative_usd, total.compared_usd += row.compared_usd, total.compared += row.compared;
  }
  return total;
}

std::string format_usage(const UsageQuery& query, const std::vector<UsageRow>& rows, UsageFormat format) {
  switch (format) {
    case UsageFormat::table: return table(query, rows);
    case UsageFormat::csv: return csv(query, rows);
    case UsageFormat::json: return json(query, rows);
  }
  return {};
}

}  // namespace demarc::ledger
