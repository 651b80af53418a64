#include "privacy/attachments.hpp"

#include "base/encode.hpp"
#include "base/strings.hpp"
#include "privacy/file_text.hpp"
#include "privacy/json_leaves.hpp"
#include "privacy/picture.hpp"
#include "privacy/text_list.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kInside_bytes = 64;    // a shorter string in base64 is searched as text (readings.hpp) all the same
constexpr std::size_t kPrefix_bytes = 1024;  // of a data: URL, before its data
constexpr std::string_view kBase64 = ";base64,";

struct Inline {
  std::string_view prefix;  // "data:image/png;base64,"; "" for plain base64
  std::string bytes;
};

std::optional<Inline> decoded(std::string_view string) {
  std::string_view prefix;
  if (string.starts_with("data:")) {
    const std::size_t found = string.substr(0, kPrefix_bytes).find(kBase64);
    if (found == std::string_view::npos) return std::nullopt;
    prefix = string.substr(0, found + kBase64.size());
  }
  auto bytes = from_base64(string.substr(prefix.size()));
  if (!bytes || bytes->empty()) return std::nullopt;
  return Inline{prefix, *std::move(bytes)};
}

class FileContents final : public Contents {
 public:
  FileContents(std::string_view prefix, FileText file) : prefix_(prefix), file_(std::move(file)) {}
  [[nodiscard]] Reach reach() const override { return Reach::whole; }
  [[nodiscard]] const std::string& text() const { return file_.text(); }
  [[nodiscard]] std::optional<std::string> with(std::string_view text) const override {
    const auto bytes = file_.with(text);
    if (!bytes) return std::nullopt;
    return prefix_ + to_base64(*bytes);
  }

 private:
  std::string prefix_;
  FileText file_;
};

class PictureContents final : public Contents {
 public:
  PictureContents(std::string_view prefix, const std::optional<Picture>& picture) {
    if (!picture) return;
    text_ = list_of(picture->texts);
    bare_ = std::string(prefix) + to_base64(picture->bare);
  }
  [[nodiscard]] Reach reach() const override { return Reach::metadata; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::optional<std::string> with(std::string_view) const override { return bare_; }

 private:
  std::string text_;
  std::optional<std::string> bare_;  // nullopt: it cannot be walked
};

template <class Kind>
void attach(Request& request, Part& part, std::unique_ptr<Kind> contents) {
  part.text = contents->text();
  part.contents = contents.get();
  request.contents.push_back(std::move(contents));
}

bool is_inline_medium(const Part& part) { return is_media(part.kind) && part.encoding == Encoding::json_string && !part.remote && part.text.empty(); }

}  // namespace

void look_into_attachments(Request& request, std::size_t limit_bytes) {
  for (Part& part : request.parts) {
    if (!is_inline_medium(part) || part.span.size() < 2) continue;
    const std::string_view raw = std::string_view(request.body).substr(part.span.begin + 1, part.span.size() - 2);
    const bool escaped = raw.find('\\') != std::string_view::npos;
    const std::string plain = escaped ? unescape_json(raw) : std::string();
    const auto medium = decoded(escaped ? std::string_view(plain) : raw);
    if (!medium || medium->bytes.size() > limit_bytes) continue;
    limit_bytes -= medium->bytes.size();
    if (is_picture(medium->bytes))
      attach(request, part, std::make_unique<PictureContents>(medium->prefix, read_picture(medium->bytes)));
    else if (auto file = FileText::read(medium->bytes))
      attach(request, part, std::make_unique<FileContents>(medium->prefix, *std::move(file)));
  }
}

std::optional<std::string> text_inside(std::string_view string) {
  if (string.size() < kInside_bytes) return std::nullopt;
  const auto medium = decoded(string);
  if (!medium) return std::nullopt;
  if (is_picture(medium->bytes)) {
    const auto picture = read_picture(medium->bytes);
    return picture ? std::optional(list_of(picture->texts)) : std::nullopt;
  }
  if (medium->prefix.empty() && !is_utf8(medium->bytes)) return std::nullopt;
  const auto file = FileText::read(medium->bytes);
  return file ? std::optional(file->text()) : std::nullopt;
}

}  // namespace demarc::privacy
