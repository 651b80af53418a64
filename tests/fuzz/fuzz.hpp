// A fuzz target: a promise about code that reads bytes from outside, held against any bytes.
//
//   FUZZ(url_state) {                        // one a file, tests/fuzz/url_state.cpp
//     const std::string text = with_values(bytes);
//     CHECK(...);                            // a broken promise aborts; so does what a sanitizer sees
//   }
//
// With DEMARC_FUZZER (preset `asan`) each file becomes a libFuzzer program, fuzz_url_state. Everywhere else all of them are in one test, fuzz_test,
// that replays tests/fuzz/corpus. Deterministic: no clock, no random bytes but the input's. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.hpp"
#include "core/io/loop.hpp"
#include "privacy/detector.hpp"
#include "privacy/vault.hpp"

namespace demarc::fuzz {

struct Target {
  std::string_view name;
  void (*run)(std::string_view bytes);
};
std::vector<Target>& targets();  // those of this program

struct Registered {
  explicit Registered(Target target) { targets().push_back(target); }
};

// Small decisions are taken from the input's last bytes, so that its beginning stays readable text; when there are none left, all are 0.
class Choices {
 public:
  explicit Choices(std::string_view& bytes) : bytes_(bytes) {}
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const char last = bytes_.back();
    bytes_.remove_suffix(1);
    return static_cast<std::uint8_t>(last);
  }
  std::size_t below(std::size_t n) { return byte() % n; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

 private:
  std::string_view& bytes_;
};

// Control characters stand for values, words that say what a number is, and pieces of disguise: a fuzzer would not come upon a card's check digit.
std::string with_values(std::string_view bytes);

// The text in pieces, cut where the choices say, down to single bytes; what the choices do not reach is one piece.
std::vector<std::string_view> cut(std::string_view text, Choices& choices);

const privacy::Detectors& detectors();

// Bytes that follow from the input: placeholders are the same from run to run, and no input can hold its own.
class InputsRandom final : public Random {
 public:
  explicit InputsRandom(std::string_view bytes) : state_(std::hash<std::string_view>{}(bytes) | 1U) {}
  void fill(void* into, std::size_t size_bytes) override;

 private:
  std::uint64_t state_;
};

}  // namespace demarc::fuzz

#ifdef DEMARC_FUZZER
#define FUZZ_ENTRY(name)                                                                      \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {         \
    ::demarc::fuzz::fuzz_##name(std::string_view(reinterpret_cast<const char*>(data), size)); \
    return 0;                                                                                 \
  }
#else
#define FUZZ_ENTRY(name) static const ::demarc::fuzz::Registered registered_##name({#name, &::demarc::fuzz::fuzz_##name});
#endif
#define FUZZ(name)                                 \
  namespace demarc::fuzz {                         \
  static void fuzz_##name(std::string_view bytes); \
  }                                                \
  FUZZ_ENTRY(name)                                 \
  static void demarc::fuzz::fuzz_##name(std::string_view bytes)
