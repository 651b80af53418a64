// demarc ask TEXT: one request, its answer as it comes, then one line that says who answered, under which rule, for how much.
#include <simdjson.h>

#include <algorithm>
#include <iostream>

#include "cli/ask_index.hpp"
#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/connection.hpp"
#include "core/json/writer.hpp"

namespace demarc::cli {
namespace {

constexpr int kReadyTimeoutMs = 120'000;

struct Question {
  std::string text, model = "auto", sensitivity, workload, system;
  std::int64_t max_tokens = 0;
  IndexQuestion of_index;  // of documents; without a name of an index: not
  std::string by = "both";
};

std::string request_body(const Question& question) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("model", question.model);
    json.field("stream", true);
    if (question.max_tokens > 0) json.field("max_tokens", question.max_tokens);
    json.array("messages", [&] {
      if (!question.system.empty()) json.object([&] { json.field("role", "system"), json.field("content", question.system); });
      json.object([&] { json.field("role", "user"), json.field("content", question.text); });
    });
  });
  return out;
}

// Takes the text out of a chat stream, however it is cut.
class StreamText {
 public:
  template <class OnText>
  void feed(std::string_view piece, OnText&& on_text) {
    pending_ += piece;
    for (std::size_t end = pending_.find("\n\n"); end != std::string::npos; end = pending_.find("\n\n")) {
      const std::string event = pending_.substr(0, end);
      pending_.erase(0, end + 2);
      if (!event.starts_with("data: {")) continue;
      simdjson::dom::element root;
      if (parser_.parse(std::string_view(event).substr(6)).get(root) != simdjson::SUCCESS) continue;
      std::string_view text;
      if (root["error"]["message"].get(text) == simdjson::SUCCESS) error_ = text;
      simdjson::dom::array choices;
      if (root["choices"].get(choices) != simdjson::SUCCESS) continue;
      for (const simdjson::dom::element choice : choices)
        if (choice["delta"]["content"].get(text) == simdjson::SUCCESS) on_text(text);
    }
  }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  simdjson::dom::parser parser_;
  std::string pending_, error_;
};

