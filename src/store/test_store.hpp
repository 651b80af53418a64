// For tests: a SqliteStore in a folder of its own, gone with it; and a receipt as one served attempt leaves it.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "base/check.hpp"
#include "store/sqlite_store.hpp"

namespace demarc {

struct TestStore {
  TestStore() {
    std::string name = std::filesystem::temp_directory_path() / "demarc-store-XXXXXX";
    CHECK(mkdtemp(name.data()) != nullptr);
    folder = name;
    reopen();
  }
  ~TestStore() {
    store.reset();
    std::filesystem::remove_all(folder);
  }
  TestStore(const TestStore&) = delete;
  TestStore& operator=(const TestStore&) = delete;

  void reopen() {
    store.reset();
    auto opened = store::SqliteStore::open(path());
    CHECK(opened.ok());
    store = std::move(opened).value();
  }
  [[nodiscard]] std::string path() const { return folder / "db.sqlite"; }

  std::filesystem::path folder;
  std::unique_ptr<store::SqliteStore> store;
};

// Its intent stands at `index`, its outcome behind it.
inline Receipt test_receipt(std::uint64_t index, Instant received, std::optional<Money> usd) {
  IntentRecord intent{.upstream = "frontier", .model = "gpt-5", .tier = Tier::cloud};
  intent.request.id = "req_" + std::to_string(index);
  intent.request.received = received;
  OutcomeRecord outcome{.intent = index, .id = intent.request.id, .charge = {.kind = usd ? ChargeKind::billed : ChargeKind::unpriced, .usd = usd}};
  Receipt receipt;
  receipt.add(index, intent);
  receipt.add(index + 1, outcome);
  return receipt;
}

}  // namespace demarc
