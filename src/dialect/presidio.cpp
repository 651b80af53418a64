#include "dialect/presidio.hpp"

#include <algorithm>
#include <tuple>

#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "dialect/json/tree.hpp"

namespace demarc::dialect {
namespace {

constexpr std::size_t kMostTexts = 10'000, kMostResults = 100'000, kMostNames = 1'000;
constexpr std::size_t kMostReplacing_bytes = std::size_t{64} << 20;  // new values, in one answer

ApiError bad(std::string message, std::string param) { return {ErrorKind::bad_request, std::move(message), std::move(param)}; }

Result<JsonNode, ApiError> read_object(JsonTree& tree, std::string& body) {
  if (const auto read = tree.read(body); !read) return fail(bad("byte " + std::to_string(read.error().at) + ": " + read.error().what, ""));
  if (!tree.root().is(JsonType::object)) return fail(bad("expected a JSON object", ""));
  return tree.root();
}

Result<std::vector<std::string>, ApiError> read_names(JsonNode root, const char* field) {
  std::vector<std::string> names;
  const JsonNode list = root[field];
  if (!list) return names;
  if (!list.is(JsonType::array) || list.size() > kMostNames) return fail(bad("expected a list of at most 1000 texts", field));
  for (const JsonNode name : list) names.push_back(name.text());
  return names;
}

bool has(const std::vector<std::string>& names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); }

// Where code point `index` begins, asked in rising order.
class Points {
 public:
  explicit Points(std::string_view text) : text_(text) {}
  std::size_t byte_of(std::size_t index) {
    for (; count_ < index && at_ < text_.size(); ++count_) {
      ++at_;
      while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xC0U) == 0x80U) ++at_;
    }
    return at_;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0, count_ = 0;
};

void write_score(JsonWriter& json, float score) { json.raw_field("score", std::to_string(score).substr(0, 4)); }

void write_result(JsonWriter& json, const FoundInText& found, bool explain) {
  json.object([&] {
    json.field("entity_type", found.type);
    json.field("start", found.start);
    json.field("end", found.end);
    write_score(json, found.score);
    if (!explain) return json.field("analysis_explanation", json_null);
    json.object("analysis_explanation", [&] {
      json.field("recognizer", std::string("demarc ") + std::string(found.tier));
      json.field("textual_explanation", found.reason);
      write_score(json, found.score);
    });
  });
}

Result<PresidioOperator, ApiError> read_operator(JsonNode node, const std::string& param) {
  PresidioOperator out;
  const std::string type = node["type"].text();
  if (type == "replace")
    out.act = PresidioAct::replace;
  else if (type == "redact")
    out.act = PresidioAct::redact;
  else if (type == "mask")
    out.act = PresidioAct::mask;
  else if (type == "hash")
    out.act = PresidioAct::hash;
  else if (type == "keep")
    out.act = PresidioAct::keep;
  else
    // Presidio's own are named; anything else may be a value that lost its place.
    return fail(bad((type == "encrypt" || type == "custom" ? "\"" + type + "\" " : std::string()) +
                        "is not offered: replace, redact, mask, hash or keep; what is to come back again is POST /v1/redactions with "
                        "the operator placeholder",
                    param + ".type"));
  if (const JsonNode value = node["new_value"]) out.new_value = value.text();
  if (out.act != PresidioAct::mask) return out;
  const auto most = node["chars_to_mask"].integer();
  out.masking_char = node["masking_char"].text();
  out.from_end = node["from_end"].boolean().value_or(false);
  if (count_code_points(out.masking_char) != 1) return fail(bad("expected one character", param + ".masking_char"));
  if (!most || *most < 0) return fail(bad("expected a number of characters", param + ".chars_to_mask"));
  out.chars_to_mask = *most;
  return out;
}

