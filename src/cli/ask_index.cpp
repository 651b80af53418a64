#include "cli/ask_index.hpp"

#include <simdjson.h>

#include <algorithm>
#include <iostream>

#include "cli/place.hpp"
#include "core/json/writer.hpp"
#include "retrieval/answer.hpp"
#include "retrieval/labels.hpp"

namespace demarc::cli {
namespace {

using retrieval::Evidence;
using retrieval::Hit;

constexpr int kReadyTimeoutMs = 120'000;
constexpr std::size_t kReranked = 24;  // so many of the fusion's best are shown to a reranker
constexpr std::string_view kNotThere = "Not in these documents.";

struct Told {
  std::vector<Hit> hits;
  std::vector<Evidence> evidence;
  retrieval::Answer answer;
  bool reranked = false;
  std::vector<std::string> requests;  // ids
  std::string receipt;                // of the chat
};

std::optional<Sensitivity> label_of(const std::vector<Hit>& hits) {
  std::optional<Sensitivity> label;
  for (const Hit& hit : hits) label = retrieval::higher(label, hit.label);
  return label;
}

std::string lines_text(const retrieval::LineRange& lines) {
  return lines.first == lines.last ? "line " + std::to_string(lines.first)
                                   : "lines " + std::to_string(lines.first) + "-" + std::to_string(lines.last);
}

std::string place_text(const Hit& hit, const retrieval::LineRange& lines) {
  return hit.path + (hit.page > 0 ? ", page " + std::to_string(hit.page) : "") + ", " + lines_text(lines);
}

class Asker {
 public:
  Asker(Connection& connection, retrieval::DocumentIndex& index, const IndexQuestion& question)
      : connection_(connection), index_(index), question_(question) {}

  Result<Told, JobFault> run() {
    Told told;
    TRY(search(told));
    if (question_.passages_only) return told;
    const double least = question_.least_cosine.value_or(retrieval::least_cosine_of(embedded_by_));
    const bool near = std::ranges::any_of(told.hits, [&](const Hit& hit) { return hit.cosine >= least; });
    if (near) TRY(answer(told));
    return told;
  }

 private:
  Result<void, JobFault> search(Told& told) {
    retrieval::Query query{.text = question_.text,
                           .vector = {},
                           .by = question_.by,
                           .hits = question_.may_rerank ? std::max(kReranked, question_.hits) : question_.hits};
    const auto made_with = index_.embedded_by();
    if (!made_with) return fail(JobFault{kFailed, made_with.error()});
    if (made_with->empty()) return fail(JobFault{kFailed, "the index " + question_.index + " is empty"});
    embedded_by_ = *made_with;
    Embedded embedded = TRY(embed(connection_, {question_.text}, *made_with, headers_of(question_.asking, {})));
    told.requests.push_back(std::move(embedded.request));
    query.vector = std::move(embedded.vectors.front());
    auto hits = index_.search(query);
    if (!hits) return fail(JobFault{kFailed, hits.error()});
    told.hits = std::move(*hits);
    if (question_.may_rerank) rerank(told);
    if (told.hits.size() > question_.hits) told.hits.resize(question_.hits);
    return {};
  }

  // Where no upstream serves it, the fusion's order stands.
  void rerank(Told& told) {
    if (told.hits.size() < 2) return;
    std::string body;
    JsonWriter json(body);
    json.object([&] {
      json.field("model", "auto");
      json.field("query", question_.text);
      json.array("documents", [&] {
        for (const Hit& hit : told.hits) json.value(hit.text);
      });
    });
    const auto answer = connection_.call("POST", "/v1/rerank", headers_of(question_.asking, label_of(told.hits)), body);
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    simdjson::dom::array results;
    if (!answer || answer->status != 200 || parser.parse(answer->body).get(root) != simdjson::SUCCESS ||
        root["results"].get(results) != simdjson::SUCCESS)
      return;
    std::vector<std::pair<double, std::size_t>> order;
    for (const simdjson::dom::element each : results) {
      std::int64_t index = 0;
      double score = 0;
      if (each["index"].get(index) == simdjson::SUCCESS && each["relevance_score"].get(score) == simdjson::SUCCESS && index >= 0 &&
          index < static_cast<std::int64_t>(told.hits.size()))
        order.emplace_back(-score, static_cast<std::size_t>(index));
    }
    std::ranges::sort(order);
    if (order.size() != told.hits.size()) return;
    std::vector<Hit> hits;
    for (const auto& [score, at] : order) hits.push_back(told.hits[at]), hits.back().score = -score;
    told.hits = std::move(hits);
    told.reranked = true;
    told.requests.emplace_back(answer->headers.get("demarc-request-id"));
  }

