// demarc transcribe FILE... | FOLDER: speech to text in two stages; what the second stage changed is shown on request, what is personal hidden on
// request, in the text and in the recording.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/connection.hpp"
#include "cli/mute.hpp"
#include "cli/progress.hpp"
#include "cli/show_edits.hpp"
#include "cli/transcribe_folder.hpp"
#include "core/json/writer.hpp"
#include "core/voices.hpp"
#include "dialect/form.hpp"
#include "dialect/transcript_text.hpp"

namespace demarc::cli {
namespace {

constexpr int kReadyTimeoutMs = 120'000;

struct Order {
  std::vector<std::string> files;
  std::string format = "text", language, folder, model = "auto";
  std::string speakers;                    // "true", or the most there may be; "": nobody asks who speaks
  std::string redact, conversation, mute;  // redact: "true" or an operator; "": nothing is hidden
  std::vector<std::string> types;
  bool raw = false, edits = false;

  // The times of what is hidden, and edits, stand in JSON only; the other forms are then printed here.
  [[nodiscard]] bool prints_here() const { return (!mute.empty() || edits) && !format.ends_with("json"); }
};

std::string form_body(const Order& order, const std::string& file_name, std::string_view audio, std::string& content_type) {
  dialect::Form form;
  form.field("model", order.model), form.field("response_format", order.prints_here() ? "verbose_json" : order.format);
  if (!order.language.empty()) form.field("language", order.language);
  if (order.raw) form.field("demarc_clean", "false");
  if (!order.speakers.empty()) form.field("demarc_speakers", order.speakers);
  if (!order.redact.empty()) form.field("redact", order.redact);
  for (const std::string& type : order.types) form.field("redact_types", type);
  if (!order.conversation.empty()) form.field("conversation", order.conversation);
  form.file("file", file_name, audio);
  content_type = form.content_type();
  return form.finish();
}

const char* extension_of(const std::string& format) {
  return format == "text" ? ".txt" : format == "srt" ? ".srt" : format == "vtt" ? ".vtt" : format == "markdown" ? ".md" : ".json";
}

// The same fields as form_body() says, for the pieces of a job.
std::string options_of(const Order& order) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("model", order.model), json.field("response_format", order.format);
    if (!order.language.empty()) json.field("language", order.language);
    if (order.raw) json.field("demarc_clean", "false");
    if (!order.speakers.empty()) json.field("demarc_speakers", order.speakers);
    if (!order.redact.empty()) json.field("redact", order.redact);
    if (!order.conversation.empty()) json.field("conversation", order.conversation);
    if (!order.types.empty())
      json.array("redact_types", [&] {
        for (const std::string& type : order.types) json.value(type);
      });
  });
  return out;
}

int write_transcript(const Order& order, const std::string& file, const std::string& text, Progress& progress) {
  if (order.folder.empty()) {
    progress.end();
    std::cout << text << (text.ends_with('\n') ? "" : "\n");
    return kOk;
  }
  const std::filesystem::path to =
      std::filesystem::path(order.folder) / std::filesystem::path(file).filename().replace_extension(extension_of(order.format));
  std::ofstream out(to, std::ios::binary);
  out << text;
  out.close();
  if (!out) return progress.say(to.string() + ": cannot be written"), kFailed;
  progress.say(file + " -> " + to.string());
  return kOk;
}

// The transcript in its form; and what was edited, and the recording silenced where it hides something, if they are asked for.
int write_all(const Order& order, const std::string& file, std::string json, Progress& progress) {
  const auto stop = [&](const std::string& why) { return progress.say(file + ": " + why), kFailed; };
  dialect::JsonTree tree;
  if (!tree.read(json)) return stop("the gateway answered with something that is not JSON");
  const std::string text =
      order.prints_here() ? dialect::print_transcript(dialect::read_transcript(tree.root()), *dialect::parse_transcript_format(order.format)) : json;
  if (order.edits)
    for (const std::string& line : lines_of_edits(tree.root())) progress.say(line);
  if (order.mute.empty()) return write_transcript(order, file, text, progress);
  const auto mutes = dialect::read_mutes(tree.root());
  if (!mutes) return stop("the gateway does not say where in the recording the hidden values are; is it an older one?");
  const auto to = muted_path(order.mute, file);
  if (!to) return progress.say(to.error()), kFailed;
  const int written = write_transcript(order, file, text, progress);
  if (const auto done = mute_file(file, *to, *mutes); !done) return stop(done.error());
  progress.say(file + " -> " + to->string());
  return written;
}

