#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "text/calibrate.hpp"
#include "text/logistic.hpp"
#include "text/train.hpp"

namespace demarc::text {
namespace {

// Three heaps in the plane, with noise.
Samples heaps(std::size_t count, float noise, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> jitter(0, noise);
  Samples samples{.width = 2};
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::uint32_t>(i % 3);
    const float angle = static_cast<float>(label) * 2.094F;
    samples.vectors.insert(samples.vectors.end(), {std::cos(angle) + jitter(random), std::sin(angle) + jitter(random)});
    samples.labels.push_back({label});
  }
  return samples;
}

std::vector<std::size_t> all_of(const Samples& samples) {
  std::vector<std::size_t> all(samples.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

Scores logits_of(const Weights& weights, const Samples& samples) {
  Scores scores{.count = weights.labels, .values = std::vector<float>(samples.size() * weights.labels)};
  for (std::size_t i = 0; i < samples.size(); ++i) weights.apply(samples.vector(i), scores.of(i));
  return scores;
}

std::vector<Judged> judge(Scores scores, const Samples& samples, double temperature) {
  std::vector<Judged> judged;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto row = scores.of(i);
    to_confidences(row, temperature);
    const auto best = std::ranges::max_element(row);
    judged.push_back({*best, static_cast<std::uint32_t>(best - row.begin()) == samples.labels[i].front()});
  }
  return judged;
}

TEST(Logistic, TellsHeapsApart) {
  const Samples learn = heaps(300, 0.2F, 1), fresh = heaps(300, 0.2F, 2);
  const Weights weights = fit_logistic(learn, all_of(learn), 3, Labels::one, {});
  const auto judged = judge(logits_of(weights, fresh), fresh, 1);
  EXPECT_GT(std::ranges::count(judged, true, &Judged::right), 290);
}

// One label of a single number that is 1 or -1, half of each kind right: the best weight is known in closed form without L2.
TEST(Logistic, FindsTheOptimumThatIsKnown) {
  Samples samples{.width = 1};
  for (int i = 0; i < 100; ++i) {
    samples.vectors.push_back(i % 2 == 0 ? 1.0F : -1.0F);
    const bool has = i % 2 == 0 ? i % 10 != 0 : i % 10 == 1;  // 40 of 50, and 10 of 50
    samples.labels.push_back(has ? std::vector<std::uint32_t>{0} : std::vector<std::uint32_t>{});
  }
  const Weights weights = fit_logistic(samples, all_of(samples), 1, Labels::several, {.l2 = 0, .most_steps = 200, .enough = 1e-9});
  EXPECT_NEAR(weights.values[0], std::log(4.0), 1e-3);  // logit of 0.8 and of 0.2
  EXPECT_NEAR(weights.values[1], 0, 1e-3);
}

TEST(Calibration, MendsLogitsThatAreTenTimesTooSure) {
  const Samples learn = heaps(600, 0.7F, 1), fresh = heaps(3'000, 0.7F, 2);
  Scores logits = logits_of(fit_logistic(learn, all_of(learn), 3, Labels::one, {}), fresh);
  for (float& value : logits.values) value *= 10;
  EXPECT_GT(calibration_error(reliability(judge(logits, fresh, 1))), 0.1);
  EXPECT_LT(calibration_error(reliability(judge(logits, fresh, fit_temperature(logits, fresh)))), 0.03);
}

TEST(Calibration, PlattGivesTheShareOfThoseThatHaveTheLabel) {
  std::vector<float> logits;
  std::vector<bool> has;
  for (int i = 0; i < 1'000; ++i) logits.push_back(i % 2 == 0 ? 3.0F : -3.0F), has.push_back(i % 2 == 0 ? i % 10 != 0 : i % 10 == 1);
  const Platt platt = fit_platt(logits, has);
  EXPECT_NEAR(platt.confidence(3), 0.8, 0.01);
  EXPECT_NEAR(platt.confidence(-3), 0.2, 0.01);
}

TEST(Threshold, LowerBoundIsThatOfTheTables) {
  EXPECT_NEAR(lower_bound(10, 10, 0.95), 0.7411, 1e-4);  // 0.05^(1/10)
  EXPECT_NEAR(lower_bound(9, 10, 0.95), 0.6058, 1e-4);
  EXPECT_NEAR(lower_bound(95, 100, 0.95), 0.8978, 1e-3);
  EXPECT_EQ(lower_bound(0, 10, 0.95), 0);
}

std::vector<Judged> rising(std::size_t count) {  // right from 0.5 on, wrong below
  std::vector<Judged> judged;
  for (std::size_t i = 0; i < count; ++i) {
    const float confidence = static_cast<float>(i) / static_cast<float>(count);
    judged.push_back({confidence, confidence >= 0.5F});
  }
  return judged;
}

TEST(Threshold, IsTheLowestThatKeepsTheTarget) {
  const auto chosen = choose_threshold(rising(1'000), 0.9, 0.95);
  ASSERT_TRUE(chosen.has_value());
  EXPECT_GE(chosen->at_least, 0.9);
  EXPECT_NEAR(chosen->value, 0.46, 0.02);
  EXPECT_NEAR(chosen->coverage, 1 - chosen->value, 1e-6);
}

TEST(Threshold, IsNoneWhereTooFewExamplesCouldShowIt) { EXPECT_FALSE(choose_threshold(rising(20), 0.95, 0.95).has_value()); }

const std::vector<std::string> kHeaps = {"east", "north-west", "south-west"};

TEST(Train, JudgesByWhatItHasNotSeen) {
  Samples samples = heaps(300, 0.2F, 1);
  std::mt19937 random(5);
  for (auto& labels : samples.labels) labels = {static_cast<std::uint32_t>(random() % 3)};  // nothing can be learnt
  const auto trained = train(samples, kHeaps, Labels::one, {.target_precision = 0.9});
  ASSERT_TRUE(trained.ok()) << trained.error();
  EXPECT_LT(trained->classifier.quality.accuracy, 0.45);
  EXPECT_EQ(trained->classifier.quality.coverage, 0);
  EXPECT_TRUE(trained->classifier.judge(samples.vector(0)).chosen.empty());  // no confidence is enough
}

TEST(Train, KeepsTheTargetPrecisionOnFreshTexts) {
  const auto trained = train(heaps(1'500, 0.6F, 1), kHeaps, Labels::one, {.target_precision = 0.95});
  ASSERT_TRUE(trained.ok()) << trained.error();
  const Samples fresh = heaps(6'000, 0.6F, 9);
  std::size_t answered = 0, right = 0;
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const Verdict verdict = trained->classifier.judge(fresh.vector(i));
    if (verdict.chosen.empty()) continue;
    ++answered, right += verdict.chosen == fresh.labels[i] ? 1 : 0;
  }
  EXPECT_LT(trained->classifier.quality.accuracy, 0.93);  // without abstaining it would not keep it
  EXPECT_GT(answered, fresh.size() / 4);
  EXPECT_GT(static_cast<double>(right) / static_cast<double>(answered), 0.945);
}

TEST(Train, NamesTheLabelThatHasTooFewTexts) {
  Samples samples = heaps(30, 0.2F, 1);
  samples.labels.back() = {3};
  const auto trained = train(samples, {"a", "b", "c", "rare"}, Labels::one, {});
  ASSERT_FALSE(trained.ok());
  EXPECT_NE(trained.error().find("rare (1)"), std::string::npos);
}

TEST(Train, LearnsSeveralLabelsOfOneText) {
  Samples samples = heaps(600, 0.15F, 1);
  for (auto& labels : samples.labels)
    labels = labels.front() == 0 ? std::vector<std::uint32_t>{0, 1} : std::vector<std::uint32_t>{labels.front() - 1};
  const auto trained = train(samples, {"x", "y"}, Labels::several, {});
  ASSERT_TRUE(trained.ok()) << trained.error();
  EXPECT_GT(trained->classifier.quality.accuracy, 0.9);
  EXPECT_EQ(trained->classifier.judge(std::vector{1.0F, 0.0F}).chosen, (std::vector<std::uint32_t>{0, 1}));
}

TEST(Classifier, IsReadAsItWasWritten) {
  const auto trained = train(heaps(300, 0.2F, 1), kHeaps, Labels::one, {.target_precision = 0.9});
  ASSERT_TRUE(trained.ok());
  const auto read = Classifier::read(trained->classifier.print());
  ASSERT_TRUE(read.ok()) << read.error();
  EXPECT_EQ(read->print(), trained->classifier.print());
  EXPECT_EQ(read->judge(std::vector{1.0F, 0.0F}).confidences, trained->classifier.judge(std::vector{1.0F, 0.0F}).confidences);
}

TEST(Classifier, RefusesAFileCutAtAnyByte) {
  const auto trained = train(heaps(300, 0.2F, 1), kHeaps, Labels::one, {});
  ASSERT_TRUE(trained.ok());
  const std::string whole = trained->classifier.print();
  for (std::size_t size = 0; size < whole.size(); ++size) ASSERT_FALSE(Classifier::read(whole.substr(0, size)).ok()) << size;
}

TEST(Classifier, RefusesWeightsOfAnotherShape) {
  const auto trained = train(heaps(300, 0.2F, 1), kHeaps, Labels::one, {});
  ASSERT_TRUE(trained.ok());
  std::string json = trained->classifier.print();
  json.replace(json.find("\"width\":2"), 9, "\"width\":3");
  const auto read = Classifier::read(json);
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().find("weights"), std::string::npos);
}

}  // namespace
}  // namespace demarc::text
