// Result<T, E>: what can go wrong outside our own code, as a value.
//
//   Result<Port, ConfigError> read_port(Node node);
//   ...
//   const Port port = TRY(read_port(node));        // returns fail(error) from this function on failure
//   const Port port = CO_TRY(co_await read(...));  // the same inside a coroutine
//
// A Result is used once, by one owner; no thread rules. value() of a failure (and error() of a success) is our own mistake and stops the program.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.hpp"

namespace demarc {

template <class E>
struct Failure {
  E error;
};

template <class E>
Failure<std::decay_t<E>> fail(E&& error) {
  return {std::forward<E>(error)};
}

template <class T, class E>
class [[nodiscard]] Result {
 public:
  using Value = T;
  using Error = E;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor): `return value;` is the point
  template <class F>
  Result(Failure<F> failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return CHECK(ok()), std::get<0>(state_); }
  const T& value() const& { return CHECK(ok()), std::get<0>(state_); }
  T&& value() && { return CHECK(ok()), std::get<0>(std::move(state_)); }
  const E& error() const& { return CHECK(!ok()), std::get<1>(state_); }
  E&& error() && { return CHECK(!ok()), std::get<1>(std::move(state_)); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  T value_or(T other) && { return ok() ? std::get<0>(std::move(state_)) : std::move(other); }

  template <class Map>
  auto map_error(Map&& map) && -> Result<T, std::invoke_result_t<Map, E&&>> {
    if (ok()) return std::get<0>(std::move(state_));
    return fail(std::forward<Map>(map)(std::get<1>(std::move(state_))));
  }

 private:
  std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  using Value = void;
  using Error = E;

  Result() = default;
  template <class F>
  Result(Failure<F> failure) : error_(std::move(failure.error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  void value() const { CHECK(ok()); }
  const E& error() const& { return CHECK(!ok()), *error_; }
  E&& error() && { return CHECK(!ok()), std::move(*error_); }

  template <class Map>
  auto map_error(Map&& map) && -> Result<void, std::invoke_result_t<Map, E&&>> {
    if (ok()) return {};
    return fail(std::forward<Map>(map)(std::move(*error_)));
  }

 private:
  std::optional<E> error_;
};

}  // namespace demarc

// Statement expressions (GCC and Clang) let a failed call leave the function in the middle of an expression.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define TRY(...)                                                             \
  ({                                                                         \
    auto try_result_ = (__VA_ARGS__);                                        \
    if (!try_result_) return ::demarc::fail(std::move(try_result_).error()); \
    std::move(try_result_).value();                                          \
  })
#define CO_TRY(...)                                                             \
  ({                                                                            \
    auto try_result_ = (__VA_ARGS__);                                           \
    if (!try_result_) co_return ::demarc::fail(std::move(try_result_).error()); \
    std::move(try_result_).value();                                             \
  })
// NOLINTEND(bugprone-macro-parentheses)
