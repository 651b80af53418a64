// Redactor: one file's bytes, redacted by a gateway, whatever the file is. What can be read in it and how it is written back is the gateway's
// (POST /v1/redactions with the file itself), so that both ways give the same.
//
//   Redactor redactor(connection, order);
//   auto done = redactor.redact(bytes, [](std::size_t more_bytes) { … });       // progress
//   done->bytes, done->found
//
// A text of more than kWhole_bytes goes in pieces, cut where no value stands: around each cut the text is searched first.
// So does one that holds too much for one call (a call takes 10,000 values), in ever smaller ones. A gateway that is busy
// (its detector of names reads some kilobytes a second) is asked again as long as that can take. Any thread.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "cli/connection.hpp"
#include "cli/redact/found.hpp"
#include "cli/redact/order.hpp"

namespace demarc::cli {

constexpr std::size_t kFile_bytes = std::size_t{256} << 20U;  // of one file; six times that is held meanwhile
constexpr std::size_t kUncut_bytes = std::size_t{64} << 20U;  // of one that must be read whole: a JSON document, an e-mail, a picture
constexpr std::size_t kWhole_bytes = std::size_t{2} << 20U;

struct Redacted {
  std::string bytes{};
  std::vector<Found> found{};
};

struct Failed {
  int exit_code = 1;
  std::string reason{}, next{};
  bool stop = false;       // the others would fail as well
  bool too_large = false;  // less at once may do
};

class Redactor {
 public:
  using OnBytes = std::function<void(std::size_t more_bytes)>;

  Redactor(Connection& connection, const RedactOrder& order) : connection_(connection), order_(order) {}
  Result<Redacted, Failed> redact(const std::string& bytes, const OnBytes& on_bytes);

  // Changes whenever the same file could become something else: the options, the types that the gateway covers, what a placeholder would be.
  Result<std::string, Failed> options_digest();

 private:
  Result<Answer, Failed> ask(const std::string& content_type, const std::string& body, std::size_t text_bytes);
  Result<Answer, Failed> ask_texts(std::string_view mode, std::string_view op, const std::vector<std::string_view>& texts, bool all_types = false);
  Result<Redacted, Failed> whole(const std::string& bytes, const OnBytes& on_bytes);
  Result<Redacted, Failed> in_pieces(const std::string& text, const OnBytes& on_bytes);
  Result<std::size_t, Failed> next_cut(std::string_view text, std::size_t most);
  Result<void, Failed> clean_paths(std::vector<Found>& all);

  Connection& connection_;
  const RedactOrder& order_;
  Mutex mutex_;
  std::map<std::string, std::string> steps_ GUARDED_BY(mutex_);  // of paths: as found, as shown
};

// Where to cut a text of more than `most` bytes: behind an empty line if one is near, else behind a line, else between two characters. > 0.
std::size_t cut_near(std::string_view text, std::size_t most);
// Whether a text is one JSON document, which must not be cut; JSON lines are none.
bool is_json_document(std::string_view text);

}  // namespace demarc::cli
