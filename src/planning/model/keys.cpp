#include "planning/model/keys.hpp"

#include <array>

namespace demarc::planning {
namespace {

constexpr auto kMost = "1000000000000";  // 10^12

constexpr std::array kGeneral = {
    Key{"discount_percent_per_year", Unit::percent, "8", "0", "100", Spread::triangular, "interest by which later money counts less"},
    Key{"volume_percent", Unit::percent, "100", "0", "100000", Spread::lognormal, "volume of all workloads against what was measured"},
    Key{"hours_per_month", Unit::hours, "730", "1", "744", Spread::triangular, "hours of a month"},
};

constexpr std::array kCloud = {
    Key{"usd_per_egress_gb", Unit::usd, "0", "0", "1000", Spread::triangular, "a gigabyte that leaves the cloud"},
    Key{"compliance_usd_per_year", Unit::usd, "0", "0", kMost, Spread::triangular, "compliance work for the cloud, fixed"},
    Key{"compliance_after_usd_per_year", Unit::usd, "", "0", kMost, Spread::triangular,
        "the same once the local tier serves its part, if it differs"},
    Key{"compliance_usd_per_million_tokens", Unit::usd, "0", "0", kMost, Spread::triangular, "compliance work for the cloud, by volume"},
    Key{"price_percent", Unit::percent, "100", "0", "100000", Spread::triangular, "all cloud prices against today's list"},
    Key{"discount_percent", Unit::percent, "0", "0", "100", Spread::triangular, "negotiated discount on usage"},
    Key{"commitment_usd_per_month", Unit::usd, "0", "0", kMost, Spread::triangular, "committed spend, paid whether used or not"},
    Key{"credits_usd", Unit::usd, "0", "0", kMost, Spread::triangular, "credits, used up from the first month"},
};

constexpr std::array kWorkload = {
    Key{"requests_per_month", Unit::count, "0", "0", kMost, Spread::lognormal, "requests a month"},
    Key{"growth_percent_per_year", Unit::percent, "0", "-99", "10000", Spread::log_triangular, "growth of its volume a year"},
    Key{"tokens.input", Unit::count, "0", "0", "100000000", Spread::triangular, "uncached input tokens a request"},
    Key{"tokens.cached_input", Unit::count, "0", "0", "100000000", Spread::triangular, "input tokens a request read from the cache"},
    Key{"tokens.cache_write_5m", Unit::count, "0", "0", "100000000", Spread::triangular,
        "input tokens a request written to the cache for five minutes"},
    Key{"tokens.cache_write_1h", Unit::count, "0", "0", "100000000", Spread::triangular, "input tokens a request written to the cache for an hour"},
    Key{"tokens.output", Unit::count, "0", "0", "100000000", Spread::triangular, "visible output tokens a request"},
    Key{"tokens.reasoning", Unit::count, "0", "0", "100000000", Spread::triangular, "reasoning tokens a request, not within the visible output"},
    Key{"tokens.input_audio", Unit::count, "0", "0", "100000000", Spread::triangular, "audio tokens a request"},
    Key{"units.audio_minutes", Unit::count, "0", "0", "100000", Spread::triangular, "minutes of audio a request"},
    Key{"units.pages", Unit::count, "0", "0", "100000", Spread::triangular, "pages of documents a request"},
    Key{"units.images", Unit::count, "0", "0", "100000", Spread::triangular, "images a request"},
    Key{"units.calls", Unit::count, "0", "0", "100000", Spread::triangular, "calls that are priced as such, a request"},
    Key{"cloud.usd_per_million.input", Unit::usd, "", "0", "1000000", Spread::triangular, "price of a million uncached input tokens"},
    Key{"cloud.usd_per_million.cached_input", Unit::usd, "", "0", "1000000", Spread::triangular, "price of a million tokens read from the cache"},
    Key{"cloud.usd_per_million.cache_write_5m", Unit::usd, "", "0", "1000000", Spread::triangular,
        "price of a million tokens written for five minutes"},
    Key{"cloud.usd_per_million.cache_write_1h", Unit::usd, "", "0", "1000000", Spread::triangular, "price of a million tokens written for an hour"},
    Key{"cloud.usd_per_million.output", Unit::usd, "", "0", "1000000", Spread::triangular, "price of a million output tokens"},
    Key{"cloud.usd_per_million.reasoning", Unit::usd, "", "0", "1000000", Spread::triangular, "price of a million reasoning tokens"},
    Key{"cloud.usd_per_million.input_audio", Unit::usd, "", "0", "1000000", Spread::triangular, "price of a million audio tokens"},
    Key{"cloud.usd_per_unit.audio_minutes", Unit::usd, "", "0", "1000000", Spread::triangular, "price of a minute of audio"},
    Key{"cloud.usd_per_unit.pages", Unit::usd, "", "0", "1000000", Spread::triangular, "price of a page"},
    Key{"cloud.usd_per_unit.images", Unit::usd, "", "0", "1000000", Spread::triangular, "price of an image"},
    Key{"cloud.usd_per_unit.calls", Unit::usd, "", "0", "1000000", Spread::triangular, "price of a call"},
    Key{"cloud.usd_per_month", Unit::usd, "0", "0", kMost, Spread::triangular, "what it costs a month beside tokens, growing with volume"},
    Key{"cloud.tools_usd_per_month", Unit::usd, "0", "0", kMost, Spread::triangular, "tools, cache storage and other fixed parts a month"},
    Key{"cloud.tier_percent", Unit::percent, "100", "0", "1000", Spread::triangular, "service tier: flex 50, standard 100, priority 180 to 250"},
    Key{"cloud.region_percent", Unit::percent, "100", "0", "1000", Spread::triangular, "surcharge of a region: 110 is a tenth more"},
    Key{"cloud.batch_percent", Unit::percent, "0", "0", "100", Spread::triangular, "share of its requests sent as a batch"},
    Key{"cloud.batch_price_percent", Unit::percent, "50", "0", "100", Spread::triangular, "what a batch pays of the price"},
    Key{"cloud.price_change_percent_per_year", Unit::percent, "0", "-99", "1000", Spread::log_triangular, "change of its price a year"},
    Key{"cloud.egress_gb_per_month", Unit::gigabytes, "0", "0", kMost, Spread::triangular, "gigabytes a month that leave the cloud"},
    Key{"local.share_percent", Unit::percent, "100", "0", "100", Spread::triangular, "share of its requests that the local tier serves"},
    Key{"local.weight", Unit::factor, "1", "0", "1000000", Spread::triangular, "load of one request, in requests of the measured profile"},
    Key{"local.rework_percent", Unit::percent, "0", "0", "100", Spread::triangular, "local answers that must be done again, beyond the cloud's"},
    Key{"local.usd_per_rework", Unit::usd, "0", "0", "1000000", Spread::triangular, "what doing one again costs"},
    Key{"local.evaluation_usd_per_month", Unit::usd, "0", "0", kMost, Spread::triangular, "checking its quality, a month"},
    Key{"local.migration_usd", Unit::usd, "0", "0", kMost, Spread::triangular, "moving it over, once"},
};

constexpr std::array kCluster = {
    Key{"nodes", Unit::count, "1", "1", "100000", Spread::triangular, "machines, where no capacity is given"},
    Key{"utilisation_percent", Unit::percent, "30", "0", "100", Spread::beta, "mean utilisation, where no capacity is given"},
    Key{"capacity_requests_per_s", Unit::per_second, "", "0.000001", kMost, Spread::triangular,
        "requests a second one machine serves within the latency target"},
    Key{"peak_to_mean", Unit::factor, "4", "1", "1000", Spread::triangular, "busiest minute against the mean"},
    Key{"spare_nodes", Unit::count, "1", "0", "1000", Spread::triangular, "machines beyond what the peak needs"},
    Key{"usd_per_node", Unit::usd, "0", "0", kMost, Spread::triangular, "one machine with its accelerators"},
    Key{"network_usd", Unit::usd, "0", "0", kMost, Spread::triangular, "network and racks, once"},
    Key{"spares_usd", Unit::usd, "0", "0", kMost, Spread::triangular, "spare parts, once"},
    Key{"life_months", Unit::months, "36", "1", "120", Spread::triangular, "months until the hardware is replaced"},
    Key{"salvage_percent", Unit::percent, "0", "0", "100", Spread::triangular, "what it is still worth then"},
    Key{"capital_percent_per_year", Unit::percent, "0", "0", "100", Spread::triangular,
        "cost of capital within the monthly charge; 0 is a straight line"},
    Key{"watts_idle", Unit::watts, "0", "0", "1000000", Spread::triangular, "one machine without work"},
    Key{"watts_peak", Unit::watts, "0", "0", "1000000", Spread::triangular, "one machine with every place at work"},
    Key{"pue", Unit::factor, "1.4", "1", "10", Spread::triangular, "power of the room by power of its machines"},
    Key{"usd_per_kwh", Unit::usd, "0.15", "0", "100", Spread::triangular, "tariff"},
    Key{"space_usd_per_month", Unit::usd, "0", "0", kMost, Spread::triangular, "space in a data centre"},
    Key{"network_usd_per_month", Unit::usd, "0", "0", kMost, Spread::triangular, "lines"},
    Key{"licences_usd_per_month", Unit::usd, "0", "0", kMost, Spread::triangular, "licences and support"},
    Key{"maintenance_percent_per_year", Unit::percent, "0", "0", "100", Spread::triangular, "maintenance, of the hardware's price a year"},
    Key{"compliance_usd_per_year", Unit::usd, "0", "0", kMost, Spread::triangular, "compliance work for the own hardware"},
    Key{"engineer.usd_per_year", Unit::usd, "180000", "0", "100000000", Spread::triangular, "an engineer, loaded"},
    Key{"engineer.share", Unit::factor, "1", "0", "1000", Spread::triangular, "engineers on this cluster"},
    Key{"engineer.hiring_usd", Unit::usd, "0", "0", kMost, Spread::triangular, "finding and training them, once"},
    Key{"migration_usd", Unit::usd, "0", "0", kMost, Spread::triangular, "setting it up, once"},
    Key{"ramp_up_months", Unit::months, "0", "0", "60", Spread::triangular, "months until it carries its whole share"},
    Key{"outage.percent_per_month", Unit::percent, "0", "0", "100", Spread::bernoulli, "chance of an outage in a month"},
    Key{"outage.hours", Unit::hours, "0", "0", "744", Spread::triangular, "hours of an outage, served by the cloud meanwhile"},
};

}  // namespace

std::span<const Key> keys_of(Section section) {
  switch (section) {
    case Section::general: return kGeneral;
    case Section::cloud: return kCloud;
    case Section::workload: return kWorkload;
    case Section::cluster: return kCluster;
  }
  return {};
}

const Key* find_key(Section section, std::string_view name) {
  for (const Key& key : keys_of(section))
    if (key.name == name) return &key;
  return nullptr;
}

}  // namespace demarc::planning
