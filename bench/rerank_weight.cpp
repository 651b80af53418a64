// What a least weight of words does to ranking: the scores of every passage for every question with each of several, as /v1/rerank computes them.
//
//   rerank_weight MODEL_FOLDER THREADS WEIGHT… < CASES.json      {"passages": ["…"], "questions": ["…"]}
//   {"0.2": [[0.61, …], …], …}                                   by weight, question, passage
//
// bench/rerank_weight.py makes the cases and reads the scores.
#include <simdjson.h>

#include <cstdlib>
#include <iostream>
#include <iterator>

#include "core/json/writer.hpp"
#include "tensor/worker/rerank.hpp"
#include "tensor/worker/sentence_model.hpp"
#include "tensor/worker/vectors.hpp"

using namespace demarc;
using namespace demarc::tensor::worker;

namespace {

using Ids = std::vector<std::int64_t>;

int stop(const std::string& why) { return std::cerr << "rerank_weight: " << why << '\n', 1; }

std::vector<std::string> texts_of(simdjson::simdjson_result<simdjson::dom::element> list) {
  std::vector<std::string> out;
  simdjson::dom::array items;
  if (list.get(items) != simdjson::SUCCESS) return out;
  for (const simdjson::dom::element item : items) {
    std::string_view text;
    if (item.get(text) == simdjson::SUCCESS) out.emplace_back(text);
  }
  return out;
}

std::vector<float> token_vectors(const SentenceModel& model, const Ids& ids) {
  auto vectors = model.run({.rows = 1, .length = ids.size(), .ids = ids, .mask = Ids(ids.size(), 1)});
  CHECK(vectors.ok());
  return *std::move(vectors);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return stop("MODEL_FOLDER THREADS WEIGHT…");
  const auto model = SentenceModel::load(argv[1], static_cast<std::size_t>(std::max(1, std::atoi(argv[2]))));
  if (!model) return stop(model.error());
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  if (parser.parse(input).get(root) != simdjson::SUCCESS) return stop("the cases are not JSON");
  struct Passage {
    std::size_t number;
    std::vector<float> vectors;
  };
  std::vector<Passage> pieces;
  const std::vector<std::string> passages = texts_of(root["passages"]), questions = texts_of(root["questions"]);
  for (std::size_t i = 0; i < passages.size(); ++i) {
    const auto cut = pieces_of((*model)->encode(passages[i]), **model, TooLong::chunks, "passage");
    if (!cut) return stop(cut.error().message);
    for (const Ids& piece : *cut) pieces.push_back({i, token_vectors(**model, piece)});
  }
  std::vector<std::pair<Ids, std::vector<float>>> asked;
  for (const std::string& question : questions) {
    Ids ids = (*model)->encode(question);
    std::vector<float> vectors = token_vectors(**model, ids);
    asked.emplace_back(std::move(ids), std::move(vectors));
  }
  // How near words come hangs on no weight: it is found once for each question and passage.
  std::vector<std::vector<std::vector<float>>> near;
  for (const auto& question : asked) {
    const Relevance relevance(**model, question.first, question.second);
    auto& of_question = near.emplace_back();
    for (const Passage& piece : pieces) of_question.push_back(relevance.likenesses(piece.vectors));
  }
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    for (int at = 3; at < argc; ++at)
      json.array(argv[at], [&] {
        for (std::size_t q = 0; q < asked.size(); ++q) {
          const Relevance relevance(**model, asked[q].first, asked[q].second, static_cast<float>(std::atof(argv[at])));
          std::vector<float> scores(passages.size(), 0.0F);
          for (std::size_t p = 0; p < pieces.size(); ++p) scores[pieces[p].number] = std::max(scores[pieces[p].number], relevance.weigh(near[q][p]));
          json.array([&] {
            for (const float score : scores) json.value(static_cast<double>(score));
          });
        }
      });
  });
  std::cout << out << '\n';
}