std::string text_of(simdjson::simdjson_result<simdjson::dom::element> value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

// $0.000012 rather than twelve decimals: this line is for people; receipts are exact.
std::string dollars(const std::string& usd) {
  if (usd.empty()) return "unpriced";
  std::string out = usd;
  const std::size_t point = out.find('.');
  if (point != std::string::npos && out.find_first_not_of("0.") != std::string::npos) {
    const std::size_t first = out.find_first_of("123456789");
    if (first != std::string::npos) out.resize(std::max(point + 3, std::min(out.size(), first + 3)));
  } else if (point != std::string::npos) {
    out.resize(point + 3);
  }
  return "$" + out;
}

std::string receipt_line(simdjson::dom::element receipt) {
  std::string rules;
  simdjson::dom::array array;
  if (receipt["decision"]["rules"].get(array) == simdjson::SUCCESS)
    for (const simdjson::dom::element rule : array) {
      std::string_view text;
      if (rule.get(text) == simdjson::SUCCESS) rules += (rules.empty() ? "" : ",") + std::string(text);
    }
  const auto number = [](simdjson::simdjson_result<simdjson::dom::element> value) {
    std::int64_t n = 0;
    return value.get(n) == simdjson::SUCCESS ? n : 0;
  };
  const simdjson::dom::element usage = receipt["usage"];
  const std::int64_t in = number(usage["input_tokens"]) + number(usage["cached_input_tokens"]);
  const std::int64_t out = number(usage["output_tokens"]) + number(usage["reasoning_tokens"]);
  const auto charge = receipt["charge"];
  const std::string alternative = text_of(charge["alternative"]["upstream"]);
  std::int64_t record = 0;
  if (receipt["attempts"].get(array) == simdjson::SUCCESS)
    for (const simdjson::dom::element attempt : array) record = std::max(record, number(attempt["outcome_record"]));
  std::string line = text_of(receipt["tier"]) + " · " + text_of(receipt["served_model"]) + " · rule " + (rules.empty() ? "-" : rules) + " · " +
                     std::to_string(in) + "→" + std::to_string(out) + " tokens · " + dollars(text_of(charge["usd"])) + " here";
  if (!alternative.empty()) line += ", " + dollars(text_of(charge["alternative"]["usd"])) + " " + alternative;
  return line + " · record " + std::to_string(record);
}

int ask_documents(const Shared& shared, const Question& question) {
  IndexQuestion asked = question.of_index;
  asked.text = question.text, asked.model = question.model;
  asked.asking = {.sensitivity = question.sensitivity, .workload = question.workload};
  asked.by = question.by == "words"     ? retrieval::SearchBy::words
             : question.by == "meaning" ? retrieval::SearchBy::meaning
                                        : retrieval::SearchBy::both;
  return ask_index(shared, asked);
}

int ask(const Shared& shared, const Question& question) {
  if (!question.of_index.index.empty()) return ask_documents(shared, question);
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc ask: " << place.error() << '\n', kFailed;
  auto connection = Connection::open(*place, Connection::IfNone::start_one);
  if (!connection) return std::cerr << "demarc ask: " << connection.error() << '\n', kFailed;
  if (const auto ready = (*connection)->wait_ready(kReadyTimeoutMs); !ready)
    return std::cerr << "demarc ask: " << ready.error() << '\n', kUnavailable;
  Headers headers{{"content-type", "application/json"}};
  if (!question.sensitivity.empty()) headers.add("demarc-sensitivity", question.sensitivity);
  if (!question.workload.empty()) headers.add("demarc-workload", question.workload);
  std::string answer_text;
  StreamText stream;
  const auto on_piece = [&](std::string_view piece) {
    stream.feed(piece, [&](std::string_view text) {
      answer_text += text;
      if (!shared.json) std::cout << text << std::flush;
    });
  };
  const auto answer = (*connection)->call("POST", "/v1/chat/completions", headers, request_body(question), on_piece);
  if (!answer) return std::cerr << "demarc ask: " << answer.error() << '\n', kUnavailable;
  if (answer->status != 200) return std::cerr << "demarc ask: " << error_message(*answer) << '\n', exit_code_of(answer->status);
  const auto receipt = (*connection)->call("GET", "/v1/receipts/" + std::string(answer->headers.get("demarc-request-id")), {}, "");
  if (!receipt || receipt->status != 200) return std::cerr << "demarc ask: the receipt could not be read\n", kFailed;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(receipt->body).get(root) != simdjson::SUCCESS) return std::cerr << "demarc ask: the receipt is not JSON\n", kFailed;
  if (shared.json) {
    std::string out;
    JsonWriter json(out);
    json.object([&] {
      json.field("answer", answer_text);
      json.raw_field("receipt", receipt->body);
    });
    std::cout << out << '\n';
  } else {
    std::cout << (answer_text.ends_with('\n') ? "" : "\n") << receipt_line(root) << '\n';
  }
  if (!stream.error().empty()) return std::cerr << "demarc ask: " << stream.error() << '\n', kUnavailable;
  return kOk;
}

}  // namespace

void add_ask(CLI::App& app, Shared& shared) {
  auto question = std::make_shared<Question>();
  CLI::App* command =
      add_command(app, shared, "ask", "one request, with its decision and receipt", [&shared, question] { return ask(shared, *question); });
  command->add_option("text", question->text, "the question")->required();
  command->add_option("-m,--model", question->model, "a model, alias, workload/NAME, or auto")->capture_default_str();
  command->add_option("-s,--sensitivity", question->sensitivity, "public, internal, confidential or restricted: only tightens");
  command->add_option("-w,--workload", question->workload, "the workload this is for");
  command->add_option("--system", question->system, "a system prompt");
  command->add_option("--max-tokens", question->max_tokens, "the most tokens to answer with");
  command->add_option("--index", question->of_index.index, "answer from the documents of this index (demarc index), each statement with its place");
  command->add_flag("--passages", question->of_index.passages_only, "with --index: what was found, and no answer");
  command->add_option("--passages-shown", question->of_index.hits, "with --index: so many")->check(CLI::Range(1, 50))->capture_default_str();
  command->add_option("--search", question->by, "with --index: by words, meaning or both")
      ->check(CLI::IsMember({"words", "meaning", "both"}))
      ->capture_default_str();
  command->add_flag("--rerank,!--no-rerank", question->of_index.may_rerank, "with --index: order what was found by a reranker, where one is served");
  command
      ->add_option("--least-cosine", question->of_index.least_cosine,
                   "with --index: what is less alike is not in these documents (else as measured for the embedding model)")
      ->check(CLI::Range(0.0, 1.0));
}

}  // namespace demarc::cli
