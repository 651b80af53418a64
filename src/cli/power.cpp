#include "cli/power.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/strings.hpp"
#include "cli/machine.hpp"

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto kSample = std::chrono::milliseconds(500), kTick = std::chrono::milliseconds(20);

std::optional<std::uint64_t> number_in(const std::string& file) {
  std::ifstream in(file);
  std::uint64_t number = 0;
  return in >> number ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<double> parse_power(std::string_view listing) {
  double sum = 0;
  bool any = false;
  for (const std::string_view raw : split(listing, '\n')) {
    const std::string line(trim(raw));
    if (line.empty()) continue;
    char* end = nullptr;
    const double watts = std::strtod(line.c_str(), &end);
    if (end == line.c_str() || *end != '\0' || watts < 0) return {};
    sum += watts, any = true;
  }
  return any ? std::optional(sum) : std::nullopt;
}

Power::Power(std::string powercap, std::string smi) : begin_(std::chrono::steady_clock::now()) {
  std::error_code error;
  for (const auto& zone : fs::directory_iterator(powercap, error)) {
    std::ifstream in(zone.path() / "name");
    std::string name;
    if (!std::getline(in, name) || !name.starts_with("package")) continue;  // its parts are in it already
    Counter counter{.file = (zone.path() / "energy_uj").native(), .begin_uj = 0, .range_uj = 0};
    const auto now = number_in(counter.file);
    if (!now) continue;  // readable by root alone, as kernels have it since 2020
    counter.begin_uj = *now, counter.range_uj = number_in((zone.path() / "max_energy_range_uj").native()).value_or(0);
    counters_.push_back(std::move(counter));
  }
  if (access(smi.c_str(), X_OK) != 0) return;
  sampler_ = std::thread([this, smi = std::move(smi)] {
    do {  // once at least: a short measurement has a figure too
      const auto listing = run_program({smi, "--query-gpu=power.draw", "--format=csv,noheader,nounits"}, 5'000);
      const auto watts = listing ? parse_power(*listing) : std::nullopt;
      if (!watts) return;
      gpu_watts_sum_ += *watts, ++gpu_samples_;
      for (auto waited = kTick; waited < kSample && !stopping_; waited += kTick) std::this_thread::sleep_for(kTick);
    } while (!stopping_);
  });
}

Power::~Power() {
  stopping_ = true;
  if (sampler_.joinable()) sampler_.join();
}

std::optional<Drawn> Power::drawn() {
  stopping_ = true;
  if (sampler_.joinable()) sampler_.join();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  Drawn drawn;
  for (const Counter& counter : counters_) {
    const auto now = number_in(counter.file);
    if (!now || seconds <= 0) return {};
    const std::uint64_t used_uj = *now >= counter.begin_uj ? *now - counter.begin_uj : *now + counter.range_uj - counter.begin_uj;  // it wraps
    drawn.watts += static_cast<double>(used_uj) / 1e6 / seconds;
  }
  if (!counters_.empty()) drawn.of = "processor (RAPL)";
  if (gpu_samples_ > 0) drawn.watts += gpu_watts_sum_ / gpu_samples_, drawn.of += (drawn.of.empty() ? "" : " and ") + std::string("GPU (nvidia-smi)");
  return drawn.of.empty() ? std::nullopt : std::optional(drawn);
}

}  // namespace demarc::cli
