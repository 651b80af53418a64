#include "planning/import/usage_book.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/encode.hpp"

namespace demarc::planning {
namespace {

using store::Connection;
using store::Statement;
using store::Transaction;

// Money is two integers, whole dollars and pico-dollars of the rest, as in db.sqlite.
constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS files(id INTEGER PRIMARY KEY, path TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, format TEXT NOT NULL, bytes INTEGER NOT NULL, rows INTEGER NOT NULL,
  rejected INTEGER NOT NULL, other_services INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS rows(id INTEGER PRIMARY KEY, file INTEGER NOT NULL REFERENCES files(id), line INTEGER NOT NULL, kind INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL,
  line_item TEXT NOT NULL, project TEXT NOT NULL, key TEXT NOT NULL, workload TEXT NOT NULL, region TEXT NOT NULL, tier TEXT NOT NULL, batch INTEGER NOT NULL, start_ns INTEGER NOT NULL,
  end_ns INTEGER NOT NULL, requests INTEGER NOT NULL, input INTEGER, cached_input INTEGER, cache_write INTEGER, cache_write_1h INTEGER, output INTEGER, reasoning INTEGER, input_audio INTEGER,
  usd INTEGER, usd_pico INTEGER, currency TEXT NOT NULL, latency_ms INTEGER, first_token_ms INTEGER, failed INTEGER NOT NULL, identity BLOB NOT NULL, counted INTEGER NOT NULL,
  operation TEXT NOT NULL DEFAULT '', audio_ms INTEGER, pages INTEGER, images INTEGER, grp TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS rows_by_identity ON rows(identity) WHERE counted = 1;
CREATE INDEX IF NOT EXISTS rows_by_file ON rows(file);
CREATE INDEX IF NOT EXISTS rows_by_group ON rows(grp);
CREATE TABLE IF NOT EXISTS findings(id INTEGER PRIMARY KEY, file INTEGER NOT NULL, line INTEGER NOT NULL, kind INTEGER NOT NULL, message TEXT NOT NULL);
PRAGMA user_version = 3;
)sql";
// Version 2 knows operations, what they count beside tokens, and the group of a row (inventory/parts.hpp).
constexpr const char* kFromVersion1 = R"sql(
ALTER TABLE rows ADD COLUMN operation TEXT NOT NULL DEFAULT '';
ALTER TABLE rows ADD COLUMN audio_ms INTEGER;
ALTER TABLE rows ADD COLUMN pages INTEGER;
ALTER TABLE rows ADD COLUMN images INTEGER;
ALTER TABLE rows ADD COLUMN grp TEXT NOT NULL DEFAULT '';
UPDATE rows SET grp = CASE WHEN workload != '' THEN workload WHEN project != '' AND key != '' THEN project || ' ' || key WHEN project != '' THEN project WHEN key != '' THEN key
  ELSE provider || ' ' || model END;
)sql";

// Rows that share a tag are one use of models, else those of a project and key, else of a model.
std::string group_of(const Row& row) {
  if (!row.workload.empty()) return row.workload;
  if (!row.project.empty()) return row.key.empty() ? row.project : row.project + " " + row.key;
  return row.key.empty() ? row.provider + " " + row.model : row.key;
}

// One transaction writes gigabytes: pages that do not fit into memory go straight into the file (a write-ahead log would hold each of them again
// every time). Identities begin with their day, so that the index is written where a log in the order of time has just been.
constexpr const char* kForBulk = "PRAGMA journal_mode=TRUNCATE; PRAGMA cache_size=-131072;";

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::size_t kDigestBytes = 12;

std::string by_day(Instant start, std::string_view digest) {
  const auto day = static_cast<std::uint32_t>(start.unix_ns / kDayNs);
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(day >> shift);
  return out.append(digest);
}

// Version 3 sorts identities by day: the same digest, cut, and what came behind it.
Result<void, StoreError> identities_by_day(Connection& connection) {
  constexpr std::size_t kBefore = 16;
  Statement& read = *TRY(connection.prepare("SELECT id, start_ns, identity FROM rows ORDER BY id"));
  Statement& write = *TRY(connection.prepare("UPDATE rows SET identity = ? WHERE id = ?"));
  while (TRY(connection.step(read))) {
    const std::string old = read.text(2);
    if (old.size() < kBefore) continue;
    const std::string identity = by_day({read.number(1)}, old.substr(0, kDigestBytes)) + old.substr(kBefore);
    write.bind(1, std::string_view(identity)), write.bind(2, read.number(0));
    TRY(connection.run(write));
  }
  connection.reset(read);
  return {};
}

Result<void, StoreError> migrate(Connection& connection) {
  TRY(connection.execute(kForBulk));
  Statement& read = *TRY(connection.prepare("PRAGMA user_version"));
  TRY(connection.step(read));
  const std::int64_t version = read.number(0);
  connection.reset(read);
  if (version > 3) return fail(StoreError{.kind = StoreError::Kind::newer, .message = "plan.sqlite was written by a newer demarc"});
  Transaction transaction = TRY(Transaction::begin(connection));
  if (version == 1) TRY(connection.execute(kFromVersion1));
  if (version == 1 || version == 2) TRY(identities_by_day(connection));
  TRY(connection.execute(kSchema));
  return transaction.commit();
}

constexpr std::int64_t kMostTold = 10'000;       // findings of one kind and file that are kept one by one
constexpr std::size_t kMostRemembered = 50'000;  // identities of rows without ids of which alike ones are told apart by their number
constexpr std::size_t kMostAlike = 1'000;        // rows of one identity among which one that came before is looked for
constexpr std::array<std::string_view, 7> kFindingKinds = {"rejected", "duplicate", "contradiction", "gap", "currency", "other services", "alike"};

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

std::string digest_of(std::istream& in) {
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::string piece(1 << 20, '\0');
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0)
    EVP_DigestUpdate(context.get(), piece.data(), static_cast<std::size_t>(in.gcount()));
  std::array<unsigned char, 32> digest{};
  EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
  return std::string(reinterpret_cast<const char*>(digest.data()), 16);
}

// What makes two rows the same fact: the export's own id, else everything that says what is counted, without the counts; of a request, with them.
std::string identity_of(const Row& row, std::string_view format) {
  std::string text(format);
  const auto add = [&text](std::string_view part) { text += '\x1f', text += part; };
  if (!row.id.empty()) {
    add("id"), add(row.id);
  } else {
    for (const std::string* part :
         {&row.provider, &row.model, &row.line_item, &row.project, &row.key, &row.workload, &row.region, &row.tier, &row.operation})
      add(*part);
    add(std::to_string(row.start.unix_ns)), add(std::to_string(row.end.unix_ns)), add(to_string(row.kind)), add(row.batch ? "batch" : "");
  }
  if (row.is_request)
    for (const auto& count : {row.usage.input_tokens, row.usage.cached_input_tokens, row.usage.output_tokens, row.latency_ms})
      add(count ? std::to_string(*count) : std::string("-"));
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return by_day(row.start, {reinterpret_cast<const char*>(digest.data()), kDigestBytes});
}

std::pair<std::int64_t, std::int64_t> parts(Money money) {
  constexpr Money::Pico kOne = 1'000'000'000'000;
  return {static_cast<std::int64_t>(money.pico() / kOne), static_cast<std::int64_t>(money.pico() % kOne)};
}
Money whole(std::int64_t usd, std::int64_t pico) { return Money::from_usd(usd) + Money::from_pico(pico); }

std::string day_of(Instant at) { return format_rfc3339(at).substr(0, 10); }

std::string said(const StoreError& error) {
  if (error.kind == StoreError::Kind::corrupt) return error.message.substr(0, error.message.find(';')) + "; move the file away and import again";
  return error.message;
}

}  // namespace

