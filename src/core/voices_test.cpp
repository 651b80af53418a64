#include "core/voices.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "base/encode.hpp"

namespace demarc {
namespace {

constexpr std::size_t kNumbers = 64;

// People whose voices are at right angles, each heard with some noise: two of one person are alike by about 0.7.
class People {
 public:
  Voiceprint says(std::size_t person) {
    Voiceprint voice{.sum = std::vector<float>(kNumbers)};
    for (float& number : voice.sum) number = noise_(random_);
    voice.sum[person] += 1.5F;
    const auto length = static_cast<float>(std::sqrt(static_cast<double>(dot(voice, voice))));
    for (float& number : voice.sum) number /= length;
    return voice;
  }
  std::vector<Voiceprint> say(const std::vector<std::size_t>& people) {
    std::vector<Voiceprint> out;
    for (const std::size_t person : people) out.push_back(says(person));
    return out;
  }

 private:
  static double dot(const Voiceprint& a, const Voiceprint& b) {
    double sum = 0;
    for (std::size_t i = 0; i < kNumbers; ++i) sum += static_cast<double>(a.sum[i]) * b.sum[i];
    return sum;
  }
  std::mt19937 random_{7};
  std::normal_distribution<float> noise_{0, 0.12F};
};

using Labels = std::vector<std::size_t>;

TEST(Voices, AreGroupedByPersonAndNumberedAsTheyAreHeard) {
  EXPECT_EQ(group_voices(People().say({3, 3, 1, 3, 1, 2, 2, 3}), {}), (Labels{0, 0, 1, 0, 1, 2, 2, 0}));
}

TEST(Voices, OfNobodyAndOfOneAreGroupsToo) {
  EXPECT_TRUE(group_voices({}, {}).empty());
  EXPECT_EQ(group_voices(People().say({5}), {}), Labels{0});
}

TEST(Voices, AreNeverMoreThanTheCallerSays) {
  const std::vector<Voiceprint> voices = People().say({0, 1, 2, 0, 1, 2});
  for (const std::size_t most : {1U, 2U}) {
    const Labels labels = group_voices(voices, {.most = most});
    EXPECT_EQ(*std::ranges::max_element(labels), most - 1);
  }
}

TEST(Voices, OfManyHoursAreGroupedBlockByBlock) {
  Labels people;
  for (std::size_t i = 0; i < 3 * kVoiceBlock + 17; ++i) people.push_back(i / 500 % 3);  // the third is not heard in the first block
  const std::vector<Voiceprint> voices = People().say(people);
  const Labels labels = group_voices(voices, {});
  EXPECT_EQ(labels, people);
  EXPECT_EQ(group_voices(voices, {}), labels);
}

TEST(Voices, ThatAreAllDifferentEndInAsManyGroupsAsThereMayBe) {
  std::mt19937 random(3);
  std::normal_distribution<float> number(0, 1);
  std::vector<Voiceprint> voices(2 * kVoiceBlock + 1);
  for (Voiceprint& voice : voices) {
    voice.sum.resize(kNumbers);
    for (float& one : voice.sum) one = number(random);
  }
  const Labels labels = group_voices(voices, {});
  EXPECT_LT(*std::ranges::max_element(labels), kMostSpeakers);
}

TEST(Voices, HeardTooLittleGoToWhomTheyAreMostLike) {
  People people;
  std::vector<Voiceprint> voices = people.say({0, 0, 0, 1, 1, 1});
  Voiceprint between = people.says(1);
  for (float& number : between.sum) number *= 0.4F;
  between.sum[9] += 0.9F;
  voices.push_back(between);
  EXPECT_EQ(group_voices(voices, {.alike = 0.5}), (Labels{0, 0, 0, 1, 1, 1, 2}));
  EXPECT_EQ(group_voices(voices, {.alike = 0.5, .least = 3}), (Labels{0, 0, 0, 1, 1, 1, 1}));
  EXPECT_EQ(group_voices(people.say({0, 1}), {.least = 3}), (Labels{0, 1}));  // nobody is heard enough: then each is somebody
}

TEST(Voices, AreReadBackAsTheyWerePrinted) {
  const Voiceprint voice = People().says(4);
  EXPECT_EQ(read_voiceprint(print_voiceprint(voice)), voice.sum);
}

TEST(Voices, ThatAreNoVectorsAreNotRead) {
  const auto of = [](std::vector<float> numbers) { return print_voiceprint({.sum = std::move(numbers)}); };
  for (const std::string& text : {std::string(), std::string("!"), to_base64("abc"), of({std::numeric_limits<float>::quiet_NaN()}),
                                  of({std::numeric_limits<float>::infinity()}), of({1e30F}), of(std::vector<float>(5'000, 0.1F))})
    EXPECT_FALSE(read_voiceprint(text)) << text.substr(0, 20);
}

}  // namespace
}  // namespace demarc
