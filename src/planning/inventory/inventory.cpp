#include "planning/inventory/inventory.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "base/strings.hpp"
#include "core/json/or_null.hpp"
#include "planning/inventory/parts.hpp"

namespace demarc::planning {
namespace {

using store::Statement;

constexpr std::size_t kMostWorkloads = 500;
constexpr const char* kGroup = "grp";  // a row's use of models (usage_book.cpp), or the part of it (parts.hpp)
// Usage, logs, and bills that count their own tokens.
constexpr const char* kWhere = "counted = 1 AND (kind IN (0, 3) OR (kind = 1 AND input IS NOT NULL))";

std::string word_of(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 60)) out += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' ? c : '-';
  while (out.starts_with('-')) out.erase(0, 1);
  return out.empty() ? "unnamed" : out;
}

std::string said(const StoreError& error) { return error.message; }

std::string number(double value, int places) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.*f", places, value);
  return text.data();
}

// Where no export says what a model was used for, its name does.
std::string operation_by_name(std::string_view model) {
  const std::string name = to_lower(model);
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kNames = {{{"embed", "embedding"},
                                                                                            {"rerank", "rerank"},
                                                                                            {"whisper", "transcription"},
                                                                                            {"transcribe", "transcription"},
                                                                                            {"scribe", "transcription"},
                                                                                            {"speech-to-text", "transcription"},
                                                                                            {"ocr", "ocr"},
                                                                                            {"document-ai", "ocr"},
                                                                                            {"doc-intelligence", "ocr"},
                                                                                            {"moderation", "moderation"},
                                                                                            {"tts", "speech"},
                                                                                            {"dall-e", "image_generation"},
                                                                                            {"gpt-image", "image_generation"},
                                                                                            {"codestral", "fim"}}};
  for (const auto& [part, operation] : kNames)
    if (name.find(part) != std::string::npos) return std::string(operation);
  return "";
}

class Taker {
 public:
  Taker(UsageBook& book, const ledger::PriceBook& prices) : book_(book), c_(book.connection()), prices_(prices) {}

  Result<std::vector<Workload>, std::string> take() {
    const std::string sql =
        std::string("SELECT ") + kGroup +
        ", COUNT(*), SUM(requests), MIN(start_ns), MAX(CASE WHEN end_ns > start_ns THEN end_ns WHEN start_ns % 86400000000000 = 0 THEN "
        "start_ns + 86400000000000 ELSE start_ns END), SUM(COALESCE(input, 0)), "
        "SUM(COALESCE(cached_input, 0)), SUM(COALESCE(cache_write, 0)),"
        " SUM(COALESCE(cache_write_1h, 0)), SUM(COALESCE(output, 0)), SUM(COALESCE(reasoning, 0)), SUM(batch * requests), "
        "SUM(failed * requests), COUNT(DISTINCT file), SUM(COALESCE(audio_ms, 0)), SUM(COALESCE(pages, 0)), "
        "SUM(COALESCE(images, 0)) FROM rows WHERE " +
        kWhere + " GROUP BY 1 ORDER BY 3 DESC LIMIT " + std::to_string(kMostWorkloads);
    std::map<std::string, Part> parts;
    for (Part& part : TRY(read_parts(book_))) {
      std::string name = part.of + " " + part.name;
      parts.emplace(std::move(name), std::move(part));
    }
    Statement& read = *TRY(c_.prepare(sql).map_error(said));
    std::vector<Workload> out;
    std::vector<std::pair<std::int64_t, std::int64_t>> spans;
    std::set<std::string> names;
    while (TRY(c_.step(read).map_error(said))) {
      Workload w{
          .name = word_of(read.text(0)), .called = read.text(0), .requests = std::max<std::int64_t>(read.number(2), 0), .rows = read.number(1)};
      for (int i = 2; !names.insert(w.name).second; ++i) w.name = word_of(w.called).substr(0, 56) + "-" + std::to_string(i);
      if (const auto part = parts.find(w.called); part != parts.end()) w.part_of = word_of(part->second.of), w.because = part->second.says;
      spans.emplace_back(read.number(3), read.number(4));
      w.days = std::max(1.0, std::ceil(static_cast<double>(read.number(4) - read.number(3)) / 86.4e12));
      const double requests = std::max<double>(1, static_cast<double>(w.requests));
      w.input_mean = static_cast<double>(read.number(5)) / requests, w.cached_mean = static_cast<double>(read.number(6)) / requests,
      w.write_5m_mean = static_cast<double>(read.number(7)) / requests;
      w.write_1h_mean = static_cast<double>(read.number(8)) / requests, w.output_mean = static_cast<double>(read.number(9)) / requests,
      w.reasoning_mean = static_cast<double>(read.number(10)) / requests;
      w.batch_share = static_cast<double>(read.number(11)) / requests, w.failed_share = static_cast<double>(read.number(12)) / requests;
      w.requests_per_month = static_cast<double>(w.requests) / w.days * 30.42;
      w.audio_minutes_mean = static_cast<double>(read.number(14)) / 60'000 / requests, w.pages_mean = static_cast<double>(read.number(15)) / requests,
      w.images_mean = static_cast<double>(read.number(16)) / requests;
      const std::int64_t files = read.number(13);
      w.source = "imported from " + std::to_string(files) + (files == 1 ? " file, " : " files, ") + format_rfc3339({read.number(3)}).substr(0, 10) +
                 " to " + format_rfc3339({std::max(read.number(3), read.number(4) - 1)}).substr(0, 10);
      out.push_back(std::move(w));
    }
    c_.reset(read);
    for (std::size_t i = 0; i < out.size(); ++i) {
      TRY(models(out[i]));
      TRY(shape(out[i], spans[i].first, spans[i].second));
    }
    std::ranges::sort(out, [](const Workload& a, const Workload& b) {
      return a.usd_per_month != b.usd_per_month ? a.usd_per_month > b.usd_per_month : a.name < b.name;
    });
    return out;
  }

