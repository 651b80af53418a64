#include "tensor/worker/labels.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace demarc::tensor::worker {
namespace {

class ModelFolder : public testing::Test {
 protected:
  ModelFolder() : folder_(mkdtemp(name_.data())) {
    write("model.onnx", "");
    write("config.json", R"({"id2label": {"1": "B-PER", "0": "O"}, "max_position_embeddings": 128})");
  }
  ~ModelFolder() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& file, const std::string& text) const { std::ofstream(folder_ + "/" + file) << text; }

  std::string name_ = testing::TempDir() + "card-XXXXXX";
  std::string folder_;
};

TEST_F(ModelFolder, NamesTheLabelsInTheOrderOfTheirNumbers) {
  const auto card = read_model_card(folder_);
  ASSERT_TRUE(card);
  EXPECT_EQ((*card).labels, (std::vector<std::string>{"O", "B-PER"}));
}

TEST_F(ModelFolder, StandsALimitNoIntegerCanHold) {
  write("tokenizer_config.json", R"({"model_max_length": 1000000000000000019884624838656, "do_lower_case": false})");
  const auto card = read_model_card(folder_);
  ASSERT_TRUE(card);
  EXPECT_EQ((*card).letters, Letters::as_they_are);
}

TEST_F(ModelFolder, IsRefusedWithTwoGraphs) {
  write("other.onnx", "");
  EXPECT_FALSE(read_model_card(folder_));
}

TEST_F(ModelFolder, IsRefusedWithoutLabels) {
  write("config.json", "{}");
  EXPECT_FALSE(read_model_card(folder_));
}

TEST_F(ModelFolder, IsRefusedWithGapsInTheNumbers) {
  write("config.json", R"({"id2label": {"0": "O", "2": "B-PER"}})");
  EXPECT_FALSE(read_model_card(folder_));
}

TEST(Kind, LosesItsPlaceInTheSpan) { EXPECT_EQ(kind_of("I-SURNAME"), "SURNAME"); }
TEST(Kind, OfALabelWithoutPlacesIsTheLabel) { EXPECT_EQ(kind_of("private_person"), "private_person"); }
TEST(Kind, OfOutsideIsNone) { EXPECT_EQ(kind_of("O"), ""); }

}  // namespace
}  // namespace demarc::tensor::worker
