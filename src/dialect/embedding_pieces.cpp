#include "dialect/embedding_pieces.hpp"

#include <map>

#include "dialect/json/tree.hpp"

namespace demarc::dialect {
namespace {

// One answer: the spans of its vectors' `index`, and what it counted.
struct Answer {
  JsonTree tree;
  JsonNode data, usage;
};

std::string usage_of(const std::vector<Answer>& answers) {
  std::string out = "{";
  for (const JsonNode field : answers.front().usage) {
    std::int64_t sum = 0;
    for (const Answer& answer : answers) sum += answer.usage[field.key()].integer().value_or(0);
    out += (out.size() > 1 ? ",\"" : "\"") + std::string(field.key()) + "\":" + (field.integer() ? std::to_string(sum) : std::string(field.raw()));
  }
  return out + "}";
}

// The vector with its number in the whole list.
void append_vector(std::string& out, JsonNode vector, std::size_t number) {
  const JsonNode index = vector["index"];
  const std::string_view raw = vector.raw();
  if (!index) {
    out += raw;
    return;
  }
  const std::size_t begin = index.span().begin - vector.span().begin, end = index.span().end - vector.span().begin;
  out.append(raw.substr(0, begin)).append(std::to_string(number)).append(raw.substr(end));
}

}  // namespace

std::vector<std::string> cut_embeddings(const std::string& body, EmbeddingPiece most) {
  std::string text = body;
  JsonTree tree;
  if (!tree.read(text, {}, 3)) return {};
  const JsonNode input = tree.root()["input"];
  if (!input.is(JsonType::array)) return {};
  std::vector<std::string> lists;
  std::size_t texts = 0, bytes = 0;
  for (const JsonNode one : input) {
    if (!one.is(JsonType::string)) return {};  // a text as token numbers, or a mistake for the engine to name
    const std::string_view raw = one.raw();
    if (lists.empty() || texts == most.texts || bytes + raw.size() > most.bytes) lists.emplace_back(), texts = bytes = 0;
    std::string& list = lists.back();
    (list += texts == 0 ? "[" : ",") += raw;
    ++texts, bytes += raw.size();
  }
  if (lists.size() < 2) return {};
  const Span span = input.span();
  for (std::string& list : lists) {
    list.insert(0, body, 0, span.begin);
    list += ']';
    list.append(body, span.end);
  }
  return lists;
}

std::optional<std::string> join_embeddings(std::vector<std::string> texts) {
  std::vector<Answer> answers(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Answer& answer = answers[i];
    if (!answer.tree.read(texts[i], {}, 3)) return {};
    answer.data = answer.tree.root()["data"], answer.usage = answer.tree.root()["usage"];
    if (!answer.data.is(JsonType::array)) return {};
  }
  if (answers.empty()) return {};
  std::string data = "[";
  std::size_t number = 0;
  for (const Answer& answer : answers)
    for (const JsonNode vector : answer.data) {
      if (number > 0) data += ',';
      append_vector(data, vector, number++);
    }
  data += ']';
  const std::string& first = texts.front();
  std::map<std::size_t, std::pair<std::size_t, std::string>> changes;  // begin → end, text
  changes[answers.front().data.span().begin] = {answers.front().data.span().end, std::move(data)};
  if (answers.front().usage.is(JsonType::object)) changes[answers.front().usage.span().begin] = {answers.front().usage.span().end, usage_of(answers)};
  std::string out;
  std::size_t at = 0;
  for (const auto& [begin, change] : changes) {
    out.append(first, at, begin - at).append(change.second);
    at = change.first;
  }
  return out.append(first, at);
}

}  // namespace demarc::dialect
