#include "code/outline.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/json/writer.hpp"

namespace demarc::code {
namespace {

namespace dom = simdjson::dom;

constexpr auto kTimeOfAFile = std::chrono::seconds(5);
constexpr std::size_t kMostDefinitions = 20'000;

constexpr auto kLanguages = std::to_array<std::pair<std::string_view, std::string_view>>(
    {{".py", "Python"},     {".pyi", "Python"},     {".js", "JavaScript"}, {".jsx", "JavaScript"}, {".mjs", "JavaScript"}, {".cjs", "JavaScript"},
     {".ts", "TypeScript"}, {".tsx", "TypeScript"}, {".go", "Go"},         {".rs", "Rust"},        {".java", "Java"},      {".kt", "Kotlin"},
     {".c", "C"},           {".h", "C++"},          {".cc", "C++"},        {".cpp", "C++"},        {".cxx", "C++"},        {".hh", "C++"},
     {".hpp", "C++"},       {".cs", "C#"},          {".rb", "Ruby"},       {".php", "PHP"},        {".lua", "Lua"},        {".sh", "Sh"},
     {".pl", "Perl"},       {".scala", "Scala"},    {".swift", "Swift"},   {".sql", "SQL"},        {".proto", "Protobuf"}, {".ex", "Elixir"}});

std::string_view text_of(dom::element tag, const char* name) {
  std::string_view text;
  return tag[name].get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

std::int64_t number_of(dom::element tag, const char* name) {
  std::int64_t number = 0;
  return tag[name].get(number) == simdjson::SUCCESS ? number : 0;
}

void take_tag(dom::element tag, Outline& outline) {
  const std::string_view name = text_of(tag, "name"), roles = text_of(tag, "roles");
  if (name.empty() || outline.definitions.size() + outline.imports.size() >= kMostDefinitions) return;
  const bool is_definition = roles.empty() || roles == "def";
  const std::string_view kind = text_of(tag, "kind");
  if (!is_definition || kind == "unknown") {
    outline.imports.emplace_back(name);
    return;
  }
  if (name.starts_with("__anon")) return;
  const std::int64_t line = number_of(tag, "line");
  if (line <= 0) return;
  outline.definitions.push_back({.name = std::string(name),
                                 .kind = std::string(kind),
                                 .scope = std::string(text_of(tag, "scope")),
                                 .line = line,
                                 .end_line = std::max(line, number_of(tag, "end"))});
}

}  // namespace

std::string_view language_of(std::string_view path) {
  const std::size_t slash = path.rfind('/'), dot = path.rfind('.');
  if (dot == std::string_view::npos || (slash != std::string_view::npos && dot < slash)) return {};
  const std::string_view ending = path.substr(dot);
  const auto* const at = std::ranges::find(kLanguages, ending, &std::pair<std::string_view, std::string_view>::first);
  return at == kLanguages.end() ? std::string_view{} : at->second;
}

// --options=NONE: the option files of a home or of the folder at hand could define parsers and more.
Result<void, std::string> Outliner::start() {
  auto started = ToolProcess::start({"ctags", "--options=NONE", "--_interactive=sandbox", "--fields=+neKsr-P", "--extras=+r"},
                                    {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"});
  if (!started) return fail(std::move(started).error());
  const auto greeting = started->read_line(ToolProcess::Clock::now() + kTimeOfAFile);
  if (!greeting || greeting->find("Universal Ctags") == std::string::npos)
    return fail(std::string("universal-ctags with its sandbox is not installed: apt-get install universal-ctags"));
  ctags_.emplace(std::move(*started));
  return {};
}

Result<Outline, std::string> Outliner::read(std::string_view path, std::string_view text) {
  if (!ctags_) TRY(start());
  std::string question;
  JsonWriter json(question);
  json.object([&] {
    json.field("command", "generate-tags");
    json.field("filename", "source" + std::string(path.substr(std::min(path.size(), path.rfind('.')))));  // its ending is all that counts
    json.field("size", text.size());
  });
  question += '\n';
  question += text;
  const auto until = ToolProcess::Clock::now() + kTimeOfAFile;
  Outline outline;
  bool whole = ctags_->write(question, until);
  dom::parser parser;
  for (bool more = whole; more;) {
    const auto line = ctags_->read_line(until);
    dom::element said;
    if (!line || parser.parse(*line).get(said) != simdjson::SUCCESS) {
      whole = more = false;
    } else if (const std::string_view type = text_of(said, "_type"); type == "tag") {
      take_tag(said, outline);
    } else {
      more = type != "completed" && type != "error";
      whole = type == "completed" || more;
    }
  }
  if (!whole) ctags_.reset(), outline = {};  // what it said of half a file helps nobody; the next file gets a process of its own
  std::ranges::sort(outline.imports);
  outline.imports.erase(std::ranges::unique(outline.imports).begin(), outline.imports.end());
  return outline;
}

}  // namespace demarc::code
