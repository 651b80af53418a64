#include "gateway/jobs/piece_parts.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/encode.hpp"
#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "dialect/document_parts.hpp"
#include "dialect/form.hpp"
#include "dialect/transcript_parts.hpp"
#include "gateway/jobs/shelf.hpp"

namespace demarc::gateway {
namespace {

constexpr std::string_view kJson = "application/json";

std::string with_padding(std::string body) {
  body.reserve(body.size() + 64);
  return body;
}

// Without a conversation of the caller's, all parts of one file are one, so that placeholders agree.
std::string conversation_of(const Job& job, const Piece& piece) { return parts_id(job.id, piece.number); }

class Recording final : public PieceParts {
 public:
  explicit Recording(std::vector<dialect::FormField> options) : parts_(std::move(options)) {}

  [[nodiscard]] Asked next(const std::string& filename, std::string bytes, const config::Limits& limits) const override {
    dialect::Form form;
    for (const auto& [name, value] : parts_.form_of_next(limits.job_part_s)) form.field(name, value);
    form.file("file", filename, bytes);
    return {form.content_type(), with_padding(form.finish())};
  }
  Result<void, std::string> add(std::string answer) override { return parts_.add(std::move(answer)); }
  [[nodiscard]] bool has_more() const override { return parts_.next_ms().has_value(); }
  [[nodiscard]] std::int64_t amount() const override { return parts_.duration_ms(); }
  [[nodiscard]] std::string print() const override { return parts_.print(); }
  [[nodiscard]] std::string_view content_type() const override { return parts_.content_type(); }

 private:
  dialect::TranscriptParts parts_;
};

class Scans final : public PieceParts {
 public:
  explicit Scans(std::string options) : parts_(std::move(options)) {}

  [[nodiscard]] Asked next(const std::string& filename, std::string bytes, const config::Limits& limits) const override {
    return {std::string(kJson), with_padding(parts_.body_of_next(filename, bytes, limits.job_part_pages))};
  }
  Result<void, std::string> add(std::string answer) override { return parts_.add(answer); }
  [[nodiscard]] bool has_more() const override { return parts_.next_page().has_value(); }
  [[nodiscard]] std::int64_t amount() const override { return parts_.pages(); }
  [[nodiscard]] std::string print() const override { return parts_.print(); }
  [[nodiscard]] std::string_view content_type() const override { return kJson; }

 private:
  dialect::DocumentParts parts_;
};

class Photo final : public PieceParts {  // one request, and what it is answered
 public:
  explicit Photo(std::string options) : options_(std::move(options)) {}

  [[nodiscard]] Asked next(const std::string& filename, std::string bytes, const config::Limits& limits) const override {
    (void)filename, (void)limits;  // what it is, its bytes say
    return {std::string(kJson), with_padding(picture_body(options_, bytes))};
  }
  Result<void, std::string> add(std::string answer) override { return answer_ = std::move(answer), Result<void, std::string>{}; }
  [[nodiscard]] bool has_more() const override { return false; }
  [[nodiscard]] std::int64_t amount() const override { return 0; }
  [[nodiscard]] std::string print() const override { return answer_; }
  [[nodiscard]] std::string_view content_type() const override { return kJson; }

 private:
  const std::string options_;
  std::string answer_;
};

bool has(const std::vector<dialect::FormField>& options, std::string_view name) {
  return std::ranges::any_of(options, [&](const dialect::FormField& field) { return field.first == name; });
}

// `json` with one member more, which it does not have.
std::string with_member(std::string_view json, std::string_view name, std::string_view text) {
  std::string out(trim(json));
  CHECK(out.starts_with('{') && out.ends_with('}'));  // it was checked when the job was ordered
  out.pop_back();
  const bool is_empty = trim(std::string_view(out).substr(1)).empty();
  return out + (is_empty ? "" : ",") + json_string(name) + ":" + json_string(text) + "}";
}

}  // namespace

std::string picture_body(std::string_view options, std::string_view bytes) {
  std::string body = with_member(options, "input", "data:image/*;base64," + to_base64(bytes));
  return has(dialect::read_options(std::string(options)), "model") ? body : with_member(body, "model", "auto");
}

std::unique_ptr<PieceParts> parts_of(const Job& job, const Piece& piece) {
  std::vector<dialect::FormField> options = dialect::read_options(job.options);
  const bool joins = has(options, "redact") && !has(options, "conversation");
  switch (job.kind) {
    case JobKind::transcription:
      if (joins) options.emplace_back("conversation", conversation_of(job, piece));
      return std::make_unique<Recording>(std::move(options));
    case JobKind::ocr: return std::make_unique<Scans>(joins ? with_member(job.options, "conversation", conversation_of(job, piece)) : job.options);
    case JobKind::image_classification: return std::make_unique<Photo>(job.options);
    case JobKind::batch: break;
  }
  return nullptr;
}

}  // namespace demarc::gateway