std::string_view to_string(FindingKind kind) { return kFindingKinds[static_cast<std::size_t>(kind)]; }

Result<UsageBook, std::string> UsageBook::open(const std::string& path) {
  auto connection = Connection::open(path);
  if (!connection) return fail(said(connection.error()));
  if (auto made = migrate(*connection); !made) return fail(said(made.error()));
  return UsageBook(std::move(*connection));
}

Result<Imported, ImportError> UsageBook::import(const std::string& path, const std::vector<Format>& formats,
                                                const std::function<void(std::uint64_t)>& progress) {
  Connection& c = *connection_;
  const auto sql = [](StoreError&& error) { return ImportError{said(error), {}}; };
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ImportError{"cannot be read", {}});
  const std::string digest = to_hex(digest_of(in));
  in.clear(), in.seekg(0);

  Transaction transaction = TRY(Transaction::begin(c).map_error(sql));
  {
    Statement& known = *TRY(c.prepare("SELECT path FROM files WHERE digest = ?").map_error(sql));
    known.bind(1, digest);
    if (TRY(c.step(known).map_error(sql))) {
      const std::string before = known.text(0);
      c.reset(known);
      return fail(ImportError{"was imported before, as " + before, {}});
    }
    c.reset(known);
  }
  Statement& file =
      *TRY(c.prepare("INSERT INTO files(path, digest, format, bytes, rows, rejected, other_services) VALUES (?, ?, '', 0, 0, 0, 0)").map_error(sql));
  file.bind(1, path), file.bind(2, digest);
  TRY(c.run(file).map_error(sql));
  const std::int64_t file_id = sqlite3_last_insert_rowid(c.raw());

  Statement& same = *TRY(c.prepare("SELECT file, line, input, cached_input, cache_write, cache_write_1h, output, reasoning, input_audio, requests, "
                                   "usd, usd_pico, audio_ms, pages, images FROM rows WHERE identity = ? AND counted = 1")
                             .map_error(sql));
  Statement& insert = *TRY(
      c.prepare("INSERT INTO rows(file, line, kind, provider, model, line_item, project, key, workload, region, tier, batch, start_ns, end_ns, "
                "requests, input, cached_input, cache_write,"
                " cache_write_1h, output, reasoning, input_audio, usd, usd_pico, currency, latency_ms, first_token_ms, failed, identity, counted,"
                " operation, audio_ms, pages, images, grp)"
                " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
          .map_error(sql));
  Statement& note = *TRY(c.prepare("INSERT INTO findings(file, line, kind, message) VALUES (?, ?, ?, ?)").map_error(sql));
  std::optional<StoreError> failed;
  std::array<std::int64_t, kFindingKinds.size()> told{};
  const auto find = [&](FindingKind kind, std::int64_t line, const std::string& message) {
    if (++told.at(static_cast<std::size_t>(kind)) > kMostTold) return;  // counted all the same, see below
    note.bind(1, file_id), note.bind(2, line), note.bind(3, static_cast<std::int64_t>(kind)), note.bind(4, message);
    if (auto ran = c.run(note); !ran && !failed) failed = ran.error();
  };

  Imported out{.file = file_id};
  std::set<std::string> currencies;
  Instant first{INT64_MAX}, last{};
  // Requests without ids may be equal; buckets and bills may be alike in all that is read and differ in a column that is not. The n-th of its kind in
  // a file is the same as the n-th in another, so that two exports that overlap count it once. Files are in the order of time: alike ones stand near.
  struct Alike {
    std::int64_t count = 0;
    std::vector<std::uint64_t> wholes;
  };
  std::unordered_map<std::string, Alike> alike_before;
  std::int64_t alike = 0, first_alike = 0;
  const auto take = [&](Row&& row) {
    if (failed) return;
    std::string identity = identity_of(row, std::to_string(static_cast<int>(row.kind)));
    if (row.id.empty()) {
      if (alike_before.size() >= kMostRemembered) alike_before.clear();
      Alike& before = alike_before[identity];
      const auto same_row = row.is_request ? before.wholes.end() : std::ranges::find(before.wholes, row.whole);
      std::int64_t n = same_row - before.wholes.begin();
      if (same_row == before.wholes.end()) {
        n = before.count++;
        if (!row.is_request && before.wholes.size() < kMostAlike) before.wholes.push_back(row.whole);
        if (!row.is_request && n > 0 && alike++ == 0) first_alike = row.line;
      }
      if (n > 0) identity += std::to_string(n);
    }
    bool counted = true;
    same.bind(1, identity);
    auto stepped = c.step(same);
    if (!stepped) failed = stepped.error();
    if (stepped && *stepped) {
      counted = false;
      const Usage& u = row.usage;
      const auto usd = row.cost ? std::optional(parts(*row.cost)) : std::nullopt;
      const bool equal = same.maybe_number(2) == u.input_tokens && same.maybe_number(3) == u.cached_input_tokens &&
                         same.maybe_number(4) == u.cache_write_tokens && same.maybe_number(5) == u.cache_write_1h_tokens &&
                         same.maybe_number(6) == u.output_tokens && same.maybe_number(7) == u.reasoning_tokens &&
                         same.maybe_number(8) == u.input_audio_tokens && same.number(9) == row.requests && same.maybe_number(12) == u.audio_ms &&
                         same.maybe_number(13) == u.pages && same.maybe_number(14) == row.images &&
                         same.maybe_number(10) == (usd ? std::optional(usd->first) : std::nullopt) &&
                         same.maybe_number(11) == (usd ? std::optional(usd->second) : std::nullopt);
      const bool in_this_file = same.number(0) == file_id;
      const std::string where = in_this_file ? "line " + std::to_string(same.number(1)) + " of this file"
                                             : "file " + std::to_string(same.number(0)) + ", line " + std::to_string(same.number(1));
      c.reset(same);
      // In one file it is another row all the same: the earlier one is no longer remembered.
      if (!equal && row.id.empty() && in_this_file)
        counted = true, first_alike = alike++ == 0 ? row.line : first_alike;
      else if (equal)
        ++out.duplicates, find(FindingKind::duplicate, row.line, "the same as " + where + "; counted once");
      else
        ++out.contradictions, find(FindingKind::contradiction, row.line,
                                   "counts the same as " + where + " with other numbers; the first is kept as true, look at both");
    } else {
      c.reset(same);
    }
    if (row.currency != "USD" && currencies.insert(row.currency).second)
      find(FindingKind::currency, row.line,
           "amounts in " + row.currency.substr(0, 8) + " are kept and not added up with dollars: convert them before importing");
    first = std::min(first, row.start), last = std::max(last, row.start);
    int at = 1;
    const auto put = [&](auto&& value) { insert.bind(at++, value); };
    const auto put_number = [&](std::int64_t value) { insert.bind(at++, value); };
    const auto put_text = [&](const std::string& value) { insert.bind(at++, std::string_view(value)); };
    put_number(file_id), put_number(row.line), put_number(static_cast<std::int64_t>(row.kind));
    for (const std::string* text : {&row.provider, &row.model, &row.line_item, &row.project, &row.key, &row.workload, &row.region, &row.tier})
      put_text(*text);
    put_number(row.batch ? 1 : 0), put_number(row.start.unix_ns), put_number(row.end.unix_ns), put_number(row.requests);
    const Usage& u = row.usage;
    for (const auto* tokens : {&u.input_tokens, &u.cached_input_tokens, &u.cache_write_tokens, &u.cache_write_1h_tokens, &u.output_tokens,
                               &u.reasoning_tokens, &u.input_audio_tokens})
      put(*tokens);
    if (row.cost)
      put_number(parts(*row.cost).first), put_number(parts(*row.cost).second);
    else
      insert.bind_null(at++), insert.bind_null(at++);
    put_text(row.currency), put(row.latency_ms), put(row.first_token_ms), put_number(row.failed ? 1 : 0), put_text(identity),
        put_number(counted ? 1 : 0);
    const std::string group = group_of(row);
    put_text(row.operation), put(u.audio_ms), put(u.pages), put(row.images), put_text(group);
    if (auto ran = c.run(insert); !ran) failed = ran.error();
  };
  auto read = read_export(in, formats,
                          {.row = take, .rejected = [&](const Rejected& r) { find(FindingKind::rejected, r.line, r.reason); }, .progress = progress});
  if (!read) return fail(ImportError{read.error().message, read.error().unknown});
  if (failed) return fail(ImportError{said(*failed), {}});
  out.read = *read;
  for (std::size_t kind = 0; kind < told.size(); ++kind)
    if (const std::int64_t more = std::exchange(told[kind], 0) - kMostTold; more > 0)
      find(static_cast<FindingKind>(kind), 0, "and " + std::to_string(more) + " more lines like those that are told");
  if (alike > 0)
    find(FindingKind::alike, first_alike,
         "this line and " + std::to_string(alike - 1) +
             " others say what an earlier one says, with other numbers or in columns that are not read: each is counted");
  if (out.read.other_services > 0)
    find(FindingKind::other_services, 0, std::to_string(out.read.other_services) + " lines are about other services than models and are left out");
  if (out.read.rows > 0) out.first_day = day_of(first), out.last_day = day_of(last);
  Statement& done = *TRY(c.prepare("UPDATE files SET format = ?, bytes = ?, rows = ?, rejected = ?, other_services = ? WHERE id = ?").map_error(sql));
  done.bind(1, out.read.format), done.bind(2, static_cast<std::int64_t>(out.read.bytes)), done.bind(3, out.read.rows),
      done.bind(4, out.read.rejected);
  done.bind(5, out.read.other_services), done.bind(6, file_id);
  TRY(c.run(done).map_error(sql));
  if (auto gaps = find_gaps(file_id); !gaps) return fail(ImportError{gaps.error(), {}});
  TRY(transaction.commit().map_error(sql));
  return out;
}

