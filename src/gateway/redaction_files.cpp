#include "gateway/redaction_files.hpp"

#include <algorithm>

#include "privacy/text_list.hpp"

namespace demarc::gateway {
namespace {

ApiError unreadable(std::size_t index, const std::string& filename) {
  return {.kind = ErrorKind::bad_request,
          .message = (filename.empty() ? std::string("The file") : filename) +
                     " is neither a text, an e-mail of texts, nor a whole JPEG, PNG, WebP or GIF, so nobody can look into it.",
          .param = "input[" + std::to_string(index) + "]",
          .hint = "\"on_error\": \"continue\" does the others"};
}

// Of a text in one piece; where it was taken apart, `path` says more.
void add_lines(dialect::RedactionLeaf& leaf) {
  std::size_t points = 0, line = 1, at = 0;
  for (dialect::FoundInText& found : leaf.findings) {  // in order
    for (; at < leaf.text.size() && points < found.start; ++at) {
      if (leaf.text[at] == '\n') ++line;
      const bool last_of_character = at + 1 == leaf.text.size() || (static_cast<unsigned char>(leaf.text[at + 1]) & 0xC0U) != 0x80U;
      points += last_of_character ? 1 : 0;
    }
    found.line = line;
  }
}

}  // namespace

Result<RedactionFiles, ApiError> RedactionFiles::open(dialect::RedactionsCall& call, const dialect::RedactionsLimits& limits) {
  RedactionFiles files;
  for (std::size_t i = 0; i < call.input.size(); ++i) {
    dialect::RedactionInput& input = call.input[i];
    if (!input.file) continue;
    Result<void, ApiError> taken = fail(unreadable(i, input.file->filename));
    if (privacy::is_picture(input.file->bytes)) {
      if (auto picture = privacy::read_picture(input.file->bytes)) {
        taken = dialect::take_file_text(input, privacy::list_of(picture->texts), limits);
        files.opened_.emplace(i, *std::move(picture));
      }
    } else if (auto text = privacy::FileText::read(input.file->bytes)) {
      taken = dialect::take_file_text(input, text->text(), limits);
      files.opened_.emplace(i, *std::move(text));
    }
    if (taken) continue;
    if (call.on_error == dialect::OnError::fail) return fail(std::move(taken).error());
    files.opened_.erase(i);
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
    if (!bytes) return fail(unreadable(index, input.file->filename));
    input.file->bytes = *std::move(bytes);
  }
  return {};
}

}  // namespace demarc::gateway
