// Recogniser: words out of a page's picture, by Tesseract.
//
//   TRY(Recogniser::prepare(folder));                       // once, before readers are forked: reads eng.traineddata, osd.traineddata
//   std::vector<Word> words = Recogniser::get().read(grey, dpi);
//   int turn = Recogniser::get().upright(grey, dpi);        // how much to turn it clockwise: 0, 90, 180, 270
//
// A word's confidence is Tesseract's own, by 100. One thread of a process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "document/worker/words.hpp"

struct Pix;

namespace demarc::document::worker {

class Recogniser {
 public:
  static Result<void, std::string> prepare(const std::string& folder);
  static Recogniser& get();  // of this process; after prepare()
  ~Recogniser();

  std::vector<Word> read(Pix* grey, int dpi);
  int upright(Pix* grey, int dpi);

 private:
  Recogniser();
  struct Engines;
  std::unique_ptr<Engines> engines_;
};

double mean_confidence(const std::vector<Word>& words);  // by letters; 0 of none

}  // namespace demarc::document::worker