  Result<void, JobFault> answer(Told& told) {
    told.evidence = retrieval::evidence_of(told.hits, {});
    if (told.evidence.empty()) return {};
    const std::string body = retrieval::answer_request(question_.model, question_.text, told.hits, told.evidence);
    const auto answer = connection_.call("POST", "/v1/chat/completions", headers_of(question_.asking, label_of(told.hits)), body);
    if (!answer) return fail(JobFault{kUnavailable, answer.error()});
    if (answer->status != 200) return fail(JobFault{exit_code_of(answer->status), error_message(*answer)});
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    std::string_view content;
    if (parser.parse(answer->body).get(root) != simdjson::SUCCESS || root["choices"].at(0)["message"]["content"].get(content) != simdjson::SUCCESS)
      return fail(JobFault{kFailed, "the answer has no content"});
    told.answer = retrieval::read_answer(content, told.evidence);
    told.requests.emplace_back(answer->headers.get("demarc-request-id"));
    const auto receipt = connection_.call("GET", "/v1/receipts/" + told.requests.back(), {}, "");
    if (receipt && receipt->status == 200) told.receipt = receipt->body;
    return {};
  }

  Connection& connection_;
  retrieval::DocumentIndex& index_;
  const IndexQuestion& question_;
  std::string embedded_by_;
};

void write_place(JsonWriter& json, const Hit& hit, const retrieval::LineRange& lines) {
  json.field("path", hit.path);
  hit.page > 0 ? json.field("page", hit.page) : json.field("page", json_null);
  json.field("first_line", lines.first), json.field("last_line", lines.last);
}

std::string as_json(const Told& told) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("found", !told.answer.statements.empty());
    json.array("statements", [&] {
      for (const retrieval::Statement& statement : told.answer.statements)
        json.object([&] {
          const Evidence& evidence = told.evidence[statement.evidence];
          json.field("text", statement.text);
          json.object("citation", [&] { write_place(json, told.hits[evidence.hit], evidence.lines), json.field("quote", evidence.sentence); });
        });
    });
    json.field("dropped", told.answer.dropped);
    json.field("reranked", told.reranked);
    json.array("passages", [&] {
      for (const Hit& hit : told.hits)
        json.object([&] {
          write_place(json, hit, hit.lines);
          json.field("heading", hit.heading), json.field("begin", hit.begin_points), json.field("end", hit.end_points);
          json.field("score", hit.score), json.field("cosine", hit.cosine);
          hit.label ? json.field("label", to_string(*hit.label)) : json.field("label", json_null);
          json.field("text", hit.text);
        });
    });
    json.array("requests", [&] {
      for (const std::string& id : told.requests) json.value(id);
    });
    if (!told.receipt.empty()) json.raw_field("receipt", told.receipt);
  });
  return out;
}

std::string as_text(const Told& told, bool passages_only) {
  std::string out, sources;
  if (passages_only) {
    for (const Hit& hit : told.hits) out += place_text(hit, hit.lines) + "\n" + hit.text + "\n\n";
    return out;
  }
  if (told.answer.statements.empty()) return std::string(kNotThere) + "\n";
  for (std::size_t i = 0; i < told.answer.statements.size(); ++i) {
    const retrieval::Statement& statement = told.answer.statements[i];
    const Evidence& evidence = told.evidence[statement.evidence];
    const std::string mark = "[" + std::to_string(i + 1) + "]";
    out += statement.text + " " + mark + "\n";
    sources += mark + " " + place_text(told.hits[evidence.hit], evidence.lines) + ": \u201c" + evidence.sentence + "\u201d\n";
  }
  return out + "\n" + sources;
}

int stop(int code, const std::string& why) { return std::cerr << "demarc ask: " << why << '\n', code; }

}  // namespace

int ask_index(const Shared& shared, const IndexQuestion& question) {
  const auto place = find_place(shared);
  if (!place) return stop(kFailed, place.error());
  const auto file = index_file(place->data, question.index);
  if (!file) return stop(kUsage, "--index: expected the name of an index");
  auto index = retrieval::DocumentIndex::open(*file, retrieval::OpenMode::existing);
  if (!index) return stop(kFailed, index.error());
  auto connection = Connection::open(*place, Connection::IfNone::start_one);
  if (!connection) return stop(kFailed, connection.error());
  for (const char* operation : {"embedding", "chat"}) {
    if (question.passages_only && std::string_view(operation) == "chat") break;
    if (const auto ready = (*connection)->wait_ready(kReadyTimeoutMs, operation); !ready) return stop(kUnavailable, ready.error());
  }
  const auto told = Asker(**connection, *index, question).run();
  if (!told) return stop(told.error().code, told.error().why);
  std::cout << (shared.json ? as_json(*told) + "\n" : as_text(*told, question.passages_only));
  return kOk;
}

}  // namespace demarc::cli
