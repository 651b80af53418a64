// Any bytes as an upstream's stream of a fill-in-the-middle, in any form, to a client of any form: however they are cut, the same is understood, and
// a stream that came to no end is not given one.
#include "dialect/fim.hpp"

#include "dialect/printer.hpp"
#include "fuzz.hpp"

namespace demarc::fuzz {
namespace {

using dialect::fim::Form;

std::unique_ptr<Request> asked(std::string_view path, std::string body) {
  body.reserve(body.size() + 64);
  auto request =
      dialect::parse(*dialect::find_dialect("POST", path), {.method = "POST", .target = std::string(path), .headers = {}, .body = std::move(body)});
  CHECK(request.ok());
  return std::move(request).value();
}

const Request& client(std::size_t which) {
  static const std::unique_ptr<Request> all[] = {asked("/v1/completions", R"({"prompt":"a","suffix":"b","stream":true})"),
                                                 asked("/v1/fim/completions", R"({"prompt":"a","suffix":"b","stream":true})"),
                                                 asked("/infill", R"({"input_prefix":"a","input_suffix":"b","stream":true})")};
  return *all[which];
}

struct Read {
  bool ok = true, clean_end = false;
  std::string text;
};

Read read(const Request& request, Form upstream, const std::vector<std::string_view>& pieces) {
  const auto translator = dialect::fim::make_translator(request, upstream, "req_1", {});
  Read out;
  for (const std::string_view piece : pieces) {
    std::vector<Chunk> chunks;
    out.ok = out.ok && translator->feed_stream(piece, chunks).ok();
    for (const Chunk& chunk : chunks) {
      out.ok = out.ok && chunk.kind != ChunkKind::error;
      for (const Delta& delta : chunk.deltas) out.text += delta.text;
    }
    if (!out.ok) break;
  }
  out.clean_end = translator->clean_end();
  return out;
}

}  // namespace
}  // namespace demarc::fuzz

FUZZ(fim) {
  Choices choices(bytes);
  const Request& request = client(choices.below(3));
  const auto upstream = static_cast<Form>(choices.below(3));
  std::string_view plan = bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), 8));
  bytes.remove_suffix(plan.size());
  Choices cuts(plan);
  const Read whole = read(request, upstream, {bytes}), pieces = read(request, upstream, cut(bytes, cuts));
  CHECK(whole.ok == pieces.ok && whole.clean_end == pieces.clean_end && whole.text == pieces.text);
  if (bytes.empty()) CHECK(!whole.clean_end);
  auto reply =
      dialect::fim::make_translator(request, upstream, "req_1", {})->read_whole(200, {{"content-type", "application/json"}}, std::string(bytes));
  if (reply)
    for (const Delta& delta : reply->texts) CHECK(delta.span.end <= reply->body.size());
}
