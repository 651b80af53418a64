// ResultList: the one file that a watched folder of pictures writes: a line for each picture, of CSV or JSON by the file's ending.
//
//   ResultList list = TRY(ResultList::open(disk, "/srv/lines.csv"));        // a line that a crash left half is gone
//   if (!list.has("a.jpg", written)) TRY(list.add({.file = "a.jpg", .written = written, .label = "scratch", .confidence = 0.97}));
//
//   file,label,confidence,error,written                    {"file":…,"written":…,"result":{…}} or {"file":…,"written":…,"error":…}
//
// A picture is done when a line says its name and when it was last written to. A line is durable when add() returns. One thread; waits for the disk.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "core/io/disk.hpp"

namespace demarc::gateway {

struct PictureLine {
  std::string file, written;  // written: RFC 3339
  std::string label{}, error{};
  double confidence = 0;
  std::string result{};  // JSON, as it was answered; "" with an error
};

class ResultList {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{1} << 30;  // of the file
  static Result<ResultList, std::string> open(Disk& disk, std::string path);

  [[nodiscard]] bool has(std::string_view file, std::string_view written) const { return done_.contains({std::string(file), std::string(written)}); }
  Result<void, std::string> add(const PictureLine& line);

 private:
  explicit ResultList(std::string path) : path_(std::move(path)), is_csv_(path_.ends_with(".csv")) {}
  void read(std::string_view text);
  [[nodiscard]] std::string print(const PictureLine& line) const;

  std::string path_;
  bool is_csv_;
  std::unique_ptr<File> file_;
  std::set<std::pair<std::string, std::string>> done_;  // name, written
};

}  // namespace demarc::gateway
