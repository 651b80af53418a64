// The files that a redaction is to read, in a fixed order, and what was left out and why.
//
//   const auto walked = find_inputs({"letters", "notes.txt"}, {.out = "OUT", .hidden = Hidden::skip});
//   walked->inputs[0].below          // "2024/a.txt": where it goes below OUT
//
// A folder is read whole and sorted. Below it links are never followed, so there are no loops and nothing from elsewhere; OUT itself is left out, and
// so is what is hidden, if not asked for. Two files that would become the same file below OUT, or one that would overwrite an input, are an error
// before anything is done. Reads the names and sizes only. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace demarc::cli {

constexpr std::size_t kMostInputs = 1'000'000;
constexpr std::string_view kStdin = "-";

struct Input {
  std::string name{};             // as shown
  std::filesystem::path path{};   // "": standard input
  std::filesystem::path below{};  // where it goes below OUT; relative, without ".."
  std::uint64_t size_bytes = 0;
  std::int64_t changed_ns = 0;  // its mtime, since 1970
  unsigned permissions = 0600;
};

struct LeftOut {
  std::string name, reason, next;
};

struct Walked {
  std::vector<Input> inputs;
  std::vector<LeftOut> failed;  // what the caller wants and cannot have: the exit code says so
  std::size_t hidden = 0, links = 0, special = 0;
  std::uint64_t bytes = 0;
};

enum class Hidden : std::uint8_t { skip, take };

struct Walk {
  std::filesystem::path out{};  // "": none
  Hidden hidden = Hidden::skip;
  std::size_t most = kMostInputs;
};

// `given` empty: standard input.
Result<Walked, std::string> find_inputs(const std::vector<std::string>& given, const Walk& walk);

}  // namespace demarc::cli
