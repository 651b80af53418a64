#include "privacy/across.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "privacy/chars.hpp"
#include "privacy/json_leaves.hpp"

namespace demarc::privacy {
namespace {

constexpr std::string_view kGap{"\n\0\n", 3};  // what was left out: base64 is read on over line breaks, but over no NUL
constexpr std::size_t kReach = 256;            // bytes on either side of a joint; a finding that reaches further was found in its own text

struct Shape {
  std::string path;  // with the last index left out; "" for what a model reads as one conversation
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

// Messages, system prompts and their parts: a model reads them one after the other, whatever the fields are called.
bool is_content(std::string_view path) {
  const std::string_view last = path.substr(path.rfind('.') + 1);
  constexpr std::array<std::string_view, 6> kNames = {"content", "text", "input", "system", "instructions", "prompt"};
  return std::ranges::any_of(
      kNames, [&](std::string_view name) { return last == name || (last.starts_with(name) && last.substr(name.size()).starts_with('[')); });
}

std::int64_t first_index(std::string_view path) {  // of the message; 0 before them
  std::int64_t index = 0;
  const std::size_t open = path.find('[');
  if (open != std::string_view::npos) std::from_chars(path.data() + open + 1, path.data() + path.size(), index);
  return index;
}

struct Row {
  std::vector<std::uint32_t> parts{};
  std::int64_t last = 0;
  void close(std::vector<std::vector<std::uint32_t>>& groups) {
    if (parts.size() > 1) groups.push_back(parts);
    parts.clear();
  }
};

// "my card number is", "IBAN", "Steuer-ID:": what names a value, and is no piece of one.
bool is_words(std::string_view text) {
  constexpr std::string_view kAmong = " -'.,:=#()";
  if (text.empty() || is_digit(text[0])) return false;  // "20 Se" of a date
  const bool sentence = text.back() >= 'a' && text.back() <= 'z' && text.find(' ') != std::string_view::npos;
  bool plain = is_letter(text[0]);
  for (std::size_t i = 0; i < text.size(); ++i) {
    plain = plain && (is_letter(text[i]) || text[i] < 0 || kAmong.find(text[i]) != std::string_view::npos);
    plain = plain && !(text[i] >= 'A' && text[i] <= 'Z' && before(text, i) >= 'a' && before(text, i) <= 'z');  // "glpat-fLwk"
  }
  return sentence || plain;
}

// Several texts laid end to end, long ones without their middles; knows where each byte is from.
class Joined {
 public:
  // `apart`: a space behind words, so that what stands in two fields as "my IBAN" and "DE89…" does not read as one word.
  enum class Joint : std::uint8_t { bare, apart };
  explicit Joined(const std::vector<std::string_view>& texts, Joint joint = Joint::bare) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::string_view text = texts[i];
      const bool behind_words = i > 0 && is_words(texts[i - 1]);
      if (joint == Joint::apart && behind_words) joined_ += ' ';
      if (text.size() <= 2 * kReach) {
        append(i, 0, text);
      } else {
        append(i, 0, text.substr(0, kReach));
        joined_ += kGap;
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

bool crosses(const std::vector<Joined::Stretch>& covered) {
  const auto over_gap = [](const Joined::Stretch& a, const Joined::Stretch& b) { return a.text == b.text; };
  return covered.size() > 1 && std::ranges::adjacent_find(covered, over_gap) == covered.end();
}

// "Write to ada@example.org." and, in the next message, "You are…": the value ends with its sentence. Only where all of it but that end was found in
// its own text, which stays hidden: a value that somebody cut is still read across.
bool ends_with_its_sentence(const Examination& seen, const std::vector<std::uint32_t>& group, const std::vector<std::string_view>& texts,
                            const std::vector<Joined::Stretch>& covered, std::string_view type) {
  const Joined::Stretch &first = covered.front(), &rest = covered.back();
  const std::string_view before = texts[first.text], after = texts[rest.text];
  if (covered.size() != 2 || rest.from != 0 || !before.ends_with('.') || after[0] < 'A' || after[0] > 'Z') return false;
  return std::ranges::any_of(seen.texts, [&](const FoundText& text) {
    return text.place.part == group[first.text] && text.place.leaf.empty() && std::ranges::any_of(text.findings, [&](const Finding& own) {
             return own.type == type && own.begin <= first.from && own.end + 1 >= before.size();
           });
  });
}

// Of a finding that only counts where policy names it: whether it would take a direct one along.
bool covers_direct(const Examination& seen, const std::vector<FoundAcross::Piece>& pieces) {
  return std::ranges::any_of(pieces, [&](const FoundAcross::Piece& piece) {
    return std::ranges::any_of(seen.texts, [&](const FoundText& text) {
      return text.place.part == piece.part && text.place.leaf.empty() && std::ranges::any_of(text.findings, [&](const Finding& finding) {
               return is_direct(finding.type) && finding.begin < piece.span.end && piece.span.begin < finding.end;
             });
    });
  });
}

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

// String fields in order, lists too long left out. Of a document within a document only the outer fields.
std::vector<std::string> fields_of(std::string_view document) {
  constexpr std::size_t kMostFields = 4096;
  struct Field {
    std::string text, label;
  };
  std::vector<Field> fields;
  for_each_json_leaf(document, [&](const JsonLeaf& leaf) {
    if (leaf.kind == LeafKind::string && !leaf.raw.empty()) fields.push_back({unescape_json(leaf.raw), std::string(leaf.label)});
    return fields.size() < kMostFields ? Walk::on : Walk::stop;
  });
  std::vector<std::string> out;
  for (std::size_t first = 0, last = 0; first < fields.size(); first = last) {
    for (last = first; last < fields.size() && fields[last].label == fields[first].label;) ++last;
    if (last - first > kMostListed) {
      out.emplace_back(kGap);
      continue;
    }
    for (std::size_t i = first; i < last; ++i) out.push_back(std::move(fields[i].text));
  }
  return out;
}

std::vector<Finding> across_fields(std::string_view document, const Detectors& detectors) {
  std::vector<Finding> out;
  if (!is_json_document(document)) return out;
  const std::vector<std::string> fields = fields_of(document);
  if (fields.size() < 2) return out;
  for (const auto joint : {Joined::Joint::bare, Joined::Joint::apart}) {
    const Joined joined({fields.begin(), fields.end()}, joint);
    for (Finding& finding : detectors.find(joined.text()))
      if (crosses(joined.covered(finding.begin, finding.end))) out.push_back(std::move(finding));
    if (!out.empty()) break;
  }
  return out;
}

}  // namespace

bool finds_across_fields(std::string_view document, const Detectors& detectors, const std::function<bool(std::string_view type)>& wanted) {
  return std::ranges::any_of(across_fields(document, detectors), [&](const Finding& finding) { return wanted(finding.type); });
}

std::vector<std::vector<std::uint32_t>> joined_parts(const Request& request) {
  std::map<std::string, Row> rows;  // by what their neighbours share
  std::vector<std::vector<std::uint32_t>> groups;
  for (std::uint32_t i = 0; i < request.parts.size(); ++i) {
    const Part& part = request.parts[i];
    const bool text = (part.kind == PartKind::text || part.kind == PartKind::tool) && part.encoding == Encoding::json_string && !part.text.empty();
    if (!text || is_json_document(part.text)) continue;  // documents are read field by field
    Shape shape = is_content(part.path) ? Shape{"", first_index(part.path)} : shape_of(part.path);
    if (shape.index < 0) continue;
    const bool content = shape.path.empty();
    Row& row = rows[std::move(shape.path)];
    if (!row.parts.empty() && (content ? shape.index > row.last + 1 : shape.index != row.last + 1)) row.close(groups);
    row.parts.push_back(i);
    row.last = shape.index;
  }
  for (auto& [path, row] : rows) row.close(groups);
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
      if (!crosses(covered) || ends_with_its_sentence(seen, group, texts, covered, finding.type)) continue;
      FoundAcross across{std::move(finding)};
      for (const auto& stretch : covered) across.pieces.push_back({group[stretch.text], {stretch.from, stretch.from + stretch.size}});
      if (!is_direct(across.finding.type) && covers_direct(seen, across.pieces)) continue;
      for (FoundAcross::Piece& piece : across.pieces) absorb(seen, piece);
      across.finding.begin = across.pieces.front().span.begin;
      across.finding.end = across.pieces.front().span.end;
      if (seen.counts) ++(*seen.counts)[across.finding.type];
      seen.across.push_back(std::move(across));
    }
  }
  for (const Part& part : request.parts)
    for (Finding& finding : across_fields(part.text, detectors)) {
      if (seen.counts) ++(*seen.counts)[finding.type];
      seen.across.push_back({std::move(finding), {}});
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