int transcribe_file(Connection& connection, const Order& order, const std::string& file, Progress& progress) {
  const auto stop = [&](int code, const std::string& why) { return progress.say(file + ": " + why), code; };
  std::ifstream in(file, std::ios::binary);
  if (!in) return stop(kFailed, "cannot be read");
  std::stringstream audio;
  audio << in.rdbuf();
  std::string type;
  const std::string body = form_body(order, std::filesystem::path(file).filename().string(), audio.view(), type);
  auto answer = connection.call("POST", "/v1/audio/transcriptions", {{"content-type", type}}, body);
  if (!answer) return stop(kUnavailable, answer.error());
  if (answer->status != 200) return stop(exit_code_of(answer->status), error_message(*answer));
  progress.add(1, audio.view().size());
  return order.mute.empty() && !order.edits ? write_transcript(order, file, answer->body, progress)
                                            : write_all(order, file, std::move(answer->body), progress);
}

int transcribe(const Shared& shared, Order order) {
  const bool folder = std::ranges::any_of(order.files, [](const std::string& file) { return std::filesystem::is_directory(file); });
  if (folder && (order.files.size() > 1 || !order.mute.empty()))
    return std::cerr << "demarc transcribe: a folder goes alone, and without --mute\n", kUsage;
  if (shared.json && !folder && order.format == "text") order.format = "verbose_json";
  if (order.redact.empty() && !(order.mute.empty() && order.types.empty() && order.conversation.empty())) order.redact = "true";
  if (!order.mute.empty() && order.files.size() > 1 && !std::filesystem::is_directory(order.mute))
    return std::cerr << "demarc transcribe: --mute must be a folder for several recordings\n", kUsage;
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc transcribe: " << place.error() << '\n', kFailed;
  auto connection = Connection::open(*place, Connection::IfNone::start_one);
  if (!connection) return std::cerr << "demarc transcribe: " << connection.error() << '\n', kFailed;
  if (const auto ready = (*connection)->wait_ready(kReadyTimeoutMs, "transcription"); !ready)
    return std::cerr << "demarc transcribe: " << ready.error() << '\n', kUnavailable;
  if (!order.redact.empty())
    if (const auto ready = (*connection)->wait_for_detectors(kReadyTimeoutMs); !ready)
      return std::cerr << "demarc transcribe: " << ready.error() << '\n', kUnavailable;
  if (folder)
    return transcribe_folder(**connection,
                             {.folder = order.files[0], .out = order.folder, .extension = extension_of(order.format), .options = options_of(order)},
                             shared.json);
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
  command->add_option("files", order->files, "audio or video files, or one folder of them: what is in it, done or not, decides what is left to do")
      ->required()
      ->check(CLI::ExistingPath);
  command->add_option("-f,--format", order->format, "text, json, verbose_json, diarized_json, srt, vtt or markdown")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json", "verbose_json", "diarized_json", "srt", "vtt", "markdown"}));
  command->add_option("-l,--language", order->language, "two letters (en, de, …); else it is detected");
  command->add_option("-m,--model", order->model, "a speech model or upstream")->capture_default_str();
  command->add_flag("--raw", order->raw, "the first stage alone: words as the speech model heard them");
  command
      ->add_flag("--speakers{true}", order->speakers,
                 "tell who says what: A, B, … as they are first heard; --speakers=N: there are at most N, up to 26")
      ->check(CLI::IsMember({"true"}) | CLI::Range(std::size_t{1}, kMostSpeakers));
  command->add_flag("--edits", order->edits, "tell on stderr what the second stage changed, and what it did not let the language model change");
  command->add_flag("--redact{true}", order->redact,
                    "hide personal data and secrets; --redact=OPERATOR: placeholder (the default) or surrogate (can be restored), mask, hash, drop");
  command->add_option("--types", order->types, "hide only these, with commas: CREDIT_CARD,EMAIL_ADDRESS")->delimiter(',')->allow_extra_args(false);
  command->add_option("-c,--conversation", order->conversation, "a name: `demarc redact --restore` with it gives back what was hidden");
  command->add_option("--mute", order->mute, "also write the recording with all that is hidden silenced, as WAV: a file, or a folder");
  command->add_option("-o,--output", order->folder, "write a file per input into this folder; of a folder: else beside the recordings")
      ->check(CLI::ExistingDirectory);
}

}  // namespace demarc::cli
