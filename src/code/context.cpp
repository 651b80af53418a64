#include "code/context.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/strings.hpp"
#include "code/words.hpp"

namespace demarc::code {
namespace {

constexpr std::size_t kNamesBefore_lines = 40, kNamesBehind_lines = 10;  // where names are looked for
constexpr std::size_t kAlikeBefore_lines = 10, kAlikeBehind_lines = 5;   // what a neighbour's window is compared with
constexpr std::int64_t kWindow_lines = 20, kStep_lines = 10;
constexpr std::int64_t kHeader_lines = 6, kMembers = 12;
constexpr double kLeastAlike = 0.15;
constexpr std::size_t kMostHomonyms = 4;  // a name that more files define says little
constexpr std::uint64_t kNeighbourBytes = 96U << 10U;

struct Ranked {
  double worth = 0;
  Piece piece;
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    lines.push_back(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string_view last_lines(std::string_view text, std::size_t count) {
  std::size_t at = text.size();
  for (std::size_t i = 0; i <= count && at != std::string_view::npos && at > 0; ++i) at = text.rfind('\n', at - 1);
  return at == std::string_view::npos || at == 0 ? text : text.substr(at + 1);
}

std::string_view first_lines(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < count && at < text.size(); ++i) at = std::min(text.find('\n', at), text.size() - 1) + 1;
  return text.substr(0, at);
}

// The line that is being typed changes with every key: what is chosen must not.
std::string_view without_last_line(std::string_view text) {
  return text.substr(0, text.rfind('\n') == std::string_view::npos ? 0 : text.rfind('\n') + 1);
}

std::string stem(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  std::string name(slash == std::string_view::npos ? path : path.substr(slash + 1));
  return name.substr(0, name.find('.'));
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

// Whether an import as it is written could mean this file: "a.b", "./b", "b.hpp".
bool is_imported(std::string_view path, const std::set<std::string, std::less<>>& stems) {
  const std::string name = stem(path);
  return stems.contains(name) || ((name == "__init__" || name == "index" || name == "mod") && stems.contains(stem(folder_of(path))));
}

std::set<std::string, std::less<>> stems_of(const std::vector<std::string>& imports) {
  std::set<std::string, std::less<>> stems;
  for (const std::string& import : imports) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= import.size(); ++i) {
      if (i < import.size() && is_word_byte(import[i])) continue;
      if (i > begin) stems.emplace(import.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  return stems;
}

class Chooser {
 public:
  Chooser(CodeIndex& index, const Cursor& cursor, const ContextLimits& limits) : index_(index), cursor_(cursor), limits_(limits) {}

  Result<std::vector<Piece>, std::string> choose() {
    imported_ = stems_of(TRY(index_.imports(cursor_.path)));
    TRY(add_definitions());
    TRY(add_neighbours());
    std::ranges::sort(ranked_, [](const Ranked& a, const Ranked& b) {
      return std::tie(b.worth, a.piece.path, a.piece.line) < std::tie(a.worth, b.piece.path, b.piece.line);
    });
    std::vector<Piece> chosen;
    std::size_t bytes = 0;
    for (Ranked& each : ranked_) {
      if (bytes + each.piece.text.size() > limits_.bytes || overlaps(chosen, each.piece)) continue;
      bytes += each.piece.text.size();
      chosen.push_back(std::move(each.piece));
    }
    std::ranges::reverse(chosen);
    return chosen;
  }

 private:
  static std::int64_t line_count(const Piece& piece) { return std::ranges::count(piece.text, '\n'); }
  static bool overlaps(const std::vector<Piece>& chosen, const Piece& piece) {
    return std::ranges::any_of(chosen, [&](const Piece& other) {
      return other.path == piece.path && piece.line < other.line + line_count(other) && other.line < piece.line + line_count(piece);
    });
  }

  Result<void, std::string> add_definitions() {
    const std::string around = std::string(without_last_line(last_lines(cursor_.prefix, kNamesBefore_lines))) + "\n" +
                               std::string(first_lines(cursor_.suffix, kNamesBehind_lines));
    std::set<std::pair<std::string, std::int64_t>> seen;
    for (const std::string_view word : words_of(around)) {
      std::vector<Place> places = TRY(index_.defined(word));
      if (std::ranges::any_of(places, [&](const Place& place) { return place.path == cursor_.path; }))
        continue;  // what the file says itself, the model sees
      std::erase_if(places, [](const Place& place) { return place.definition.kind == "local" || place.definition.kind == "parameter"; });
      const bool any_imported = std::ranges::any_of(places, [&](const Place& place) { return is_imported(place.path, imported_); });
      if (any_imported) std::erase_if(places, [&](const Place& place) { return !is_imported(place.path, imported_); });
      if (places.empty() || places.size() > kMostHomonyms) continue;
      for (const Place& place : places) {
        if (!seen.emplace(place.path, place.definition.line).second) continue;
        const double worth = 0.5 / static_cast<double>(places.size()) + (any_imported ? 0.4 : 0.0);
        if (auto piece = TRY(header_of(place))) ranked_.push_back({worth, std::move(*piece)});
      }
    }
    return {};
  }

  // Of a function its first lines; of what holds others, its first lines and the heads of what it holds.
  Result<std::optional<Piece>, std::string> header_of(const Place& place) {
    const auto text = index_.text(place.path);
    if (!text) return std::optional<Piece>{};
    const std::vector<std::string_view> lines = lines_of(*text);
    const Definition& what = place.definition;
    const auto line = [&](std::int64_t number) {
      return number >= 1 && number <= static_cast<std::int64_t>(lines.size()) ? lines[static_cast<std::size_t>(number - 1)] : std::string_view{};
    };
    Piece piece{.path = place.path, .text = {}, .line = what.line};
    const std::int64_t end = std::min(what.end_line, what.line + kHeader_lines - 1);
    for (std::int64_t at = what.line; at <= end; ++at) piece.text += line(at);
    std::int64_t members = 0;
    for (const Definition& member : TRY(index_.outline(place.path))) {
      if (member.line <= end || member.end_line > what.end_line || members == kMembers) continue;
      piece.text += line(member.line);
      ++members;
    }
    if (piece.text.empty()) return std::optional<Piece>{};
    if (!piece.text.ends_with('\n')) piece.text += '\n';
    return std::optional(std::move(piece));
  }

  Result<std::vector<std::string>, std::string> neighbours() {
    std::vector<std::tuple<int, std::size_t, std::string>> found;  // how far, how long since it changed
    const auto files = TRY(index_.files());
    int recent = 0;
    for (const RepositoryFile& file : files) {
      if (file.path == cursor_.path || file.size_bytes > kNeighbourBytes || language_of(file.path) != language_of(cursor_.path)) continue;
      const int far = is_imported(file.path, imported_) ? 0 : recent++ < 5 ? 1 : folder_of(file.path) == folder_of(cursor_.path) ? 2 : 3;
      found.emplace_back(far, found.size(), file.path);
    }
    std::ranges::sort(found);
    std::vector<std::string> paths;
    for (auto& [far, age, path] : found)
      if (paths.size() < limits_.neighbours) paths.push_back(std::move(path));
    return paths;
  }

  Result<void, std::string> add_neighbours() {
    const std::string around =
        std::string(without_last_line(last_lines(cursor_.prefix, kAlikeBefore_lines))) + std::string(first_lines(cursor_.suffix, kAlikeBehind_lines));
    const std::vector<std::string_view> wanted = words_of(around);
    if (wanted.size() < 3) return {};
    for (const std::string& path : TRY(neighbours())) {
      const auto text = index_.text(path);
      if (!text) continue;
      const std::vector<std::string_view> lines = lines_of(*text);
      Ranked best;
      for (std::int64_t begin = 0; begin < static_cast<std::int64_t>(lines.size()); begin += kStep_lines) {
        const std::int64_t end = std::min(begin + kWindow_lines, static_cast<std::int64_t>(lines.size()));
        const char* from = lines[static_cast<std::size_t>(begin)].data();
        const std::string_view last = lines[static_cast<std::size_t>(end - 1)];
        const std::string_view window(from, static_cast<std::size_t>(last.data() + last.size() - from));
        const double alike = likeness(wanted, words_of(window));
        if (alike > best.worth) best = {alike, {.path = path, .text = std::string(window), .line = begin + 1}};
      }
      if (best.worth < kLeastAlike) continue;
      best.worth *= 2;  // a window nearly the same tells more than a header
      if (!best.piece.text.ends_with('\n')) best.piece.text += '\n';
      ranked_.push_back(std::move(best));
    }
    return {};
  }

  CodeIndex& index_;
  const Cursor& cursor_;
  const ContextLimits& limits_;
  std::set<std::string, std::less<>> imported_;
  std::vector<Ranked> ranked_;
};

}  // namespace

Result<std::vector<Piece>, std::string> context_for(CodeIndex& index, const Cursor& cursor, const ContextLimits& limits) {
  return Chooser(index, cursor, limits).choose();
}

}  // namespace demarc::code
