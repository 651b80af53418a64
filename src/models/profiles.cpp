#include "models/profiles.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/json/writer.hpp"
#include "models/disk.hpp"

namespace demarc::models {
namespace {

namespace dom = simdjson::dom;

constexpr std::uint64_t kMaxFileBytes = 4U << 20U;
constexpr std::size_t kMaxEntries = 1'000, kMaxPoints = 64;
constexpr std::int64_t kMostTokens = 1LL << 32U;

template <class Owner, class Member>
struct Field {
  std::string_view key;
  Member Owner::* member;
};
constexpr std::array kSpeedTexts = {Field<Speed, std::string>{"digest", &Speed::digest},     Field<Speed, std::string>{"model", &Speed::model},
                                    Field<Speed, std::string>{"engine", &Speed::engine},     Field<Speed, std::string>{"machine", &Speed::machine},
                                    Field<Speed, std::string>{"settings", &Speed::settings}, Field<Speed, std::string>{"time", &Speed::time},
                                    Field<Speed, std::string>{"watts_of", &Speed::watts_of}};
constexpr std::array kSpeedNumbers = {Field<Speed, double>{"tokens_per_second", &Speed::tokens_per_second},
                                      Field<Speed, double>{"prompt_tokens_per_second", &Speed::prompt_tokens_per_second},
                                      Field<Speed, double>{"first_token_ms", &Speed::first_token_ms},
                                      Field<Speed, double>{"real_time_factor", &Speed::real_time_factor},
                                      Field<Speed, double>{"watts", &Speed::watts}};
constexpr std::array kCurveTexts = {Field<Curve, std::string>{"digest", &Curve::digest}, Field<Curve, std::string>{"model", &Curve::model},
                                    Field<Curve, std::string>{"machine", &Curve::machine}, Field<Curve, std::string>{"time", &Curve::time}};

template <class Owner, class Fields>
bool read_texts(dom::element from, Owner& into, const Fields& fields) {
  for (const auto& field : fields) {
    std::string_view text;
    if (from[field.key].get(text) != simdjson::SUCCESS) return false;
    into.*field.member = text;
  }
  return true;
}

bool read_speed(dom::element from, Speed& speed) {
  if (!read_texts(from, speed, kSpeedTexts)) return false;
  for (const auto& field : kSpeedNumbers) {
    double number = 0;
    if (from[field.key].get(number) != simdjson::SUCCESS || !std::isfinite(number) || number < 0) return false;
    speed.*field.member = number;
  }
  return true;
}

bool read_point(dom::element from, CurvePoint& point) {
  if (from["context_tokens"].get(point.context_tokens) != simdjson::SUCCESS || from["tasks"].get(point.tasks) != simdjson::SUCCESS ||
      from["solved"].get(point.solved) != simdjson::SUCCESS || from["tokens_per_second"].get(point.tokens_per_second) != simdjson::SUCCESS ||
      from["first_token_ms"].get(point.first_token_ms) != simdjson::SUCCESS)
    return false;
  return point.context_tokens > 0 && point.context_tokens < kMostTokens && point.tasks > 0 && point.solved >= 0 && point.solved <= point.tasks;
}

bool read_curve(dom::element from, Curve& curve) {
  dom::array points;
  if (!read_texts(from, curve, kCurveTexts) || from["seed"].get(curve.seed) != simdjson::SUCCESS || from["points"].get(points) != simdjson::SUCCESS)
    return false;
  for (const dom::element element : points) {
    CurvePoint point;
    if (!read_point(element, point) || curve.points.size() == kMaxPoints) return false;
    if (!curve.points.empty() && point.context_tokens <= curve.points.back().context_tokens) return false;
    curve.points.push_back(point);
  }
  return !curve.points.empty();
}

std::filesystem::path file_in(const std::filesystem::path& data) { return data / "models" / "profiles.json"; }

}  // namespace

void Profiles::put(Speed speed) {
  std::erase_if(speeds, [&](const Speed& s) { return s.digest == speed.digest && s.machine == speed.machine && s.settings == speed.settings; });
  if (speeds.size() == kMaxEntries) speeds.erase(speeds.begin());
  speeds.push_back(std::move(speed));
}

void Profiles::put(Curve curve) {
  std::erase_if(curves, [&](const Curve& c) { return c.digest == curve.digest; });
  if (curves.size() == kMaxEntries) curves.erase(curves.begin());
  curves.push_back(std::move(curve));
}

const Speed* Profiles::speed_of(std::string_view digest, std::string_view machine) const {
  const auto found = std::find_if(speeds.rbegin(), speeds.rend(), [&](const Speed& s) { return s.digest == digest && s.machine == machine; });
  return found == speeds.rend() ? nullptr : &*found;
}

ModelProfile Profiles::of(std::string_view digest, std::string_view machine) const {
  ModelProfile profile;
  if (const Speed* speed = speed_of(digest, machine))
    profile.tokens_per_second = speed->tokens_per_second, profile.prompt_tokens_per_second = speed->prompt_tokens_per_second,
    profile.real_time_factor = speed->real_time_factor;
  const auto curve = std::ranges::find(curves, digest, &Curve::digest);
  if (curve == curves.end()) return profile;
  for (const CurvePoint& point : curve->points)
    profile.curve.push_back({point.context_tokens, static_cast<double>(point.solved) / static_cast<double>(point.tasks)});
  return profile;
}

std::string print_profiles(const Profiles& profiles) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("version", 1);
    json.array("speeds", [&] {
      for (const Speed& speed : profiles.speeds)
        json.object([&] {
          for (const auto& field : kSpeedTexts) json.field(field.key, speed.*field.member);
          for (const auto& field : kSpeedNumbers) json.field(field.key, speed.*field.member);
        });
    });
    json.array("curves", [&] {
      for (const Curve& curve : profiles.curves)
        json.object([&] {
          for (const auto& field : kCurveTexts) json.field(field.key, curve.*field.member);
          json.field("seed", curve.seed);
          json.array("points", [&] {
            for (const CurvePoint& point : curve.points)
              json.object([&] {
                json.field("context_tokens", point.context_tokens), json.field("tasks", point.tasks), json.field("solved", point.solved);
                json.field("tokens_per_second", point.tokens_per_second), json.field("first_token_ms", point.first_token_ms);
              });
          });
        });
    });
  });
  return out;
}

Profiles parse_profiles(std::string_view text) {
  Profiles profiles;
  dom::parser parser(kMaxFileBytes);
  dom::object root;
  dom::array list;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return profiles;
  if (root["speeds"].get(list) == simdjson::SUCCESS)
    for (const dom::element element : list)
      if (Speed speed; profiles.speeds.size() < kMaxEntries && read_speed(element, speed)) profiles.speeds.push_back(std::move(speed));
  if (root["curves"].get(list) == simdjson::SUCCESS)
    for (const dom::element element : list)
      if (Curve curve; profiles.curves.size() < kMaxEntries && read_curve(element, curve)) profiles.curves.push_back(std::move(curve));
  return profiles;
}

Profiles read_profiles(const std::filesystem::path& data) {
  const auto text = read_small_file(file_in(data), kMaxFileBytes);
  return text ? parse_profiles(*text) : Profiles{};
}

ModelResult<void> write_profiles(const std::filesystem::path& data, const Profiles& profiles) {
  TRY(make_folder(file_in(data).parent_path()));
  return replace_durably(file_in(data), print_profiles(profiles) + "\n");
}

}  // namespace demarc::models
