#include "gateway/redaction_files.hpp"

#include "base/lines.hpp"
#include "privacy/text_list.hpp"
#include "privacy/unread_file.hpp"

namespace demarc::gateway {
namespace {

ApiError unreadable(const dialect::RedactionsCall& call, std::size_t index) {
  const dialect::RedactionFile& file = *call.input[index].file;
  const privacy::UnreadFile why = privacy::unread_file(file.bytes);
  return {
      .kind = ErrorKind::bad_request,
      .message = (file.filename.empty() ? std::string("The file") : file.filename) + " is " + std::string(why.what) + ", so nobody can look into it.",
      .param = "input[" + std::to_string(index) + "]",
      .hint = std::string(why.next) + (call.input.size() > 1 ? R"(; "on_error": "continue" does the others)" : "")};
}

std::optional<OpenedFile> open_file(std::string_view bytes) {
  if (privacy::is_picture(bytes)) {
    auto picture = privacy::read_picture(bytes);
    return picture ? std::optional<OpenedFile>(*std::move(picture)) : std::nullopt;
  }
  auto text = privacy::FileText::read(bytes);
  return text ? std::optional<OpenedFile>(*std::move(text)) : std::nullopt;
}

std::string text_in(const OpenedFile& file) {
  if (const auto* picture = std::get_if<privacy::Picture>(&file)) return privacy::list_of(picture->texts);
  return std::get<privacy::FileText>(file).text();
}

// Of a text in one piece; where it was taken apart, `path` says more.
void add_lines(dialect::RedactionLeaf& leaf) {
  LineCounter lines(leaf.text);
  for (dialect::FoundInText& found : leaf.findings) found.line = lines.at(found.start);
}

}  // namespace

Result<RedactionFiles, ApiError> RedactionFiles::open(dialect::RedactionsCall& call, const dialect::RedactionsLimits& limits) {
  RedactionFiles files;
  for (std::size_t i = 0; i < call.input.size(); ++i) {
    dialect::RedactionInput& input = call.input[i];
    if (!input.file) continue;
    auto opened = open_file(input.file->bytes);
    Result<void, ApiError> taken;
    if (!opened)
      taken = fail(unreadable(call, i));
    else if (taken = dialect::take_file_text(input, text_in(*opened), limits); taken)
      files.opened_.emplace(i, *std::move(opened));
    if (taken) continue;
    if (call.on_error == dialect::OnError::fail) return fail(std::move(taken).error());
    input = {.file = std::move(input.file), .error = std::move(taken).error()};
  }
  return files;
}

Result<void, ApiError> RedactionFiles::close(dialect::RedactionsCall& call, RewriteFiles rewrite) const {
  for (const auto& [index, opened] : opened_) {
    dialect::RedactionInput& input = call.input[index];
    const auto* text = std::get_if<privacy::FileText>(&opened);
    if (input.json.empty() && text != nullptr) add_lines(input.leaves.front());
    for (dialect::RedactionLeaf& leaf : input.leaves) leaf.path = text != nullptr ? text->place(leaf.path) : "/metadata";
    if (rewrite == RewriteFiles::no) {
      input.file->bytes.clear();
      continue;
    }
    auto bytes = text != nullptr ? text->with(dialect::output_of(input)) : std::optional(std::get<privacy::Picture>(opened).bare);
    if (!bytes) return fail(unreadable(call, index));
    input.file->bytes = *std::move(bytes);
  }
  return {};
}

}  // namespace demarc::gateway
