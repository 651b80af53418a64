// PinnedSnapshot: a cloud model whose name promises that it stays what it is. Its bytes are the provider's, so all that can be pinned is the name,
// and only one that carries its date: an alias (gpt-5, claude-sonnet-latest) is moved by its provider whenever it likes.
//
//   is_dated("gpt-5-mini-2025-08-07", Provider::openai)   // true;  also claude-sonnet-4-20250514, mistral-large-2512, gpt-4-0613
//   lock_snapshot(store, {"frontier", "gpt-5-mini-2025-08-07", Provider::openai}, stop);   // into models.lock
//
// The forms of dates are those of the names in ledger/prices.yaml. Any thread; the two that change models.lock block on the store's lock.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "core/operation.hpp"
#include "models/error.hpp"

namespace demarc::models {

class Store;

struct PinnedSnapshot {
  std::string upstream, model;
  Provider provider = Provider::openai;
};

// Whether a part of the name between hyphens, dots, at-signs and slashes is a date: YYYY-MM-DD or YYYYMMDD; YYMM of mistral; MMDD of openai and
// azure.
bool is_dated(std::string_view model, Provider provider);

ModelResult<void> lock_snapshot(const Store& store, const PinnedSnapshot& snapshot, const std::stop_token& stop);  // undated: refused
ModelResult<void> unlock_snapshot(const Store& store, std::string_view upstream, std::string_view model, const std::stop_token& stop);

}  // namespace demarc::models