std::string masked(std::string_view value, const PresidioOperator& op) {
  const std::size_t length = count_code_points(value);
  const std::size_t hide = std::min(length, static_cast<std::size_t>(op.chars_to_mask));
  const std::size_t from = op.from_end ? length - hide : 0, to = from + hide;
  Points points(value);
  std::string out(value.substr(0, points.byte_of(from)));
  for (std::size_t i = from; i < to; ++i) out += op.masking_char;
  return out.append(value.substr(points.byte_of(to)));
}

std::string_view name_of(PresidioAct act) {
  switch (act) {
    case PresidioAct::replace: return "replace";
    case PresidioAct::redact: return "redact";
    case PresidioAct::mask: return "mask";
    case PresidioAct::hash: return "hash";
    case PresidioAct::keep: return "keep";
  }
  return "replace";
}

std::string applied(const PresidioOperator& op, const std::string& type, std::string_view value, const ValueDigest& digest) {
  switch (op.act) {
    case PresidioAct::replace: return op.new_value.value_or("<" + type + ">");
    case PresidioAct::redact: return {};
    case PresidioAct::mask: return masked(value, op);
    case PresidioAct::hash: return digest(type, value);
    case PresidioAct::keep: return std::string(value);
  }
  return {};
}

const PresidioOperator& operator_of(const PresidioAnonymize& order, const std::string& type) {
  static const PresidioOperator kReplace;
  auto named = order.operators.find(type);
  if (named == order.operators.end()) named = order.operators.find("DEFAULT");
  return named == order.operators.end() ? kReplace : named->second;
}

// Presidio lets results overlap; of two the surer stays, then the longer.
void resolve_overlaps(std::vector<FoundInText>& found) {
  std::sort(found.begin(), found.end(), [](const FoundInText& a, const FoundInText& b) {
    const std::size_t a_length = a.end - a.start, b_length = b.end - b.start;
    return std::tie(b.score, b_length, a.start, a.type) < std::tie(a.score, a_length, b.start, b.type);
  });
  std::map<std::size_t, FoundInText> kept;  // by start; not overlapping
  for (FoundInText& one : found) {
    const auto after = kept.lower_bound(one.start);
    if (after != kept.end() && after->first < one.end) continue;
    if (after != kept.begin() && std::prev(after)->second.end > one.start) continue;
    const std::size_t start = one.start;
    kept.emplace(start, std::move(one));
  }
  found.clear();
  for (auto& [start, one] : kept) found.push_back(std::move(one));
}

}  // namespace

Result<PresidioAnalyze, ApiError> read_presidio_analyze(std::string& body) {
  JsonTree tree;
  const JsonNode root = TRY(read_object(tree, body));
  PresidioAnalyze ask;
  const JsonNode text = root["text"];
  if (text.is(JsonType::string)) {
    ask.texts.push_back(text.text());
  } else if (text.is(JsonType::array) && text.size() <= kMostTexts) {
    ask.shape = InputShape::list;
    for (const JsonNode one : text) ask.texts.push_back(one.text());
  } else {
    return fail(bad("expected a text or a list of at most 10000", "text"));
  }
  if (root["ad_hoc_recognizers"].size() > 0)
    return fail(
        bad("patterns of one request alone are not offered: put them into a file that demarc.yaml names under patterns:", "ad_hoc_recognizers"));
  ask.entities = TRY(read_names(root, "entities"));
  ask.allow_list = TRY(read_names(root, "allow_list"));
  ask.score_threshold = root["score_threshold"].number().value_or(0);
  ask.explain = root["return_decision_process"].boolean().value_or(false);
  return ask;
}

std::string presidio_results_body(const PresidioAnalyze& ask, const std::vector<std::vector<FoundInText>>& found) {
  std::string out;
  JsonWriter json(out);
  const auto write_one = [&](std::size_t i) {
    json.array([&] {
      Points points(ask.texts[i]);
      for (const FoundInText& one : found[i]) {
        const std::size_t begin = points.byte_of(one.start), end = points.byte_of(one.end);
        const bool wanted = ask.entities.empty() || has(ask.entities, one.type);
        if (!wanted || one.score < ask.score_threshold || has(ask.allow_list, std::string_view(ask.texts[i]).substr(begin, end - begin))) continue;
        write_result(json, one, ask.explain);
      }
    });
  };
  if (ask.shape == InputShape::one) return write_one(0), out;
  json.array([&] {
    for (std::size_t i = 0; i < ask.texts.size(); ++i) write_one(i);
  });
  return out;
}

