#include "cli/classify_images.hpp"

#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <thread>

#include "base/encode.hpp"
#include "base/strings.hpp"
#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "cli/text_client.hpp"
#include "core/io/disk.hpp"
#include "core/json/writer.hpp"
#include "text/csv.hpp"

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxPictureBytes = std::size_t{24} << 20;
constexpr auto kLook = std::chrono::milliseconds(200);

bool is_picture(const fs::path& path) {
  static const std::set<std::string> kEndings = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"};
  return kEndings.contains(to_lower(path.extension().string()));
}

// What is said of one picture.
struct Line {
  std::string file, label, error;
  double confidence = 0;
  std::string result;  // JSON
};

class Output {
 public:
  explicit Output(const ImageOrder& order) : to_file_(!order.out.empty()) {
    const bool is_csv = to_lower(order.out).ends_with(".csv");
    form_ = is_csv ? Form::csv : order.json || to_file_ ? Form::json : Form::table;
    if (!to_file_) return;
    std::error_code error;
    const bool is_new = !fs::exists(order.out, error) || fs::file_size(order.out, error) == 0;
    file_.open(order.out, std::ios::app | std::ios::binary);
    if (is_csv && is_new) file_ << "file,label,confidence,error\n" << std::flush;
  }
  [[nodiscard]] bool good() const { return !to_file_ || file_.good(); }
  void put(const Line& line) {
    std::ostream& out = to_file_ ? static_cast<std::ostream&>(file_) : std::cout;
    char confidence[16];
    std::snprintf(confidence, sizeof confidence, "%.3f", line.confidence);
    switch (form_) {
      case Form::csv:
        out << text::csv_field(line.file) << ',' << text::csv_field(line.label) << ',' << (line.error.empty() ? confidence : "") << ','
            << text::csv_field(line.error) << '\n';
        break;
      case Form::table:
        out << line.file << '\t' << (line.error.empty() ? (line.label.empty() ? "-" : line.label) + "\t" + confidence : "error\t" + line.error)
            << '\n';
        break;
      case Form::json: {
        std::string text;
        JsonWriter json(text);
        json.object([&] {
          json.field("file", line.file);
          line.error.empty() ? json.raw_field("result", line.result) : json.field("error", line.error);
        });
        out << text << '\n';
        break;
      }
    }
    out << std::flush;  // whoever reads the file as it grows sees whole lines
  }

 private:
  enum class Form : std::uint8_t { table, csv, json };
  const bool to_file_;
  Form form_ = Form::table;
  std::ofstream file_;
};

Result<std::string, std::string> uri_of(const fs::path& file) {
  const auto bytes = read_file(real_disk(), file.string(), kMaxPictureBytes);
  if (!bytes) return fail(std::string(to_string(bytes.error())));
  return "data:image/" + to_lower(file.extension().string()).substr(1) + ";base64," + to_base64(*bytes);
}

// The pictures below a folder, in order.
std::vector<fs::path> pictures_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error))
    if (entry.is_regular_file(error) && is_picture(entry.path())) found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

// Fields of the request that are the same for every picture.
Result<std::string, std::string> fields_of(const ImageOrder& order) {
  std::string out, wrong;
  JsonWriter json(out);
  json.object([&] {
    json.field("model", order.model);
    if (order.threshold >= 0) json.field("threshold", order.threshold);
    if (order.examples.empty()) return;
    json.array("examples", [&] {
      for (const fs::path& picture : pictures_in(order.examples)) {
        const auto uri = uri_of(picture);
        if (!uri) wrong = picture.string() + ": " + uri.error();
        if (uri) json.object([&] { json.field("image", *uri), json.field("label", picture.parent_path().filename().string()); });
      }
    });
  });
  if (!wrong.empty()) return fail(std::move(wrong));
  return out;
}

struct Outcome {
  Line line;
  int exit_code = kOk;
};

Outcome classify_one(Connection& connection, const std::string& fields, const fs::path& picture) {
  const auto stop = [&](int code, std::string why) {
    return Outcome{{.file = picture.string(), .label = {}, .error = std::move(why), .result = {}}, code};
  };
  const auto uri = uri_of(picture);
  if (!uri) return stop(kFailed, uri.error());
  const auto answer = post_json(connection, "/v1/images/classifications", "{\"input\":[" + json_string(*uri) + "]," + fields.substr(1));
  if (!answer) return stop(answer.error().exit_code, answer.error().message);
  simdjson::dom::parser parser;
  simdjson::dom::element result;
  std::string_view label;
  Outcome out{.line = {.file = picture.string(), .label = {}, .error = {}, .result = {}}};
  if (parser.parse(*answer)["results"].at(0)["label"].get(result) != simdjson::SUCCESS)
    return stop(kFailed, "the gateway answered with something that is no result");
  if (result["label"].get(label) == simdjson::SUCCESS) out.line.label = label;
  static_cast<void>(result["confidence"].get(out.line.confidence));
  out.line.result = simdjson::minify(result);
  return out;
}

// Each picture once it has stopped growing: the same size and time at two looks.
int watch(Connection& connection, const ImageOrder& order, const std::string& fields, Output& output) {
  using Mark = std::pair<std::uintmax_t, fs::file_time_type>;
  std::map<fs::path, Mark> seen;
  std::set<fs::path> done;
  Clock::time_point last = Clock::now();
  while (order.until_s == 0 || Clock::now() - last < std::chrono::seconds(order.until_s)) {
    for (const std::string& folder : order.files)
      for (const fs::path& picture : pictures_in(folder)) {
        std::error_code error;
        const Mark mark{fs::file_size(picture, error), fs::last_write_time(picture, error)};
        if (error || done.contains(picture)) continue;
        if (const auto before = std::exchange(seen[picture], mark); before != mark) continue;
        output.put(classify_one(connection, fields, picture).line);
        if (!output.good()) return std::cerr << "demarc classify: " << order.out << ": cannot be written\n", kFailed;
        done.insert(picture), seen.erase(picture);
        last = Clock::now();
      }
    std::this_thread::sleep_for(kLook);
  }
  return kOk;
}

}  // namespace

int classify_images(Connection& connection, const ImageOrder& order) {
  const auto fields = fields_of(order);
  if (!fields) return std::cerr << "demarc classify: " << fields.error() << '\n', kFailed;
  Output output(order);
  if (!output.good()) return std::cerr << "demarc classify: " << order.out << ": cannot be written\n", kFailed;
  if (order.watch) return watch(connection, order, *fields, output);
  std::vector<fs::path> pictures;
  std::error_code error;
  for (const std::string& file : order.files) {
    if (!fs::is_directory(file, error)) {
      pictures.emplace_back(file);
      continue;
    }
    const auto inner = pictures_in(file);
    pictures.insert(pictures.end(), inner.begin(), inner.end());
  }
  Counter counter(std::cerr, on_terminal(), "pictures");
  int worst = kOk;  // one bad file does not keep the others from being done
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const Outcome outcome = classify_one(connection, *fields, pictures[i]);
    worst = std::max(worst, outcome.exit_code);
    counter.end();
    output.put(outcome.line);
    counter.show(static_cast<std::int64_t>(i + 1), static_cast<std::int64_t>(pictures.size()));
  }
  return worst;
}

}  // namespace demarc::cli
