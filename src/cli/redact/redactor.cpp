#include "cli/redact/redactor.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <thread>

#include "base/encode.hpp"
#include "base/lines.hpp"
#include "base/strings.hpp"
#include "cli/cli.hpp"
#include "cli/redact/out_folder.hpp"
#include "cli/version.hpp"
#include "dialect/form.hpp"
#include "privacy/file_text.hpp"
#include "privacy/mail.hpp"
#include "privacy/picture.hpp"
#include "privacy/unread_file.hpp"

namespace demarc::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kSeam_bytes = 4096;       // on either side of a cut, searched before it is made
constexpr std::size_t kNear_bytes = 64 << 10;   // so far back an empty line is looked for
constexpr std::size_t kLeast_bytes = 32 << 10;  // of a piece that is made smaller because it holds too much
constexpr std::size_t kRemembered = 100'000;    // steps of paths
constexpr std::size_t kStepsInCall = 1000;
constexpr std::chrono::seconds kPatience(120);  // with a busy gateway, and a second more for so many bytes of text:
constexpr std::size_t kSlowest_bytes_per_s = 1024;
constexpr int kMostWait_s = 10;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::size_t character_begin(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && is_continuation(text[at])) --at;
  return at;
}

std::size_t byte_of(std::string_view text, std::uint64_t code_point) {
  std::size_t at = 0;
  for (std::uint64_t points = 0; at < text.size(); ++at) {
    if (is_continuation(text[at])) continue;
    if (points++ == code_point) break;
  }
  return at;
}

std::string no_hint(std::string message) { return message.substr(0, message.find("\nTry: ")); }

Failed failed_by(const Answer& answer) {
  const std::string message = error_message(answer);
  const std::size_t hint = message.find("\nTry: ");
  Failed failed{.exit_code = exit_code_of(answer.status), .reason = no_hint(message)};
  if (hint != std::string::npos) failed.next = message.substr(hint + 6);
  constexpr std::string_view kWho = "The file ";  // its name stands before it here
  if (failed.reason.starts_with(kWho)) failed.reason.erase(0, kWho.size());
  failed.too_large = answer.status == 413;
  failed.stop = answer.status == 401 || answer.status == 403 || answer.status == 404 || answer.status == 503;
  return failed;
}

Failed unreadable_answer() {
  return {.exit_code = kFailed, .reason = "the gateway's answer cannot be read", .next = "is it of this version? demarc status", .stop = true};
}

// Of a list; longer digits may be somebody's number.
bool is_index(std::string_view step) { return step.size() <= 6 && step.find_first_not_of("0123456789") == std::string_view::npos; }

bool is_blank(std::string_view bytes) { return bytes.find_first_not_of(" \t\r\n") == std::string_view::npos; }

bool is_json(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  return parser.parse(simdjson::padded_string(text)).get(root) == simdjson::SUCCESS && (root.is_object() || root.is_array());
}

}  // namespace

std::size_t cut_near(std::string_view text, std::size_t most) {
  const std::size_t near = most > kNear_bytes ? most - kNear_bytes : 0;
  if (const std::size_t empty = text.rfind("\n\n", most - 2); empty != std::string_view::npos && empty > near) return empty + 2;
  if (const std::size_t line = text.rfind('\n', most - 1); line != std::string_view::npos) return line + 1;
  const std::size_t cut = character_begin(text, most);
  return cut > 0 ? cut : most;
}

bool is_json_document(std::string_view text) {
  text = trim(text);
  if (text.empty() || !((text.front() == '{' && text.back() == '}') || (text.front() == '[' && text.back() == ']'))) return false;
  const std::size_t line = text.find('\n');
  if (line < kUncut_bytes && is_json(text.substr(0, line))) return false;  // JSON lines
  return text.size() > kUncut_bytes || is_json(text);
}

Result<Answer, Failed> Redactor::ask(const std::string& content_type, const std::string& body, std::size_t text_bytes) {
  const auto until = Clock::now() + kPatience + std::chrono::seconds(text_bytes / kSlowest_bytes_per_s);
  for (;;) {
    auto answer = connection_.call("POST", "/v1/redactions", {{"content-type", content_type}}, body);
    if (!answer)
      return fail(Failed{
          .exit_code = kUnavailable, .reason = answer.error(), .next = "demarc status; the same command again goes on from here", .stop = true});
    if (answer->status == 200) return *std::move(answer);
    const std::string_view after = answer->headers.get("retry-after");
    int wait_s = 0;
    const bool again =
        (answer->status == 503 || answer->status == 429) && std::from_chars(after.data(), after.data() + after.size(), wait_s).ec == std::errc();
    if (!again || Clock::now() > until) return fail(failed_by(*answer));
    std::this_thread::sleep_for(std::chrono::seconds(std::clamp(wait_s, 1, kMostWait_s)));
  }
}

