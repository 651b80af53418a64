#include "privacy/across.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "privacy/json_leaves.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kReach = 256;  // bytes on either side of a joint; a finding that reaches further was found in its own text

struct Shape {
  std::string path;  // with the last index left out
  std::int64_t index = -1;
};

Shape shape_of(std::string_view path) {
  const std::size_t close = path.rfind(']');
  const std::size_t open = close == std::string_view::npos ? close : path.rfind('[', close);
  if (open == std::string_view::npos) return {};
  Shape shape;
  if (std::from_chars(path.data() + open + 1, path.data() + close, shape.index).ptr != path.data() + close) return {};
  shape.path = std::string(path.substr(0, open + 1)) + std::string(path.substr(close));
  return shape;
}

// Several texts laid end to end, long ones without their middles; knows where each byte is from.
class Joined {
 public:
  explicit Joined(const std::vector<std::string_view>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::string_view text = texts[i];
      if (text.size() <= 2 * kReach) {
        append(i, 0, text);
      } else {
        append(i, 0, text.substr(0, kReach));
        joined_ += "\n\n";  // nothing is read across a gap
        append(i, text.size() - kReach, text.substr(text.size() - kReach));
      }
    }
  }
  [[nodiscard]] std::string_view text() const { return joined_; }

  struct Stretch {
    std::size_t text, from, at, size;  // `size` bytes at `at` of the joined text are those at `from` of text number `text`
  };
  // The stretches that a span covers, cut to it.
  [[nodiscard]] std::vector<Stretch> covered(std::size_t begin, std::size_t end) const {
    std::vector<Stretch> out;
    for (const Stretch& s : stretches_) {
      const std::size_t from = std::max(begin, s.at), to = std::min(end, s.at + s.size);
      if (from < to) out.push_back({s.text, s.from + (from - s.at), from, to - from});
    }
    return out;
  }

 private:
  void append(std::size_t i, std::size_t from, std::string_view text) {
    stretches_.push_back({i, from, joined_.size(), text.size()});
    joined_ += text;
  }
  std::string joined_;
  std::vector<Stretch> stretches_;
};

bool crosses(const std::vector<Joined::Stretch>& covered) { return covered.size() > 1 && covered.front().text != covered.back().text; }

// Takes the findings that touch a piece out of the single text's, and widens the piece by them: what was covered stays covered.
void absorb(Examination& seen, FoundAcross::Piece& piece) {
  for (FoundText& text : seen.texts) {
    if (text.place.part != piece.part || !text.place.leaf.empty()) continue;
    std::erase_if(text.findings, [&](const Finding& finding) {
      if (finding.begin >= piece.span.end || piece.span.begin >= finding.end) return false;
      piece.span = {std::min(piece.span.begin, finding.begin), std::max(piece.span.end, finding.end)};
      if (seen.counts) --(*seen.counts)[finding.type];
      return true;
    });
  }
}

}  // namespace

std::vector<std::vector<std::uint32_t>> joined_parts(const Request& request) {
  struct Open {
    std::vector<std::uint32_t> parts;
    std::int64_t last;
  };
  std::map<std::string, Open> open;
  std::vector<std::vector<std::uint32_t>> groups;
  const auto close = [&](Open& group) {
    if (group.parts.size() > 1) groups.push_back(std::move(group.parts));
  };
  for (std::uint32_t i = 0; i < request.parts.size(); ++i) {
    const Part& part = request.parts[i];
    const bool text = (part.kind == PartKind::text || part.kind == PartKind::tool) && part.encoding == Encoding::json_string && !part.text.empty();
    if (!text || is_json_document(part.text)) continue;  // documents are read leaf by leaf
    Shape shape = shape_of(part.path);
    if (shape.index < 0) continue;
    auto [at, fresh] = open.try_emplace(std::move(shape.path));
    Open& group = at->second;
    if (!fresh && group.last + 1 != shape.index) {
      close(group);
      group.parts.clear();
    }
    group.parts.push_back(i);
    group.last = shape.index;
  }
  for (auto& [path, group] : open) close(group);
  std::sort(groups.begin(), groups.end());
  return groups;
}

void find_across(const Request& request, const Detectors& detectors, Examination& seen) {
  for (const std::vector<std::uint32_t>& group : joined_parts(request)) {
    std::vector<std::string_view> texts;
    for (std::uint32_t part : group) texts.push_back(request.parts[part].text);
    const Joined joined(texts);
    for (Finding& finding : detectors.find(joined.text())) {
      const auto covered = joined.covered(finding.begin, finding.end);
      if (!crosses(covered)) continue;
      FoundAcross across{std::move(finding)};
      for (const auto& stretch : covered) across.pieces.push_back({group[stretch.text], {stretch.from, stretch.from + stretch.size}});
      for (FoundAcross::Piece& piece : across.pieces) absorb(seen, piece);
      across.finding.begin = across.pieces.front().span.begin;
      across.finding.end = across.pieces.front().span.end;
      if (seen.counts) ++(*seen.counts)[across.finding.type];
      seen.across.push_back(std::move(across));
    }
  }
  std::erase_if(seen.texts, [](const FoundText& text) { return text.findings.empty(); });
  if (seen.counts) std::erase_if(*seen.counts, [](const auto& entry) { return entry.second == 0; });
}

bool finds_across(const std::vector<std::string>& texts, const Detectors& detectors, const std::function<bool(std::string_view type)>& wanted) {
  const Joined joined({texts.begin(), texts.end()});
  for (const Finding& finding : detectors.find(joined.text())) {
    if (wanted(finding.type) && crosses(joined.covered(finding.begin, finding.end))) return true;
  }
  return false;
}

}  // namespace demarc::privacy