 private:
  // The model that is asked most, and what a month costs.
  Result<void, std::string> models(Workload& w) {
    Statement& read = *TRY(c_.prepare(std::string("SELECT provider, model, batch, SUM(requests), SUM(input), SUM(cached_input), SUM(cache_write), "
                                                  "SUM(cache_write_1h), SUM(output), SUM(reasoning), COUNT(*),"
                                                  " COUNT(usd), SUM(usd), SUM(usd_pico / 1000000) , MAX(start_ns), SUM(audio_ms), SUM(pages), "
                                                  "SUM(images), operation FROM rows WHERE ") +
                                      kWhere + " AND " + kGroup + " = ? GROUP BY 1, 2, 3, operation ORDER BY 4 DESC, 1, 2, 3, 19")
                               .map_error(said));
    read.bind(1, std::string_view(w.called));
    double usd = 0;
    while (TRY(c_.step(read).map_error(said))) {
      if (w.model.empty()) w.provider = read.text(0), w.model = read.text(1);
      if (w.operation.empty()) w.operation = read.text(18).empty() ? operation_by_name(read.text(1)) : read.text(18);
      if (read.number(11) == read.number(10)) {
        usd += static_cast<double>(read.number(12)) + static_cast<double>(read.number(13)) / 1e6;
        continue;
      }
      const Usage usage{.input_tokens = read.maybe_number(4),
                        .cached_input_tokens = read.maybe_number(5),
                        .cache_write_tokens = read.maybe_number(6),
                        .cache_write_1h_tokens = read.maybe_number(7),
                        .output_tokens = read.maybe_number(8),
                        .reasoning_tokens = read.maybe_number(9),
                        .audio_ms = read.maybe_number(15),
                        .pages = read.maybe_number(16)};
      const ledger::Price* price = prices_.find(read.text(0), read.text(1), {read.number(14)});
      const auto cost = price == nullptr ? std::nullopt
                                         : ledger::price_of_sum(*price, {.usage = usage, .requests = read.number(3), .images = read.maybe_number(17)},
                                                                read.number(2) != 0 ? ledger::PriceMode::batch : ledger::PriceMode::standard);
      if (cost)
        usd += static_cast<double>(cost->pico()) / 1e12;
      else
        w.priced = false;
    }
    c_.reset(read);
    w.usd_per_month = usd / w.days * 30.42;
    return {};
  }

  Result<std::optional<std::int64_t>, std::string> percentile(const Workload& w, const char* what) {
    const std::string where = std::string(kWhere) + " AND requests = 1 AND " + kGroup + " = ? AND " + what + " IS NOT NULL";
    Statement& count = *TRY(c_.prepare("SELECT COUNT(*) FROM rows WHERE " + where).map_error(said));
    count.bind(1, std::string_view(w.called));
    TRY(c_.step(count).map_error(said));
    const std::int64_t rows = count.number(0);
    c_.reset(count);
    if (rows < 20) return std::optional<std::int64_t>();
    Statement& read = *TRY(c_.prepare("SELECT " + std::string(what) + " FROM rows WHERE " + where + " ORDER BY 1 LIMIT 1 OFFSET ?").map_error(said));
    read.bind(1, std::string_view(w.called)), read.bind(2, rows * 95 / 100);
    TRY(c_.step(read).map_error(said));
    const auto value = read.maybe_number(0);
    c_.reset(read);
    return value;
  }

