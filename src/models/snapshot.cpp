#include "models/snapshot.hpp"

#include <algorithm>
#include <vector>

#include "models/store.hpp"

namespace demarc::models {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

bool is_year(std::string_view digits) { return digits.size() == 4 && number(digits) >= 2020 && number(digits) < 2100; }
bool is_month(std::string_view digits) { return digits.size() == 2 && number(digits) >= 1 && number(digits) <= 12; }
bool is_day(std::string_view digits) { return digits.size() == 2 && number(digits) >= 1 && number(digits) <= 31; }

bool is_date(std::string_view part, Provider provider) {
  if (!all_digits(part)) return false;
  if (part.size() == 8) return is_year(part.substr(0, 4)) && is_month(part.substr(4, 2)) && is_day(part.substr(6, 2));
  if (part.size() != 4) return false;
  switch (provider) {
    case Provider::mistral: return number(part.substr(0, 2)) >= 23 && is_month(part.substr(2, 2));
    case Provider::openai:
    case Provider::azure: return is_month(part.substr(0, 2)) && is_day(part.substr(2, 2));
    case Provider::anthropic:
    case Provider::gemini:
    case Provider::bedrock: return false;
  }
  return false;
}

}  // namespace

bool is_dated(std::string_view model, Provider provider) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= model.size();) {
    const std::size_t end = std::min(model.find_first_of("-.@/:", at), model.size());
    parts.push_back(model.substr(at, end - at));
    at = end + 1;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (is_date(parts[i], provider)) return true;
    const bool three = i + 2 < parts.size() && all_digits(parts[i]) && all_digits(parts[i + 1]) && all_digits(parts[i + 2]);
    if (three && is_year(parts[i]) && is_month(parts[i + 1]) && is_day(parts[i + 2])) return true;
  }
  return false;
}

ModelResult<void> lock_snapshot(const Store& store, const PinnedSnapshot& snapshot, const std::stop_token& stop) {
  if (!is_dated(snapshot.model, snapshot.provider))
    return fail(ModelError{ModelErrorKind::unknown_model,
                           snapshot.upstream + "/" + snapshot.model + " is an alias that its provider may move: only a dated snapshot can be pinned",
                           "name a dated one under `models:` of " + snapshot.upstream + " (as in gpt-5-mini-2025-08-07) and lock that"});
  const FolderLock held = TRY(store.lock_folder(stop, {}));
  ModelsLock lock = TRY(read_lock(store.lock_file()));
  lock.put(snapshot);
  return write_lock(store.lock_file(), lock);
}

ModelResult<void> unlock_snapshot(const Store& store, std::string_view upstream, std::string_view model, const std::stop_token& stop) {
  const FolderLock held = TRY(store.lock_folder(stop, {}));
  ModelsLock lock = TRY(read_lock(store.lock_file()));
  if (!lock.pins(upstream, model))
    return fail(ModelError{ModelErrorKind::unknown_model, "models.lock does not pin " + std::string(upstream) + "/" + std::string(model),
                           "`demarc models ls` lists what it pins"});
  lock.erase(upstream, model);
  return write_lock(store.lock_file(), lock);
}

}  // namespace demarc::models