// A day without rows between days with rows, in a file that has rows on most days: something is missing, or nobody worked.
Result<void, std::string> UsageBook::find_gaps(std::int64_t file) {
  Connection& c = *connection_;
  const auto sql = [](StoreError&& error) { return said(error); };
  Statement& read = *TRY(c.prepare("SELECT DISTINCT start_ns / 86400000000000 FROM rows WHERE file = ? AND kind != 3 ORDER BY 1").map_error(sql));
  read.bind(1, file);
  std::vector<std::int64_t> days;
  while (TRY(c.step(read).map_error(sql))) days.push_back(read.number(0));
  c.reset(read);
  if (days.size() < 5) return {};
  const std::int64_t span = days.back() - days.front() + 1;
  // Five days of seven: companies rest at weekends, and such files have no gap worth telling.
  if (static_cast<double>(days.size()) < 0.75 * static_cast<double>(span)) return {};
  Statement& note = *TRY(c.prepare("INSERT INTO findings(file, line, kind, message) VALUES (?, 0, ?, ?)").map_error(sql));
  for (std::size_t i = 1; i < days.size(); ++i) {
    if (days[i] == days[i - 1] + 1) continue;
    const std::string from = day_of({(days[i - 1] + 1) * kDayNs}), to = day_of({(days[i] - 1) * kDayNs});
    std::string message = from == to ? "no rows on " : "no rows from ";
    message.append(from).append(from == to ? "" : " to " + to).append(": is the export whole?");
    note.bind(1, file), note.bind(2, static_cast<std::int64_t>(FindingKind::gap)), note.bind(3, message);
    TRY(c.run(note).map_error(sql));
  }
  return {};
}

