// demarc transcribe FILE...: speech to text in two stages; what the second stage changed is shown on request.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "cli/form.hpp"
#include "cli/progress.hpp"

namespace demarc::cli {
namespace {

constexpr int kReadyTimeoutMs = 120'000;

struct Order {
  std::vector<std::string> files;
  std::string format = "text", language, folder, model = "auto";
  bool raw = false;
};

const char* extension_of(const std::string& format) {
  return format == "text" ? ".txt" : format == "srt" ? ".srt" : format == "vtt" ? ".vtt" : ".json";
}

int transcribe_file(Connection& connection, const Order& order, const std::string& file, Progress& progress) {
  const auto stop = [&](int code, const std::string& why) { return progress.say(file + ": " + why), code; };
  std::ifstream in(file, std::ios::binary);
  if (!in) return stop(kFailed, "cannot be read");
  std::stringstream audio;
  audio << in.rdbuf();
  Form form;
  form.field("model", order.model), form.field("response_format", order.format);
  if (!order.language.empty()) form.field("language", order.language);
  if (order.raw) form.field("demarc_clean", "false");
  form.file("file", std::filesystem::path(file).filename().string(), audio.str());
  const std::string type = form.content_type();
  const auto answer = connection.call("POST", "/v1/audio/transcriptions", {{"content-type", type}}, form.finish());
  if (!answer) return stop(kUnavailable, answer.error());
  if (answer->status != 200) return stop(exit_code_of(answer->status), error_message(*answer));
  progress.add(1, audio.view().size());
  if (order.folder.empty()) {
    progress.end();
    std::cout << answer->body << (answer->body.ends_with('\n') ? "" : "\n");
    return kOk;
  }
  const std::filesystem::path to =
      std::filesystem::path(order.folder) / std::filesystem::path(file).filename().replace_extension(extension_of(order.format));
  std::ofstream out(to, std::ios::binary);
  out << answer->body;
  out.close();
  if (!out) return stop(kFailed, to.string() + " cannot be written");
  progress.say(file + " -> " + to.string());
  return kOk;
}

int transcribe(const Shared& shared, Order order) {
  if (shared.json && order.format == "text") order.format = "verbose_json";
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc transcribe: " << place.error() << '\n', kFailed;
  auto connection = Connection::open(*place, Connection::IfNone::start_one);
  if (!connection) return std::cerr << "demarc transcribe: " << connection.error() << '\n', kFailed;
  if (const auto ready = (*connection)->wait_ready(kReadyTimeoutMs, "transcription"); !ready)
    return std::cerr << "demarc transcribe: " << ready.error() << '\n', kUnavailable;
  Amount all{.files = order.files.size()};
  std::error_code unknown;
  for (const std::string& file : order.files)
    if (const auto size = std::filesystem::file_size(file, unknown); !unknown) all.bytes += size;
  Progress progress(std::cerr, on_terminal(), all);
  int worst = kOk;  // one bad file does not keep the others from being done
  for (const std::string& file : order.files) {
    progress.add(0, 0);
    worst = std::max(worst, transcribe_file(**connection, order, file, progress));
  }
  return worst;
}

}  // namespace

void add_transcribe(CLI::App& app, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command =
      add_command(app, shared, "transcribe", "speech to text, in two stages", [&shared, order] { return transcribe(shared, *order); });
  command->add_option("files", order->files, "audio or video files")->required()->check(CLI::ExistingFile);
  command->add_option("-f,--format", order->format, "text, json, verbose_json, srt or vtt")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json", "verbose_json", "srt", "vtt"}));
  command->add_option("-l,--language", order->language, "two letters (en, de, …); else it is detected");
  command->add_option("-m,--model", order->model, "a speech model or upstream")->capture_default_str();
  command->add_flag("--raw", order->raw, "the first stage alone: words as the speech model heard them");
  command->add_option("-o,--output", order->folder, "write a file per input into this folder")->check(CLI::ExistingDirectory);
}

}  // namespace demarc::cli
