// CHECK(condition): a promise of our own code. On in every build; never used on what comes from outside.
//
//   CHECK(estimate >= Money{});   // prints file, line and the expression, then aborts
//
// An expression, so it also stands before a comma in a return. Any thread.
#pragma once

namespace demarc {
[[noreturn]] void check_failed(const char* expression, const char* file, int line) noexcept;
}  // namespace demarc

#define CHECK(...) ((__VA_ARGS__) ? static_cast<void>(0) : ::demarc::check_failed(#__VA_ARGS__, __FILE__, __LINE__))