Result<std::vector<Finding>, std::string> UsageBook::findings(std::size_t most) {
  Connection& c = *connection_;
  const auto sql = [](StoreError&& error) { return said(error); };
  Statement& read = *TRY(c.prepare("SELECT f.kind, files.path, f.line, f.message FROM findings f JOIN files ON files.id = f.file ORDER BY f.file, "
                                   "f.line = 0 DESC, f.line LIMIT ?")
                             .map_error(sql));
  read.bind(1, static_cast<std::int64_t>(most));
  std::vector<Finding> out;
  while (TRY(c.step(read).map_error(sql))) out.push_back({static_cast<FindingKind>(read.number(0)), read.text(1), read.number(2), read.text(3)});
  c.reset(read);
  return out;
}

Result<std::vector<DayTotal>, std::string> UsageBook::days() {
  Connection& c = *connection_;
  const auto sql = [](StoreError&& error) { return said(error); };
  Statement& read = *TRY(c.prepare("SELECT kind, provider, model, start_ns / 86400000000000, currency, batch, SUM(input), SUM(cached_input), "
                                   "SUM(cache_write), SUM(cache_write_1h), SUM(output), SUM(reasoning),"
                                   " SUM(input_audio), SUM(requests), COUNT(*), COUNT(usd), SUM(usd), SUM(usd_pico / 1000000), SUM(usd_pico % "
                                   "1000000), SUM(audio_ms), SUM(pages), SUM(images) FROM rows WHERE counted = 1 AND failed = 0"
                                   " GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 2, 3, 4, 1")
                             .map_error(sql));
  std::vector<DayTotal> out;
  while (TRY(c.step(read).map_error(sql))) {
    DayTotal day{.kind = static_cast<RowKind>(read.number(0)),
                 .provider = read.text(1),
                 .model = read.text(2),
                 .day = day_of({read.number(3) * 86'400'000'000'000}),
                 .currency = read.text(4),
                 .batch = read.number(5) != 0};
    day.usage = {.input_tokens = read.maybe_number(6),
                 .cached_input_tokens = read.maybe_number(7),
                 .cache_write_tokens = read.maybe_number(8),
                 .cache_write_1h_tokens = read.maybe_number(9),
                 .output_tokens = read.maybe_number(10),
                 .reasoning_tokens = read.maybe_number(11),
                 .input_audio_tokens = read.maybe_number(12),
                 .audio_ms = read.maybe_number(19),
                 .pages = read.maybe_number(20)};
    day.images = read.maybe_number(21);
    day.requests = read.number(13), day.rows = read.number(14), day.with_cost = read.number(15);
    // Pico-dollars add up in two parts, so that a sum over millions of rows stays within 64 bits.
    day.cost = whole(read.number(16), 0) + Money::from_pico(Money::Pico{read.number(17)} * 1'000'000 + read.number(18));
    out.push_back(std::move(day));
  }
  c.reset(read);
  return out;
}

}  // namespace demarc::planning