Result<PresidioAnonymize, ApiError> read_presidio_anonymize(std::string& body) {
  JsonTree tree;
  const JsonNode root = TRY(read_object(tree, body));
  PresidioAnonymize order;
  if (!root["text"].is(JsonType::string)) return fail(bad("expected a text", "text"));
  order.text = root["text"].text();
  if (const JsonNode operators = root["anonymizers"]) {
    if (!operators.is(JsonType::object) || operators.size() > kMostNames) return fail(bad("expected an object", "anonymizers"));
    for (const JsonNode one : operators)
      order.operators.emplace(std::string(one.key()), TRY(read_operator(one, "anonymizers." + std::string(one.key()))));
  }
  const JsonNode results = root["analyzer_results"];
  if (!results.is(JsonType::array) || results.size() > kMostResults)
    return fail(bad("expected a list of at most 100000 results", "analyzer_results"));
  const std::size_t length = count_code_points(order.text);
  for (const JsonNode one : results) {
    const std::string param = "analyzer_results[" + std::to_string(order.found.size()) + "]";
    const auto start = one["start"].integer(), end = one["end"].integer();
    if (!start || !end || *start < 0 || *end < *start || static_cast<std::size_t>(*end) > length)
      return fail(bad("start and end must lie within the text", param));
    if (!one["entity_type"].is(JsonType::string)) return fail(bad("expected a text", param + ".entity_type"));
    order.found.push_back({.type = one["entity_type"].text(),
                           .kind = {},
                           .reason = {},
                           .start = static_cast<std::size_t>(*start),
                           .end = static_cast<std::size_t>(*end),
                           .score = static_cast<float>(one["score"].number().value_or(0)),
                           .tier = {}});
  }
  resolve_overlaps(order.found);
  std::size_t bytes = 0;
  for (const FoundInText& found : order.found)
    if (const auto& value = operator_of(order, found.type).new_value) bytes += value->size();
  if (bytes > kMostReplacing_bytes)
    return fail(bad("the new values of all results would be over 64 MiB: send fewer of them at a time", "anonymizers"));
  return order;
}

std::string presidio_anonymized_body(const PresidioAnonymize& order, const ValueDigest& digest) {
  struct Item {
    const FoundInText* found;
    std::string_view act;
    std::size_t start;  // in the new text
    std::string text;
  };
  std::vector<Item> items;
  std::string text;
  std::size_t at = 0, length = 0, before = 0;  // byte in the old text; code points of the new one, of the old one
  Points points(order.text);
  for (const FoundInText& found : order.found) {
    const std::size_t begin = points.byte_of(found.start), end = points.byte_of(found.end);
    const PresidioOperator& op = operator_of(order, found.type);
    Item item{&found, name_of(op.act), length + found.start - before, applied(op, found.type, order.text.substr(begin, end - begin), digest)};
    text.append(order.text, at, begin - at).append(item.text);
    length = item.start + count_code_points(item.text), before = found.end, at = end;
    items.push_back(std::move(item));
  }
  text.append(order.text, at);
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("text", text);
    json.array("items", [&] {
      for (auto item = items.rbegin(); item != items.rend(); ++item)  // from the end, as Presidio lists them
        json.object([&] {
          json.field("start", item->start);
          json.field("end", item->start + count_code_points(item->text));
          json.field("entity_type", item->found->type);
          json.field("text", item->text);
          json.field("operator", item->act);
        });
    });
  });
  return out;
}

std::string presidio_names_body(const std::vector<std::string>& names) {
  std::string out;
  JsonWriter json(out);
  json.array([&] {
    for (const std::string& name : names) json.value(name);
  });
  return out;
}

}  // namespace demarc::dialect