  Result<void, std::string> shape(Workload& w, std::int64_t first_ns, std::int64_t last_ns) {
    w.input_p95 = TRY(percentile(w, "(input + COALESCE(cached_input, 0) + COALESCE(cache_write, 0) + COALESCE(cache_write_1h, 0))"));
    w.output_p95 = TRY(percentile(w, "output"));
    w.latency_p95_ms = TRY(percentile(w, "latency_ms"));
    Statement& daily = *TRY(
        c_.prepare(std::string("SELECT start_ns / 86400000000000, SUM(requests) FROM rows WHERE ") + kWhere + " AND " + kGroup + " = ? GROUP BY 1")
            .map_error(said));
    daily.bind(1, std::string_view(w.called));
    std::vector<double> days;
    while (TRY(c_.step(daily).map_error(said))) days.push_back(static_cast<double>(daily.number(1)));
    c_.reset(daily);
    double sum = 0, squares = 0;
    for (const double day : days) sum += day;
    const double mean = sum / std::max<double>(1, static_cast<double>(days.size()));
    for (const double day : days) squares += (day - mean) * (day - mean);
    if (days.size() > 1 && mean > 0) w.daily_variation = std::sqrt(squares / static_cast<double>(days.size() - 1)) / mean;
    Statement& minutes = *TRY(c_.prepare(std::string("SELECT start_ns / 60000000000, COUNT(*) FROM rows WHERE ") + kWhere + " AND requests = 1 AND " +
                                         kGroup + " = ? GROUP BY 1")
                                  .map_error(said));
    minutes.bind(1, std::string_view(w.called));
    std::int64_t single = 0, most = 0, night = 0;
    while (TRY(c_.step(minutes).map_error(said))) {
      const std::int64_t hour = minutes.number(0) / 60 % 24, count = minutes.number(1);
      single += count, most = std::max(most, count), night += hour >= 20 || hour < 6 ? count : 0;
    }
    c_.reset(minutes);
    if (single >= 100) {
      const double span_minutes = std::max(1.0, static_cast<double>(last_ns - first_ns) / 60e9);
      w.peak_to_mean = static_cast<double>(most) / (static_cast<double>(single) / span_minutes);
      w.night_share = static_cast<double>(night) / static_cast<double>(single);
    }
    return {};
  }

  UsageBook& book_;
  store::Connection& c_;
  const ledger::PriceBook& prices_;
};

}  // namespace

Result<std::vector<Workload>, std::string> take_inventory(UsageBook& book, const ledger::PriceBook& prices) {
  TRY(find_parts(book));
  return Taker(book, prices).take();
}

// What the columns have no place for.
std::string beneath(const Workload& w) {
  std::string out;
  const auto add = [&](const std::string& text) { out += (out.empty() ? "  " : "; ") + text; };
  if (!w.part_of.empty()) add("part of " + w.part_of + ": " + w.because);
  if (!w.operation.empty() && w.operation != "chat") add(w.operation);
  if (w.audio_minutes_mean > 0) add(number(w.audio_minutes_mean, 2) + " minutes of audio a request");
  if (w.pages_mean > 0) add(number(w.pages_mean, 2) + " pages a request");
  if (w.images_mean > 0) add(number(w.images_mean, 2) + " images a request");
  return out.empty() ? out : out + "\n";
}

std::string print(const std::vector<Workload>& inventory) {
  if (inventory.empty()) return "nothing was imported yet: demarc plan import FILE\n";
  std::string out;
  const auto cell = [](std::string text, std::size_t width) {
    const std::size_t have = count_code_points(text);
    return have < width ? text + std::string(width - have, ' ') : text.substr(0, width - 1) + " ";
  };
  const auto right = [](const std::string& text, std::size_t width) {
    return std::string(text.size() < width ? width - text.size() : 1, ' ') + text;
  };
  out += cell("workload", 26) + cell("model", 22) + right("requests/mo", 12) + right("in", 7) + right("out", 6) + right("$/mo", 10) + "\n";
  for (const Workload& w : inventory)
    out += cell(w.name, 26) + cell(w.model, 22) + right(number(w.requests_per_month, 0), 12) +
           right(number(w.input_mean + w.cached_mean + w.write_5m_mean + w.write_1h_mean, 0), 7) +
           right(number(w.output_mean + w.reasoning_mean, 0), 6) + right(w.priced ? number(w.usd_per_month, 2) : "no price", 10) + "\n" + beneath(w);
  return out;
}

