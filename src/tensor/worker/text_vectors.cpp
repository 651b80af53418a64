#include "tensor/worker/text_vectors.hpp"

#include "tensor/worker/vectors.hpp"

namespace demarc::tensor::worker {

Result<TextVectors::Vectors, std::pair<Batcher::Stop, std::string>> TextVectors::of(const std::vector<std::string>& texts, Remember remember,
                                                                                    WorkClass work_class, const std::function<bool()>& still_wanted,
                                                                                    std::size_t& tokens) {
  Vectors out(texts.size());
  VectorsRequest fresh{.pieces = {}, .text_of_piece = {}, .dimensions = model_.width()};
  std::vector<std::size_t> place;  // of each fresh text
  for (std::size_t text = 0; text < texts.size(); ++text) {
    if (remember == Remember::yes) {
      MutexLock lock(mutex_);
      if (const auto found = known_.find(texts[text]); found != known_.end()) {
        out[text] = found->second;
        continue;
      }
    }
    auto pieces = pieces_of(model_.encode(texts[text]), model_, TooLong::chunks, "");
    CHECK(pieces.ok());
    for (auto& piece : *pieces) {
      fresh.tokens += piece.size();
      fresh.pieces.push_back(std::move(piece)), fresh.text_of_piece.push_back(fresh.texts);
    }
    ++fresh.texts, place.push_back(text);
  }
  tokens += fresh.tokens;
  if (fresh.texts == 0) return out;
  VectorSums sums(fresh, model_.width());
  Batcher::Job job(work_class, fresh.pieces,
                   [&](std::size_t piece, std::span<const float> numbers) { sums.add(piece, model_.pool(numbers, fresh.pieces[piece].size())); });
  TRY(batcher_.work(job, still_wanted));
  sums.finish();
  MutexLock lock(mutex_);
  if (known_.size() + place.size() > kMost) known_.clear();
  for (std::size_t i = 0; i < place.size(); ++i) {
    out[place[i]] = sums.vectors()[i];
    if (remember == Remember::yes && place.size() <= kMost) known_.emplace(texts[place[i]], sums.vectors()[i]);
  }
  return out;
}

}  // namespace demarc::tensor::worker
