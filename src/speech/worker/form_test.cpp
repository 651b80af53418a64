#include "speech/worker/form.hpp"

#include <gtest/gtest.h>

namespace demarc::speech::worker {
namespace {

httplib::Request request(std::initializer_list<std::pair<const char*, const char*>> fields) {
  httplib::Request request;
  request.set_header("Content-Type", "multipart/form-data; boundary=b");
  for (const auto& [name, content] : fields) request.files.emplace(name, httplib::MultipartFormData{name, content, "", ""});
  return request;
}

TEST(Form, DefaultsToPlainJsonInOnePiece) {
  const httplib::Request asked = request({{"file", "RIFF"}, {"model", "whisper-1"}});
  const Form form = read_form(asked).value();
  EXPECT_EQ(form.file, "RIFF");
  EXPECT_EQ(form.format, Format::json);
  EXPECT_EQ(form.delivery, Delivery::whole);
  EXPECT_FALSE(form.wish.temperature.has_value());
}

TEST(Form, ReadsWhatIsAskedFor) {
  const httplib::Request asked =
      request({{"file", "x"}, {"language", " EN "}, {"response_format", "vtt"}, {"temperature", "0.4"}, {"stream", "true"}});
  const Form form = read_form(asked).value();
  EXPECT_EQ(form.wish.language, "en");
  EXPECT_EQ(form.format, Format::vtt);
  EXPECT_EQ(form.wish.temperature, 0.4);
  EXPECT_EQ(form.delivery, Delivery::events);
}

TEST(Form, AsksForWordsAmongTheUnitsOfTime) {
  EXPECT_TRUE(read_form(request({{"file", "x"}, {"timestamp_granularities[]", "segment"}, {"timestamp_granularities[]", "word"}}))->wish.words);
  EXPECT_FALSE(read_form(request({{"file", "x"}, {"timestamp_granularities[]", "segment"}}))->wish.words);
}

TEST(Form, SaysWhetherAndHowManySpeakersAreToldApart) {
  const auto speakers = [](const char* text) { return read_form(request({{"file", "x"}, {"demarc_speakers", text}})); };
  EXPECT_FALSE(read_form(request({{"file", "x"}}))->wish.speakers || speakers("false")->wish.speakers);
  EXPECT_EQ(speakers("true")->wish.speakers, 26U);
  EXPECT_EQ(speakers(" 3 ")->wish.speakers, 3U);
  for (const char* bad : {"0", "27", "-2", "3x", "many"}) EXPECT_FALSE(speakers(bad)) << bad;
}

TEST(Form, PassesOverUnknownFields) { EXPECT_TRUE(read_form(request({{"file", "x"}, {"chunking_strategy", "auto"}}))); }

TEST(Form, SaysWhatIsWrong) {
  EXPECT_EQ(read_form(request({})).error(), "The field file is missing.");
  EXPECT_EQ(read_form(request({{"file", "x"}, {"temperature", "nan"}})).error(), "temperature must be a number from 0 to 1.");
  EXPECT_EQ(read_form(request({{"file", "x"}, {"response_format", "xml"}})).error(), "response_format must be json, text, verbose_json, srt or vtt.");
  EXPECT_FALSE(read_form(httplib::Request{}));
}

}  // namespace
}  // namespace demarc::speech::worker
