#include "cli/parse/redact_pdf.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "base/strings.hpp"
#include "cli/place.hpp"
#include "core/json/writer.hpp"
#include "engine/child.hpp"

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;

class TemporaryFolder {  // that nobody else can look into
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "demarc-redact-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

bool write_text(const fs::path& to, std::string_view text) {
  std::ofstream out(to, std::ios::binary);
  out << text;
  out.close();
  return static_cast<bool>(out);
}

std::string said_by(const engine::Child& child) {
  std::array<char, 1024> text{};
  const ssize_t got = read(child.output_fd(), text.data(), text.size());
  return std::string(trim({text.data(), got > 0 ? static_cast<std::size_t>(got) : 0}));
}

}  // namespace

Result<fs::path, std::string> redacted_path(const fs::path& target, const fs::path& document) {
  std::error_code error;
  fs::path to = target;
  if (fs::is_directory(target, error)) to /= document.stem().string() + ".redacted.pdf";
  if (fs::equivalent(to, document, error)) return fail(to.string() + ": is the document itself; name another file");
  return to;
}

Result<void, std::string> write_redacted(const fs::path& document, const fs::path& to, std::string_view answer, const DocumentLimits& limits) {
  const TemporaryFolder folder;
  if (folder.path().empty()) return fail(std::string("no temporary folder could be made"));
  const fs::path said = folder.path() / "answer.json", limited = folder.path() / "limits.json", part = to.string() + ".part";
  std::string limits_json;
  JsonWriter json(limits_json);
  json.object([&] { write_document_limits(json, limits); });
  if (!write_text(said, answer) || !write_text(limited, limits_json)) return fail(folder.path().string() + ": cannot be written");
  engine::Child child = TRY(engine::start_child({.argv = {programs_folder() + "/demarc-document", "--redact", fs::absolute(document).string(),
                                                          fs::absolute(part).string(), said.string(), limited.string()},
                                                 .memory_limit_bytes = static_cast<std::uint64_t>(limits.document_memory_mib) << 20}));
  const auto ended = child.wait(static_cast<int>(limits.document_s * 1'000));
  std::error_code error;
  if (!ended || ended->code != 0) {
    child.stop(0);
    fs::remove(part, error);
    const std::string why = !ended ? "took longer than " + std::to_string(limits.document_s) + " s (limits.document_s)" : said_by(child);
    return fail(why.empty() ? "demarc-document: " + ended->describe() : why);
  }
  fs::rename(part, to, error);
  if (error) return fail(to.string() + ": " + error.message());
  return {};
}

}  // namespace demarc::cli
