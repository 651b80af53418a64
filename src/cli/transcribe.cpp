// demarc transcribe FILE...: speech to text in two stages; what the second stage changed is shown on request.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/encode.hpp"
#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "core/io/loop.hpp"

namespace demarc::cli {
namespace {

constexpr int kReadyTimeoutMs = 120'000;

struct Order {
  std::vector<std::string> files;
  std::string format = "text", language, folder, model = "auto";
  bool raw = false;
};

std::string form_field(const std::string& boundary, const std::string& name, const std::string& value) {
  return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
}

std::string form_body(const std::string& boundary, const Order& order, const std::string& file_name, const std::string& audio) {
  std::string body = form_field(boundary, "model", order.model) + form_field(boundary, "response_format", order.format);
  if (!order.language.empty()) body += form_field(boundary, "language", order.language);
  if (order.raw) body += form_field(boundary, "demarc_clean", "false");
  std::string name = file_name;
  std::replace_if(name.begin(), name.end(), [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }, '_');
  body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name +
          "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + audio + "\r\n--" + boundary + "--\r\n";
  return body;
}

const char* extension_of(const std::string& format) {
  return format == "text" ? ".txt" : format == "srt" ? ".srt" : format == "vtt" ? ".vtt" : ".json";
}

int transcribe_file(Connection& connection, const Order& order, const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::cerr << file << ": cannot be read\n", kFailed;
  std::stringstream audio;
  audio << in.rdbuf();
  const auto random = system_random().bytes<12>();
  const std::string boundary = "demarc" + to_hex({reinterpret_cast<const char*>(random.data()), random.size()});
  const auto answer = connection.call("POST", "/v1/audio/transcriptions", {{"content-type", "multipart/form-data; boundary=" + boundary}},
                                      form_body(boundary, order, std::filesystem::path(file).filename().string(), audio.str()));
  if (!answer) return std::cerr << file << ": " << answer.error() << '\n', kUnavailable;
  if (answer->status != 200) return std::cerr << file << ": " << error_message(*answer) << '\n', exit_code_of(answer->status);
  if (order.folder.empty()) {
    std::cout << answer->body << (answer->body.ends_with('\n') ? "" : "\n");
    return kOk;
  }
  const std::filesystem::path to =
      std::filesystem::path(order.folder) / std::filesystem::path(file).filename().replace_extension(extension_of(order.format));
  std::ofstream out(to, std::ios::binary);
  out << answer->body;
  out.close();
  if (!out) return std::cerr << to.string() << ": cannot be written\n", kFailed;
  std::cerr << file << " -> " << to.string() << '\n';
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
  int worst = kOk;  // one bad file does not keep the others from being done
  for (std::size_t i = 0; i < order.files.size(); ++i) {
    if (order.files.size() > 1) std::cerr << "[" << i + 1 << "/" << order.files.size() << "] " << order.files[i] << '\n';
    worst = std::max(worst, transcribe_file(**connection, order, order.files[i]));
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
