// A vault's file that somebody had in hand: cut, changed, its records moved or doubled. It opens or says why; what it then restores is what was put
// in, and after one more life nothing was lost.
#include "privacy/vault_file.hpp"

#include "core/io/disk_memory.hpp"
#include "fuzz.hpp"
#include "privacy/restore.hpp"

namespace demarc::fuzz {
namespace {

constexpr std::string_view kPath = "/v/values.sealed";

class StillClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return {1'800'000'000'000'000'000}; }
  [[nodiscard]] Monotonic monotonic() const override { return {5'000'000'000}; }
};

// One life of the program: the file, and what of `words` it restores. Without the file's thread, whose start takes longer than all of the rest.
struct Life {
  Life(MemoryDisk& disk, Random& random) {
    privacy::Digest key{};
    key[0] = 7;
    auto opened = privacy::VaultFile::open(disk, "/v", key, random, clock);
    if (!opened) return;
    file = std::move(*opened);
    vault = std::make_unique<privacy::Vault>(file->secret(), random, privacy::VaultLimits{}, file.get());
    auto attached = file->attach(*vault, std::chrono::hours(1));
    if (attached) loaded = *attached;
    is_open = attached.ok();
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;
  ~Life() {
    if (file) file->close();
  }
  privacy::VaultSession conversation(std::size_t n) const { return vault->open({"key", std::to_string(n)}, {5'000'000'000}); }

  StillClock clock;
  std::unique_ptr<privacy::VaultFile> file;
  std::unique_ptr<privacy::Vault> vault;
  privacy::VaultFile::Loaded loaded;
  bool is_open = false;
};

std::string changed(std::string bytes, Choices& choices) {
  const std::size_t at = (choices.byte() * std::size_t{256} + choices.byte()) % (bytes.size() + 1);
  switch (choices.below(5)) {
    case 0: return bytes;
    case 1: return bytes.substr(0, at);
    case 2: return at < bytes.size() ? (bytes[at] = static_cast<char>(choices.byte()), bytes) : bytes + "x";
    case 3: return bytes + bytes.substr(at);                 // its end again
    default: return bytes.substr(at) + bytes.substr(0, at);  // parts exchanged
  }
}

}  // namespace
}  // namespace demarc::fuzz

FUZZ(vault_file) {
  constexpr std::size_t kConversations = 3;
  Choices choices(bytes);
  InputsRandom random(bytes);
  MemoryDisk disk;
  std::vector<std::pair<std::size_t, std::string>> words;  // conversation, placeholder
  std::vector<std::string> values;
  {
    const Life life(disk, random);
    CHECK(life.is_open);
    for (std::size_t i = 0, most = choices.below(6); i < most; ++i) {
      const std::size_t n = choices.below(kConversations);
      values.push_back("value " + std::to_string(choices.below(4)));
      const auto word = life.conversation(n).placeholder("PERSON", values.back());
      CHECK(word.ok());
      words.emplace_back(n, *word);
    }
    life.file->close();
    CHECK(life.file->failure().empty());
  }
  const std::string whole = disk.files().at(std::string(kPath));
  const bool raw = choices.below(8) == 0;
  const std::string damaged = raw ? std::string(bytes) : changed(whole, choices);
  std::vector<std::string> restored;
  for (int round = 0; round < 2; ++round) {
    if (round == 0) disk.put(std::string(kPath), damaged);
    const Life life(disk, random);
    if (!life.is_open) return;
    std::vector<std::string> now;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto& [n, word] = words[i];
      const std::string back = privacy::restore(life.conversation(n).tokens(), word);
      CHECK(back == word || back == values[i]);
      CHECK(privacy::restore(life.conversation(n + kConversations).tokens(), word) == word);
      if (damaged == whole) CHECK(back == values[i]);
      now.push_back(back);
    }
    if (round == 1) CHECK(now == restored && life.loaded.dropped_records == 0 && life.loaded.cut_bytes == 0);
    restored = std::move(now);
  }
}
