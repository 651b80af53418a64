#include "cli/pilot/shadow_pairs.hpp"

#include <simdjson.h>

#include <algorithm>
#include <map>

#include "base/time.hpp"
#include "core/json/writer.hpp"

namespace demarc::cli {
namespace {

namespace dom = simdjson::dom;
using namespace planning;

struct Fetched {
  std::string id, request;
  double at_s = 0;
  PilotRow present, candidate;
};

std::string text_at(const dom::element& root, const char* key) {
  std::string_view text;
  return root[key].get_string().get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::optional<Fetched> read_pair(const dom::element& pair) {
  dom::element request, present, candidate;
  if (pair["request"].get(request) != simdjson::SUCCESS || pair["present"].get(present) != simdjson::SUCCESS ||
      pair["candidate"].get(candidate) != simdjson::SUCCESS)
    return {};
  auto one = read_pilot_row(simdjson::minify(present)), two = read_pilot_row(simdjson::minify(candidate));
  const auto at = parse_rfc3339(text_at(pair, "at"));
  if (!one || !two || !at) return {};
  return Fetched{text_at(pair, "id"), simdjson::minify(request), static_cast<double>(at->unix_ns) / 1e9, std::move(*one), std::move(*two)};
}

// Only letters, digits, '-', '_' and '.' are in a workload's name (config/names.cpp), so it needs no escapes.
Result<std::vector<Fetched>, std::string> fetch_all(Connection& connection, const std::string& workload) {
  std::vector<Fetched> out;
  dom::parser parser;
  const std::string whole = "/admin/v1/shadows?workload=" + workload + "&after=";
  for (std::string after;;) {
    std::string target = whole;
    target += after;
    const auto answer = connection.call("GET", target, {}, "");
    if (!answer) return fail(answer.error());
    if (answer->status != 200) return fail(error_message(*answer));
    dom::element root;
    dom::array pairs;
    if (parser.parse(simdjson::padded_string(answer->body)).get(root) != simdjson::SUCCESS ||
        root["pairs"].get_array().get(pairs) != simdjson::SUCCESS)
      return fail(std::string("the gateway's answer is no list of pairs"));
    for (const dom::element pair : pairs)
      if (auto read = read_pair(pair)) out.push_back(std::move(*read));
    after = text_at(root, "last");
    if (after.empty()) return out;
  }
}

}  // namespace

Result<ShadowPairs, std::string> fetch_shadow(Connection& connection, const std::string& workload, const std::string& present,
                                              const std::string& candidate) {
  if (workload.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != std::string::npos)
    return fail(workload + " is no workload's name");
  const std::vector<Fetched> all = TRY(fetch_all(connection, workload));
  std::map<std::pair<std::string, std::string>, std::int64_t> models;
  for (const Fetched& pair : all)
    if ((present.empty() || pair.present.model == present) && (candidate.empty() || pair.candidate.model == candidate))
      ++models[{pair.present.model, pair.candidate.model}];
  if (models.empty())
    return fail("no pair of " + workload + " is kept" +
                (all.empty() ? "; demarc.yaml says which of its chats are mirrored: workloads[].shadow"
                             : " of these models; " + std::to_string(all.size()) + " are of others"));
  const auto most = std::ranges::max_element(models, {}, [](const auto& entry) { return entry.second; });
  ShadowPairs out{.present = most->first.first, .candidate = most->first.second};
  double first_s = 0;
  for (const Fetched& pair : all) {
    if (pair.present.model != out.present || pair.candidate.model != out.candidate) {
      ++out.of_others;
      continue;
    }
    if (out.pairs++ == 0) first_s = pair.at_s;
    JsonWriter json(out.requests);
    json.object([&] { json.field("id", pair.id), json.field("at_s", std::max(0.0, pair.at_s - first_s)), json.raw_field("request", pair.request); });
    out.requests += '\n';
    out.rows.push_back(pair.present), out.rows.push_back(pair.candidate);
  }
  return out;
}

}  // namespace demarc::cli
