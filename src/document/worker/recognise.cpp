#include "document/worker/recognise.hpp"

#include <leptonica/allheaders.h>
#include <tesseract/baseapi.h>
#include <tesseract/resultiterator.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/strings.hpp"
#include "document/worker/limits.hpp"

namespace demarc::document::worker {
namespace {

constexpr double kSureOfTurn = 2.0;  // Tesseract's own measure; its command line asks for as much

std::unique_ptr<Recogniser> the_one;

}  // namespace

struct Recogniser::Engines {
  tesseract::TessBaseAPI words, turns;
};

Recogniser::Recogniser() : engines_(std::make_unique<Engines>()) {}
Recogniser::~Recogniser() = default;

Result<void, std::string> Recogniser::prepare(const std::string& folder) {
  setMsgSeverity(L_SEVERITY_NONE);
  std::unique_ptr<Recogniser> made(new Recogniser);
  std::error_code missing;
  std::string languages;
  std::vector<std::string> found;
  for (const auto& file : std::filesystem::directory_iterator(folder, missing))
    if (file.path().extension() == ".traineddata" && file.path().stem() != "osd") found.push_back(file.path().stem().string());
  std::ranges::sort(found);
  for (const std::string& language : found) languages += (languages.empty() ? "" : "+") + language;
  if (languages.empty()) return fail(folder + " holds no .traineddata of a language");
  made->engines_->words.SetVariable("debug_file", "/dev/null");
  if (made->engines_->words.Init(folder.c_str(), languages.c_str(), tesseract::OEM_LSTM_ONLY) != 0)
    return fail(folder + ": Tesseract cannot load " + languages);
  made->engines_->words.SetVariable("debug_file", "/dev/null");
  made->engines_->words.SetPageSegMode(tesseract::PSM_AUTO);
  if (std::filesystem::exists(folder + "/osd.traineddata", missing)) {
    if (made->engines_->turns.Init(folder.c_str(), "osd", tesseract::OEM_TESSERACT_ONLY) != 0) return fail(folder + ": Tesseract cannot load osd");
    made->engines_->turns.SetVariable("debug_file", "/dev/null");
    made->engines_->turns.SetPageSegMode(tesseract::PSM_OSD_ONLY);
  }
  the_one = std::move(made);
  return {};
}

Recogniser& Recogniser::get() { return CHECK(the_one != nullptr), *the_one; }

std::vector<Word> Recogniser::read(Pix* grey, int dpi) {
  tesseract::TessBaseAPI& engine = engines_->words;
  engine.SetImage(grey);
  engine.SetSourceResolution(dpi);
  std::vector<Word> words;
  if (engine.Recognize(nullptr) != 0) return words;
  const std::unique_ptr<tesseract::ResultIterator> at(engine.GetIterator());
  if (at == nullptr) return words;
  do {
    if (at->Empty(tesseract::RIL_WORD)) continue;
    if (static_cast<std::int64_t>(words.size()) >= limits().document_words) {
      left_out().too_many_words = true;
      break;
    }
    const std::unique_ptr<const char[]> text(at->GetUTF8Text(tesseract::RIL_WORD));
    Word word{.text = text == nullptr ? std::string() : std::string(trim(text.get())), .box = {}};
    if (word.text.empty() || !is_utf8(word.text) ||
        !at->BoundingBox(tesseract::RIL_WORD, &word.box.left, &word.box.top, &word.box.right, &word.box.bottom))
      continue;
    float row_height = 0, descenders = 0, ascenders = 0;
    at->RowAttributes(&row_height, &descenders, &ascenders);
    word.size = row_height > 1 ? static_cast<double>(row_height) : word.box.height();
    word.confidence = std::clamp(static_cast<double>(at->Confidence(tesseract::RIL_WORD)) / 100.0, 0.0, 1.0);
    words.push_back(std::move(word));
  } while (at->Next(tesseract::RIL_WORD));
  engine.Clear();
  return words;
}

int Recogniser::upright(Pix* grey, int dpi) {
  tesseract::TessBaseAPI& engine = engines_->turns;
  if (engine.GetInitLanguagesAsString() == nullptr || std::string_view(engine.GetInitLanguagesAsString()).empty()) return 0;
  engine.SetImage(grey);
  engine.SetSourceResolution(dpi);
  int degrees = 0;
  float sure = 0, sure_of_script = 0;
  const char* script = nullptr;
  const bool found = engine.DetectOrientationScript(&degrees, &sure, &script, &sure_of_script);
  engine.Clear();
  return found && static_cast<double>(sure) >= kSureOfTurn ? (360 - degrees) % 360 : 0;
}

double mean_confidence(const std::vector<Word>& words) {
  double sum = 0, letters = 0;
  for (const Word& word : words)
    sum += word.confidence.value_or(1) * static_cast<double>(word.text.size()), letters += static_cast<double>(word.text.size());
  return letters > 0 ? sum / letters : 0;
}

}  // namespace demarc::document::worker