Result<Answer, Failed> Redactor::ask_texts(std::string_view mode, std::string_view op, const std::vector<std::string_view>& texts, bool all_types) {
  std::string body;
  std::size_t bytes = 0;
  JsonWriter json(body);
  json.object([&] {
    json.field("mode", mode);
    json.field("operator", op);
    if (!order_.conversation.empty()) json.field("conversation", order_.conversation);
    if (!order_.types.empty() && !all_types)
      json.array("types", [&] {
        for (const std::string& type : order_.types) json.value(type);
      });
    json.array("input", [&] {
      for (const std::string_view text : texts) json.value(text), bytes += text.size();
    });
  });
  return ask("application/json", body, bytes);
}

Result<Redacted, Failed> Redactor::whole(const std::string& bytes, const OnBytes& on_bytes) {
  dialect::Form form;
  form.field("mode", order_.restore ? "restore" : "redact");
  form.field("operator", order_.op);
  if (!order_.conversation.empty()) form.field("conversation", order_.conversation);
  std::string types;
  for (const std::string& type : order_.types) types += (types.empty() ? "" : ",") + type;
  if (!types.empty()) form.field("types", types);
  form.file("file", "", bytes);
  const Answer answer = TRY(ask(form.content_type(), form.finish(), bytes.size()));
  simdjson::dom::parser parser;
  simdjson::dom::element result;
  std::string_view data;
  if (parser.parse(answer.body)["results"].at(0).get(result) != simdjson::SUCCESS || result["output"]["file"]["data"].get(data) != simdjson::SUCCESS)
    return fail(unreadable_answer());
  auto back = from_base64(data);
  if (!back) return fail(unreadable_answer());
  on_bytes(bytes.size());
  return Redacted{*std::move(back), read_found(result)};
}

// A cut that goes through no value: one that would be cut begins the next piece.
Result<std::size_t, Failed> Redactor::next_cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  const std::size_t cut = cut_near(text, most);
  if (order_.restore) return cut;
  const std::size_t begin = character_begin(text, cut > kSeam_bytes ? cut - kSeam_bytes : 0);
  const std::string_view seam = text.substr(begin, character_begin(text, std::min(text.size(), cut + kSeam_bytes)) - begin);
  const Answer answer = TRY(ask_texts("detect", order_.op, {seam}));
  simdjson::dom::parser parser;
  simdjson::dom::element result;
  if (parser.parse(answer.body)["results"].at(0).get(result) != simdjson::SUCCESS) return fail(unreadable_answer());
  for (const Found& found : read_found(result)) {
    const std::size_t from = begin + byte_of(seam, found.start), to = begin + byte_of(seam, found.end);
    if (from < cut && cut < to && from > 0) return from;
  }
  return cut;
}

Result<Redacted, Failed> Redactor::in_pieces(const std::string& text, const OnBytes& on_bytes) {
  Redacted done;
  std::uint64_t points = 0, lines = 0;
  std::size_t most = kWhole_bytes;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view piece = rest.substr(0, TRY(next_cut(rest, most)));
    const auto asked = ask_texts(order_.restore ? "restore" : "redact", order_.op, {piece});
    if (!asked && asked.error().too_large && piece.size() > kLeast_bytes) {
      most = piece.size() / 2;
      continue;
    }
    const Answer& answer = TRY(asked);
    simdjson::dom::parser parser;
    simdjson::dom::element result;
    std::string_view output;
    if (parser.parse(answer.body)["results"].at(0).get(result) != simdjson::SUCCESS || result["output"].get(output) != simdjson::SUCCESS)
      return fail(unreadable_answer());
    done.bytes += output;
    LineCounter counter(piece);
    for (Found& found : read_found(result)) {
      found.line = lines + counter.at(found.start);
      found.start += points, found.end += points;
      done.found.push_back(std::move(found));
    }
    points += count_code_points(piece), lines += counter.lines() - 1;
    rest.remove_prefix(piece.size());
    on_bytes(piece.size());
  }
  return done;
}