std::string to_json(const std::vector<Workload>& inventory) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.array("workloads", [&] {
      for (const Workload& w : inventory)
        json.object([&] {
          json.field("name", w.name), json.field("called", w.called), json.field("provider", w.provider), json.field("model", w.model),
              json.field("requests", w.requests), json.field("days", w.days);
          text_or_null(json, "operation", w.operation), text_or_null(json, "part_of", w.part_of), text_or_null(json, "because", w.because);
          json.object("units_per_request", [&] {
            json.field("audio_minutes", w.audio_minutes_mean), json.field("pages", w.pages_mean), json.field("images", w.images_mean);
          });
          json.field("requests_per_month", w.requests_per_month), json.field("usd_per_month", w.usd_per_month), json.field("priced", w.priced);
          json.object("tokens_per_request", [&] {
            json.field("input", w.input_mean), json.field("cached_input", w.cached_mean), json.field("cache_write_5m", w.write_5m_mean),
                json.field("cache_write_1h", w.write_1h_mean);
            json.field("output", w.output_mean), json.field("reasoning", w.reasoning_mean);
          });
          field_or_null(json, "input_p95", w.input_p95), field_or_null(json, "output_p95", w.output_p95),
              field_or_null(json, "latency_p95_ms", w.latency_p95_ms), field_or_null(json, "peak_to_mean", w.peak_to_mean);
          json.field("batch_share", w.batch_share), json.field("failed_share", w.failed_share), json.field("daily_variation", w.daily_variation),
              json.field("night_share", w.night_share), json.field("source", w.source);
        });
    });
  });
  return out;
}

std::string draft_plan(const std::vector<Workload>& inventory, const std::map<std::string, std::string>& buckets, std::string_view today) {
  std::string out = "# Written by `demarc plan inventory` on " + std::string(today) +
                    " from what was imported. Volumes and tokens are measured; what only people know stands as a comment.\nversion: 1\nname: "
                    "business case\nworkloads:\n";
  for (const Workload& w : inventory) {
    if (w.requests == 0) continue;
    const auto bucket = buckets.find(w.name);
    const bool boring = bucket != buckets.end() && bucket->second == "boring";
    out += "  - name: " + w.name + "\n    bucket: " + (boring ? "boring" : "strategic") + "\n";
    out += "    requests_per_month: {value: " + number(w.requests_per_month, 0) + ", source: \"" + w.source + "\", date: " + std::string(today) +
           ", confidence: measured}\n";
    out += "    tokens: {input: " + number(w.input_mean, 1);
    for (const auto& [name, value] :
         {std::pair("cached_input", w.cached_mean), std::pair("cache_write_5m", w.write_5m_mean), std::pair("cache_write_1h", w.write_1h_mean)})
      if (value > 0) out += std::string(", ") + name + ": " + number(value, 1);
    out += ", output: " + number(w.output_mean, 1) + (w.reasoning_mean > 0 ? ", reasoning: " + number(w.reasoning_mean, 1) : "") + "}\n";
    if (w.audio_minutes_mean + w.pages_mean + w.images_mean > 0) {
      std::string units;
      for (const auto& [name, value] :
           {std::pair("audio_minutes", w.audio_minutes_mean), std::pair("pages", w.pages_mean), std::pair("images", w.images_mean)})
        if (value > 0) units += (units.empty() ? "" : ", ") + std::string(name) + ": " + number(value, 4);
      out += "    units: {" + units + "}\n";
    }
    if (w.priced && !w.model.empty())
      out += "    cloud: {model: " + w.provider + "/" + w.model + (w.batch_share > 0 ? ", batch_percent: " + number(w.batch_share * 100, 1) : "") +
             "}\n";
    else
      out += "    cloud: {usd_per_million: {input: 0, output: 0}}   # no price is known: fill in what you pay\n";
    if (boring) out += "    local: {cluster: own-hardware}   # rework_percent, usd_per_rework: from a pilot\n";
  }
  out +=
      "clusters:\n  - name: own-hardware\n    # capacity_requests_per_s: from `demarc plan size`; until then machines are counted by hand\n    "
      "nodes: 1\n    usd_per_node: 0        # what a machine with its accelerators costs you\n    watts_idle: 0\n    watts_peak: 0\n    engineer: "
      "{share: 1}\n";
  return out;
}

}  // namespace demarc::planning
