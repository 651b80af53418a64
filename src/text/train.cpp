#include "text/train.hpp"

#include <algorithm>
#include <cmath>
#include <future>
#include <random>

#include "base/check.hpp"
#include "base/mutex.hpp"

namespace demarc::text {
namespace {

// The fold in which each sample is judged: each label's samples dealt out in turn.
std::vector<std::size_t> folds_of(const Samples& samples, std::size_t labels, std::size_t folds) {
  std::vector<std::size_t> order(samples.size()), fold(samples.size()), next(labels + 1, 0);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::mt19937 random(20'261'128);  // the same deal for the same data
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  for (const std::size_t sample : order) {
    const std::size_t label = samples.labels[sample].empty() ? labels : samples.labels[sample].front();
    fold[sample] = next[label]++ % folds;
  }
  return fold;
}

struct Split {
  std::vector<std::size_t> learn, judge;
};
Split split_at(const std::vector<std::size_t>& fold, std::size_t at) {
  Split split;
  for (std::size_t i = 0; i < fold.size(); ++i) (fold[i] == at ? split.judge : split.learn).push_back(i);
  return split;
}

void apply_to(const Weights& weights, const Samples& samples, const std::vector<std::size_t>& which, Scores& logits) {
  for (const std::size_t sample : which) weights.apply(samples.vector(sample), logits.of(sample));
}

// Mean loss of what was held out; the lower the better.
double held_out_loss(const Samples& samples, const Split& split, std::size_t labels, Labels kind, double l2) {
  const Weights weights = fit_logistic(samples, split.learn, labels, kind, {.l2 = l2});
  std::vector<float> logits(labels);
  double loss = 0;
  for (const std::size_t sample : split.judge) {
    weights.apply(samples.vector(sample), logits);
    if (kind == Labels::one) {
      to_confidences(logits, 1);
      loss -= std::log(std::max(1e-9F, logits[samples.labels[sample].front()]));
    } else {
      for (std::uint32_t label = 0; label < labels; ++label) {
        const double towards = std::ranges::binary_search(samples.labels[sample], label) ? logits[label] : -logits[label];
        loss += towards > 0 ? std::log1p(std::exp(-towards)) : std::log1p(std::exp(towards)) - towards;
      }
    }
  }
  return loss / static_cast<double>(split.judge.size());
}

Result<void, std::string> check(const Samples& samples, const std::vector<std::string>& labels, const TrainOptions& options) {
  if (labels.size() < 2) return fail(std::string("there is only one label: nothing to tell apart"));
  if (labels.size() > kMaxLabels) return fail("there are " + std::to_string(labels.size()) + " labels; 1000 are possible");
  std::vector<std::size_t> count(labels.size(), 0);
  for (const auto& of_sample : samples.labels)
    for (const std::uint32_t label : of_sample) ++count[label];
  std::string few;
  for (std::size_t label = 0; label < labels.size(); ++label)
    if (count[label] < options.folds && few.size() < 200)
      few += (few.empty() ? "" : ", ") + labels[label] + " (" + std::to_string(count[label]) + ")";
  if (!few.empty())
    return fail("each label needs at least " + std::to_string(options.folds) +
                " texts, one for each part of the cross-validation; too few have: " + few);
  return {};
}

ByLabel by_label(std::size_t right, std::size_t said, std::size_t count) {
  ByLabel out{.count = count};
  out.precision = said == 0 ? 0 : static_cast<double>(right) / static_cast<double>(said);
  out.recall = count == 0 ? 0 : static_cast<double>(right) / static_cast<double>(count);
  out.f1 = right == 0 ? 0 : 2 * out.precision * out.recall / (out.precision + out.recall);
  return out;
}

void judge_one(const Samples& samples, const Scores& logits, const TrainOptions& options, Trained& trained) {
  Classifier& made = trained.classifier;
  const std::size_t labels = made.labels.size();
  made.temperature = fit_temperature(logits, samples);
  trained.confusion.assign(labels, std::vector<std::size_t>(labels, 0));
  std::vector<float> row(labels);
  for (std::size_t sample = 0; sample < samples.size(); ++sample) {
    std::ranges::copy(logits.of(sample), row.begin());
    to_confidences(row, made.temperature);
    const auto best = static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
    const std::size_t is = samples.labels[sample].front();
    ++trained.confusion[is][best];
    trained.judged.push_back({row[best], is == best});
  }
  made.thresholds = {0.0};
  Quality& quality = made.quality;
  if (options.target_precision > 0) {
    quality.target_precision = options.target_precision, quality.certainty = options.certainty;
    const auto chosen = choose_threshold(trained.judged, options.target_precision, options.certainty);
    made.thresholds = {chosen ? chosen->value : 2.0};  // 2: no confidence is enough
    if (chosen) quality.precision = chosen->precision, quality.coverage = chosen->coverage;
  }
  quality.accuracy = static_cast<double>(std::ranges::count(trained.judged, true, &Judged::right)) / static_cast<double>(samples.size());
  for (std::size_t label = 0; label < labels; ++label) {
    std::size_t said = 0, count = 0;
    for (std::size_t other = 0; other < labels; ++other) said += trained.confusion[other][label], count += trained.confusion[label][other];
    trained.by_label.push_back(by_label(trained.confusion[label][label], said, count));
  }
}

void judge_several(const Samples& samples, const Scores& logits, const TrainOptions& options, Trained& trained) {
  Classifier& made = trained.classifier;
  std::size_t exact = 0, answered = 0, answered_right = 0, wanted = 0;
  std::vector<std::vector<bool>> said(samples.size(), std::vector<bool>(made.labels.size()));
  for (std::uint32_t label = 0; label < made.labels.size(); ++label) {
    std::vector<float> of_label;
    std::vector<bool> has;
    for (std::size_t sample = 0; sample < samples.size(); ++sample) {
      of_label.push_back(logits.of(sample)[label]);
      has.push_back(std::ranges::binary_search(samples.labels[sample], label));
    }
    const Platt platt = fit_platt(of_label, has);
    std::vector<Judged> judged;
    for (std::size_t sample = 0; sample < samples.size(); ++sample) judged.push_back({platt.confidence(of_label[sample]), has[sample]});
    double threshold = 0.5;
    if (options.target_precision > 0) {
      const auto chosen = choose_threshold(judged, options.target_precision, options.certainty);
      threshold = chosen ? chosen->value : 2.0;
    }
    std::size_t right = 0, all = 0;
    for (std::size_t sample = 0; sample < samples.size(); ++sample) {
      const bool says = judged[sample].confidence >= threshold;
      said[sample][label] = says;
      all += says ? 1 : 0, right += says && has[sample] ? 1 : 0;
    }
    const auto count = static_cast<std::size_t>(std::ranges::count(has, true));
    trained.by_label.push_back(by_label(right, all, count));
    answered += all, answered_right += right, wanted += count;
    made.platts.push_back(platt), made.thresholds.push_back(threshold);
    trained.judged.insert(trained.judged.end(), judged.begin(), judged.end());
  }
  for (std::size_t sample = 0; sample < samples.size(); ++sample) {
    std::vector<std::uint32_t> chosen;
    for (std::uint32_t label = 0; label < made.labels.size(); ++label)
      if (said[sample][label]) chosen.push_back(label);
    exact += chosen == samples.labels[sample] ? 1 : 0;
  }
  made.quality.accuracy = static_cast<double>(exact) / static_cast<double>(samples.size());
  if (options.target_precision > 0) {
    made.quality.target_precision = options.target_precision, made.quality.certainty = options.certainty;
    made.quality.precision = answered == 0 ? 0 : static_cast<double>(answered_right) / static_cast<double>(answered);
    made.quality.coverage = wanted == 0 ? 0 : static_cast<double>(answered_right) / static_cast<double>(wanted);
  }
}

}  // namespace

Result<Trained, std::string> train(const Samples& samples, const std::vector<std::string>& labels, Labels kind, const TrainOptions& options,
                                   const std::function<void(std::size_t, std::size_t)>& on_progress) {
  CHECK(options.folds >= 2 && !options.l2.empty());
  TRY(check(samples, labels, options));
  const std::size_t count = labels.size(), all = options.l2.size() + options.folds + 1;
  Mutex mutex;
  std::size_t done = 0;
  const auto step = [&] {
    MutexLock lock(mutex);
    on_progress(++done, all);
  };
  const std::vector<std::size_t> fold = folds_of(samples, count, options.folds);

  std::vector<std::future<double>> losses;
  for (const double l2 : options.l2)
    losses.push_back(std::async(std::launch::async, [&, l2] {
      const double loss = held_out_loss(samples, split_at(fold, 0), count, kind, l2);
      return step(), loss;
    }));
  double l2 = options.l2.front(), least = INFINITY;
  for (std::size_t i = 0; i < losses.size(); ++i)
    if (const double loss = losses[i].get(); loss < least) least = loss, l2 = options.l2[i];

  Scores logits{.count = count, .values = std::vector<float>(samples.size() * count)};
  std::vector<std::future<void>> parts;
  for (std::size_t part = 0; part < options.folds; ++part)
    parts.push_back(std::async(std::launch::async, [&, part] {
      const Split split = split_at(fold, part);
      apply_to(fit_logistic(samples, split.learn, count, kind, {.l2 = l2}), samples, split.judge, logits);
      step();
    }));
  for (auto& part : parts) part.get();

  Trained trained;
  trained.classifier.kind = kind, trained.classifier.labels = labels;
  kind == Labels::one ? judge_one(samples, logits, options, trained) : judge_several(samples, logits, options, trained);
  trained.bins = reliability(trained.judged);
  Quality& quality = trained.classifier.quality;
  quality.calibration_error = calibration_error(trained.bins);
  for (const ByLabel& one : trained.by_label) quality.macro_f1 += one.f1 / static_cast<double>(count);
  std::ranges::sort(trained.judged, std::greater<>(), &Judged::confidence);
  std::vector<std::size_t> everything(samples.size());
  for (std::size_t i = 0; i < everything.size(); ++i) everything[i] = i;
  trained.classifier.weights = fit_logistic(samples, everything, count, kind, {.l2 = l2});
  trained.classifier.lineage.rows = samples.size(), trained.classifier.lineage.folds = options.folds, trained.classifier.lineage.l2 = l2;
  step();
  return trained;
}

}  // namespace demarc::text