// A key of a JSON value or a header's name can itself be something personal, and a report must not hold it: keys in paths are redacted like texts.
Result<void, Failed> Redactor::clean_paths(std::vector<Found>& all) {
  std::map<std::string, std::string> steps;
  {
    const MutexLock lock(mutex_);
    for (const Found& found : all)
      for (const std::string_view step : split(found.path, '/'))
        if (!is_index(step)) {
          const auto known = steps_.find(std::string(step));
          steps.emplace(step, known == steps_.end() ? "" : known->second);
        }
  }
  std::vector<std::string_view> unknown;
  const auto look_up = [&]() -> Result<void, Failed> {
    const Answer answer = TRY(ask_texts("redact", "mask", unknown, true));
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (parser.parse(answer.body).get(root) != simdjson::SUCCESS) return fail(unreadable_answer());
    const MutexLock lock(mutex_);
    if (steps_.size() > kRemembered) steps_.clear();
    for (std::size_t i = 0; i < unknown.size(); ++i) {
      std::string_view masked;
      if (root["results"].at(i)["output"].get(masked) != simdjson::SUCCESS) return fail(unreadable_answer());
      const std::string step(unknown[i]);
      steps.at(step) = masked, steps_[step] = masked;
    }
    unknown.clear();
    return {};
  };
  for (const auto& [step, shown] : steps) {
    if (!shown.empty()) continue;
    unknown.push_back(step);
    if (unknown.size() == kStepsInCall) TRY(look_up());
  }
  if (!unknown.empty()) TRY(look_up());
  for (Found& found : all) {
    std::string path;
    for (const std::string_view step : split(found.path, '/')) {
      const auto shown = steps.find(std::string(step));
      path.append("/").append(shown == steps.end() ? std::string(step) : shown->second);
    }
    if (!found.path.empty()) found.path = path.substr(1);
  }
  return {};
}

Result<Redacted, Failed> Redactor::redact(const std::string& bytes, const OnBytes& on_bytes) {
  if (is_blank(bytes)) return on_bytes(bytes.size()), Redacted{bytes, {}};
  const auto too_large = [&](const char* what) {
    return fail(Failed{.reason = std::string(what) + " of more than " + std::to_string(kUncut_bytes >> 20U) + " MiB, which cannot be cut",
                       .next = "split it first"});
  };
  const bool one_thing = privacy::is_picture(bytes) || privacy::Mail::looks_like_one(bytes);
  const auto finished = [&](Result<Redacted, Failed> done) -> Result<Redacted, Failed> {
    if (done) TRY(clean_paths(done->found));
    return done;
  };
  if (bytes.size() <= kWhole_bytes || one_thing) {
    if (bytes.size() > kUncut_bytes) return too_large(privacy::is_picture(bytes) ? "is a picture" : "is an e-mail");
    auto at_once = whole(bytes, on_bytes);
    if (at_once || !at_once.error().too_large || one_thing) return finished(std::move(at_once));
  }
  const auto text = privacy::FileText::read(bytes);
  if (!text) {
    const privacy::UnreadFile why = privacy::unread_file(bytes);
    return fail(Failed{.reason = "is " + std::string(why.what) + ", so nobody can look into it.", .next = std::string(why.next)});
  }
  if (is_json_document(text->text())) {
    if (bytes.size() > kUncut_bytes) return too_large("is a JSON document");
    return finished(whole(bytes, on_bytes));
  }
  auto pieces = in_pieces(text->text(), on_bytes);
  if (pieces) pieces->bytes = *text->with(pieces->bytes);
  return finished(std::move(pieces));
}

Result<std::string, Failed> Redactor::options_digest() {
  std::string all = std::string(kVersion) + '\n' + order_.op + '\n' + order_.conversation + '\n';
  std::vector<std::string> types = order_.types;
  std::sort(types.begin(), types.end());
  for (const std::string& type : types) all += type + ',';
  const auto covered = connection_.call("GET", "/presidio/supportedentities", {}, "");
  if (!covered) return fail(Failed{.exit_code = kUnavailable, .reason = covered.error(), .next = "demarc status", .stop = true});
  if (covered->status != 200) return fail(failed_by(*covered));
  all += '\n' + covered->body + '\n';
  // A named conversation's placeholders are others where its vault is another one; a file that holds the old ones is not done.
  if (!order_.conversation.empty()) {
    const Answer probe = TRY(ask_texts("redact", order_.op, {"probe@demarc.example"}, true));
    simdjson::dom::parser parser;
    std::string_view output;
    if (parser.parse(probe.body)["results"].at(0)["output"].get(output) != simdjson::SUCCESS) return fail(unreadable_answer());
    all += output;
  }
  return digest_of(all);
}

}  // namespace demarc::cli
