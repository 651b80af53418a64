#include "privacy/literal_search.hpp"

#include <hs/hs.h>

#include <atomic>
#include <limits>

#include "base/check.hpp"

namespace demarc::privacy {
namespace {

struct FreeDatabase {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
};
struct FreeScratch {
  void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
};

// One for each thread, grown to whatever database the thread has used; a scan may not run inside another one of the same thread. `number` is the
// database's own: after a reload another one may stand where it stood.
hs_scratch_t* scratch_for(const hs_database_t* database, std::uint64_t number) {
  struct Mine {
    std::unique_ptr<hs_scratch_t, FreeScratch> scratch;
    std::uint64_t last = 0;
  };
  thread_local Mine mine;
  if (mine.last != number) {
    hs_scratch_t* scratch = mine.scratch.release();
    CHECK(hs_alloc_scratch(database, &scratch) == HS_SUCCESS);
    mine.scratch.reset(scratch);
    mine.last = number;
  }
  return mine.scratch.get();
}

class AutomatonSearch final : public LiteralSearch {
 public:
  explicit AutomatonSearch(const std::vector<Literal>& literals) {
    std::vector<const char*> texts;
    std::vector<unsigned> flags, ids;
    for (const Literal& literal : literals) {
      texts.push_back(literal.text.data());
      flags.push_back(literal.letter_case == LetterCase::any ? HS_FLAG_CASELESS : 0U);
      ids.push_back(static_cast<unsigned>(ids.size()));
      sizes_.push_back(literal.text.size());
    }
    hs_database_t* database = nullptr;
    hs_compile_error_t* error = nullptr;
    CHECK(hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), sizes_.data(), static_cast<unsigned>(texts.size()), HS_MODE_BLOCK, nullptr,
                               &database, &error) == HS_SUCCESS);
    database_.reset(database);
  }

  void each(std::string_view text, const Visit& visit) const override {
    CHECK(text.size() <= std::numeric_limits<unsigned>::max());
    Call call{visit, sizes_};
    const auto told = [](unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) {
      const auto& [visit, sizes] = *static_cast<Call*>(context);
      visit(id, static_cast<std::size_t>(to) - sizes[id]);
      return 0;
    };
    CHECK(hs_scan(database_.get(), text.data(), static_cast<unsigned>(text.size()), 0, scratch_for(database_.get(), number_), told, &call) ==
          HS_SUCCESS);
  }

 private:
  struct Call {
    const Visit& visit;
    const std::vector<std::size_t>& sizes;
  };
  static inline std::atomic<std::uint64_t> made_{0};
  const std::uint64_t number_ = ++made_;
  std::unique_ptr<hs_database_t, FreeDatabase> database_;
  std::vector<std::size_t> sizes_;
};

}  // namespace

SearchBy best_search() {
  static const SearchBy by = hs_valid_platform() == HS_SUCCESS ? SearchBy::automaton : SearchBy::hand;
  return by;
}

std::unique_ptr<const LiteralSearch> make_literal_search(const std::vector<Literal>& literals, SearchBy by) {
  switch (by) {
    case SearchBy::automaton: return std::make_unique<AutomatonSearch>(literals);
    case SearchBy::hand: return make_hand_search(literals);
  }
  return nullptr;
}

}  // namespace demarc::privacy
