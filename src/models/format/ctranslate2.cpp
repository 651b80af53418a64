#include "models/format/ctranslate2.hpp"

#include <array>
#include <unordered_set>

namespace demarc::models::format {
namespace {

constexpr std::uint32_t kMaxVariables = 100'000;
constexpr std::uint8_t kMaxRank = 8;
// DataType of include/ctranslate2/types.h: float32, int8, int16, int32, float16, bfloat16.
constexpr std::array<std::uint64_t, 6> kTypeBytes = {4, 1, 2, 4, 2, 2};

Checked<std::string_view> read_string(Reader& in, std::string_view what) {
  const auto size_bytes = TRY(in.number<std::uint16_t>(what));
  const std::string_view text = TRY(in.take(size_bytes, what));
  if (text.empty() || text.find('\0') != text.size() - 1) return fail(std::string(what) + " does not end with its only NUL");
  return text.substr(0, text.size() - 1);
}

Checked<std::string_view> read_variable(Reader& in) {
  const std::string_view name = TRY(read_string(in, "a variable's name"));
  const auto rank = TRY(in.number<std::uint8_t>("a variable's rank"));
  if (rank > kMaxRank) return fail("the variable " + shown(name) + " has " + std::to_string(rank) + " dimensions; at most 8 are read");
  std::uint64_t elements = 1;
  for (std::uint8_t i = 0; i < rank; ++i)
    if (multiply_overflows(elements, TRY(in.number<std::uint32_t>("a variable's dimension")), elements))
      return fail("the dimensions of " + shown(name) + " multiply to more than 64 bits hold");
  const auto type = TRY(in.number<std::uint8_t>("a variable's type"));
  if (type >= kTypeBytes.size()) return fail("the variable " + shown(name) + " has the unknown type " + std::to_string(type));
  const auto size_bytes = TRY(in.number<std::uint32_t>("a variable's size"));
  std::uint64_t expected = 0;
  if (multiply_overflows(elements, kTypeBytes[type], expected) || expected != size_bytes)
    return fail("the variable " + shown(name) + " says it has " + std::to_string(size_bytes) + " bytes, but not of that shape and type");
  TRY(in.take(size_bytes, "the variable " + shown(name)));
  return name;
}

}  // namespace

Checked<void> check_ctranslate2(std::string_view bytes) {
  Reader in(bytes);
  const auto version = TRY(in.number<std::uint32_t>("the version"));
  if (version < 5 || version > 6) return fail("its version " + std::to_string(version) + " is not read: 5 and 6 are");
  TRY(read_string(in, "the kind of model"));
  TRY(in.number<std::uint32_t>("the kind's revision"));
  const auto variables = TRY(in.number<std::uint32_t>("the number of variables"));
  if (variables > kMaxVariables)
    return fail("it says it has " + std::to_string(variables) + " variables; at most " + std::to_string(kMaxVariables) + " are read");
  std::unordered_set<std::string_view> names;
  for (std::uint32_t i = 0; i < variables; ++i)
    if (const std::string_view name = TRY(read_variable(in)); !names.insert(name).second)
      return fail("the variable " + shown(name) + " stands there twice");
  const auto aliases = TRY(in.number<std::uint32_t>("the number of aliases"));
  if (aliases > kMaxVariables)
    return fail("it says it has " + std::to_string(aliases) + " aliases; at most " + std::to_string(kMaxVariables) + " are read");
  for (std::uint32_t i = 0; i < aliases; ++i) {
    TRY(read_string(in, "an alias"));
    const std::string_view of = TRY(read_string(in, "what an alias stands for"));
    if (!names.contains(of)) return fail("an alias stands for " + shown(of) + ", which is not there");
  }
  if (in.left() > 0) return fail("behind its end are " + std::to_string(in.left()) + " bytes that belong to nothing");
  return {};
}

}  // namespace demarc::models::format
