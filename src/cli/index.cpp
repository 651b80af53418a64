// demarc index FOLDER: makes a folder's documents searchable, and keeps the index up to date: only what changed is read again.
#include "retrieval/index.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "base/encode.hpp"
#include "base/strings.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/place.hpp"
#include "cli/progress.hpp"
#include "cli/read_document.hpp"
#include "core/hmac.hpp"
#include "core/io/http.hpp"
#include "core/json/writer.hpp"
#include "retrieval/labels.hpp"

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;
using retrieval::DocumentIndex;

constexpr int kReadyTimeoutMs = 120'000;
constexpr std::uintmax_t kMostFileBytes = 16U << 20U, kMostDocumentBytes = 1U << 30U;  // limits.document_mib is what the engine takes
constexpr std::size_t kMostFiles = 50'000, kMostChunks = 200'000, kTextsOfARequest = 64;
constexpr auto kEndings = std::to_array<std::string_view>(
    {".md", ".markdown", ".txt", ".text", ".rst", ".adoc", ".tex", ".log", ".csv", ".tsv", ".json", ".yaml", ".yml", ".toml", ".ini", ".py", ".js",
     ".ts", ".go",       ".rs",  ".java", ".c",   ".h",    ".cpp", ".hpp", ".cs",  ".rb",  ".php",  ".sh",   ".sql", ".html", ".htm", ".xml"});

struct Order {
  std::string folder, name, model = "auto";
  Asking asking;
  std::string label;
  bool again = false;
};

struct Found {
  std::string path;  // below the folder
  fs::path file;
  bool is_document = false;  // to be read by whoever serves documents
};

struct Outcome {
  std::size_t documents = 0, indexed = 0, unchanged = 0, removed = 0, chunks = 0;
  std::vector<std::pair<std::string, std::string>> left_out;  // path, why
  std::string embedded_by;
};

Result<std::vector<Found>, std::string> documents_of(const fs::path& folder) {
  std::error_code failed;
  if (!fs::is_directory(folder, failed)) return fail(folder.string() + ": is no folder");
  std::vector<Found> found;
  for (auto at = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, failed); at != fs::end(at);
       at.increment(failed)) {
    if (at->path().filename().native().starts_with('.')) {  // .git, .demarc-labels.yaml
      if (at->is_directory(failed)) at.disable_recursion_pending();
      continue;
    }
    const std::string ending = to_lower(at->path().extension().string());
    if (!at->is_regular_file(failed) || at->is_symlink(failed) ||
        !(is_document_ending(ending) || std::ranges::find(kEndings, ending) != kEndings.end()))
      continue;
    if (found.size() == kMostFiles) return fail(folder.string() + ": holds more than 50,000 documents");
    found.push_back({at->path().lexically_relative(folder).generic_string(), at->path(), is_document_ending(ending)});
  }
  std::ranges::sort(found, {}, &Found::path);
  return found;
}

Result<retrieval::FolderLabels, std::string> labels_of(const fs::path& folder) {
  std::ifstream in(folder / ".demarc-labels.yaml", std::ios::binary);
  if (!in) return retrieval::FolderLabels{};
  return retrieval::read_folder_labels(std::string{std::istreambuf_iterator<char>(in), {}});
}

// What is embedded of a chunk: where it stands tells what it is about.
std::string text_to_embed(const retrieval::Chunk& chunk) { return chunk.heading.empty() ? chunk.text : chunk.heading + "\n" + chunk.text; }

void count_points(std::string_view text, std::vector<retrieval::IndexedChunk>& chunks) {
  std::size_t at = 0, points = 0;
  const auto go_to = [&](std::size_t to) {
    for (; at < to; ++at) points += (static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80U ? 1 : 0;
    return points;
  };
  for (retrieval::IndexedChunk& each : chunks) {
    each.begin_points = go_to(each.chunk.begin);
    each.end_points = go_to(each.chunk.end);
  }
}

class Indexer {
 public:
  Indexer(DocumentIndex& index, Connection& connection, const Order& order) : index_(index), connection_(connection), order_(order) {}

  Result<Outcome, JobFault> run() {
    const auto found = documents_of(order_.folder);
    if (!found) return fail(JobFault{kFailed, found.error()});
    const auto labels = labels_of(order_.folder);
    if (!labels) return fail(JobFault{kFailed, labels.error()});
    const auto entries = index_.entries();
    if (!entries) return fail(JobFault{kFailed, entries.error()});
    std::map<std::string, retrieval::Entry, std::less<>> known;
    for (const retrieval::Entry& entry : *entries) known.emplace(entry.path, entry);
    Counter counter(std::cerr, on_terminal(), "documents");
    for (std::size_t i = 0; i < found->size(); ++i) {
      counter.show(static_cast<std::int64_t>(i), static_cast<std::int64_t>(found->size()));
      TRY(take((*found)[i], *labels, known));
    }
    for (const auto& [path, entry] : known) {
      if (const auto removed = index_.remove(path); !removed) return fail(JobFault{kFailed, removed.error()});
      ++outcome_.removed;
    }
    counter.end();
    outcome_.documents = outcome_.indexed + outcome_.unchanged;
    if (const auto chunks = index_.chunk_count()) outcome_.chunks = static_cast<std::size_t>(*chunks);
    if (const auto model = index_.embedded_by()) outcome_.embedded_by = *model;
    return std::move(outcome_);
  }

 private:
  // Of `known` what is found is taken out: the rest is gone.
  Result<void, JobFault> take(const Found& found, const retrieval::FolderLabels& labels,
                              std::map<std::string, retrieval::Entry, std::less<>>& known) {
    std::error_code failed;
    const bool is_text = !found.is_document;
    const auto size_bytes = fs::file_size(found.file, failed);
    const std::uintmax_t most = is_text ? kMostFileBytes : kMostDocumentBytes;
    if (failed || size_bytes > most) return leave_out(found, failed ? "cannot be read" : "is larger than " + std::to_string(most >> 20U) + " MiB");
    std::ifstream in(found.file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (is_text && (!is_utf8(bytes) || bytes.find('\0') != std::string::npos)) return leave_out(found, "is no text in UTF-8");
    auto label = retrieval::higher(parse_sensitivity(order_.label), labels.of(found.path));
    if (is_text) label = retrieval::higher(label, retrieval::label_in(bytes));
    retrieval::Entry entry{.path = found.path, .digest = to_hex(bytes_of(hmac_sha256("document", bytes))), .label = label};
    const auto before = known.find(found.path);
    const bool same = before != known.end() && before->second.digest == entry.digest && !order_.again;
    const bool relabelled = same && before->second.label != label;
    if (relabelled)
      if (const auto changed = index_.relabel(entry.path, label); !changed) return fail(JobFault{kFailed, changed.error()});
    auto document = same || is_text ? Result<retrieval::Document, JobFault>({.path = entry.path, .text = same ? "" : bytes}) : read(entry, bytes);
    if (!document && document.error().code == kDenied) return fail(std::move(document).error());
    // What cannot be read now stays as it was; what cannot be read at all is gone.
    if (before != known.end() && (document || document.error().code == kUnavailable)) known.erase(before);
    if (!document) return leave_out(found, document.error().why);
    if (same) return ++outcome_.unchanged, Result<void, JobFault>{};
    TRY(put(entry, *document));
    ++outcome_.indexed;
    return {};
  }

  Result<retrieval::Document, JobFault> read(const retrieval::Entry& entry, const std::string& bytes) {
    if (!reader_ready_) {
      const auto ready = connection_.wait_ready(kReadyTimeoutMs, "ocr");
      reader_ready_ = ready ? "" : ready.error();
    }
    if (!reader_ready_->empty()) return fail(JobFault{kUnavailable, *reader_ready_});
    Headers headers = headers_of(order_.asking, entry.label);
    headers.add("demarc-class", "batch");
    ReadDocument document = TRY(read_document(connection_, fs::path(entry.path).filename().string(), bytes, headers));
    return retrieval::Document{.path = entry.path, .text = std::move(document.text), .is_markdown = true, .is_paged = document.is_paged};
  }

  Result<void, JobFault> leave_out(const Found& found, std::string why) {
    outcome_.left_out.emplace_back(found.path, std::move(why));
    return {};
  }

  Result<void, JobFault> put(const retrieval::Entry& entry, const retrieval::Document& document) {
    std::vector<retrieval::IndexedChunk> chunks;
    for (retrieval::Chunk& chunk : retrieval::chunks_of(document, {})) chunks.push_back({.chunk = std::move(chunk), .vector = {}});
    count_points(document.text, chunks);
    const auto count = index_.chunk_count();
    if (!count) return fail(JobFault{kFailed, count.error()});
    if (static_cast<std::size_t>(*count) + chunks.size() > kMostChunks)
      return fail(JobFault{kFailed, "an index holds at most 200,000 pieces of documents; make one for each folder"});
    const Headers headers = headers_of(order_.asking, entry.label);
    for (std::size_t at = 0; at < chunks.size(); at += kTextsOfARequest) {
      std::vector<std::string> texts;
      for (std::size_t i = at; i < std::min(at + kTextsOfARequest, chunks.size()); ++i) texts.push_back(text_to_embed(chunks[i].chunk));
      std::vector<std::vector<float>> vectors = TRY(embed_all(std::move(texts), headers));
      for (std::size_t i = 0; i < vectors.size(); ++i) chunks[at + i].vector = std::move(vectors[i]);
    }
    if (const auto done = index_.put(entry, chunks); !done) return fail(JobFault{kFailed, done.error()});
    return {};
  }

  // What is too dense for the model's context (tables of signs, say) is found by halves, and of such a text the beginning is embedded.
  Result<std::vector<std::vector<float>>, JobFault> embed_all(std::vector<std::string> texts, const Headers& headers) {
    auto embedded = embed(connection_, texts, order_.model, headers);
    if (embedded) {
      TRY(same_model(embedded->model));
      return std::move(embedded->vectors);
    }
    constexpr std::size_t kShortest = 64;
    const bool is_about_one = texts.size() == 1;
    if (embedded.error().code == kDenied || embedded.error().code == kUnavailable || (is_about_one && texts[0].size() < 2 * kShortest))
      return fail(std::move(embedded).error());
    if (is_about_one) {
      std::size_t half = texts[0].size() / 2;
      while (half > 0 && (static_cast<unsigned char>(texts[0][half]) & 0xc0U) == 0x80U) --half;
      texts[0].resize(half);
      return embed_all(std::move(texts), headers);
    }
    std::vector<std::string> rest(std::make_move_iterator(texts.begin() + static_cast<std::ptrdiff_t>(texts.size() / 2)),
                                  std::make_move_iterator(texts.end()));
    texts.resize(texts.size() / 2);
    std::vector<std::vector<float>> vectors = TRY(embed_all(std::move(texts), headers)), more = TRY(embed_all(std::move(rest), headers));
    std::ranges::move(more, std::back_inserter(vectors));
    return vectors;
  }

  Result<void, JobFault> same_model(const std::string& model) {
    const auto before = index_.embedded_by();
    if (!before) return fail(JobFault{kFailed, before.error()});
    if (*before == model) return {};
    if (!before->empty() && !(order_.again && !renamed_))
      return fail(JobFault{kFailed, "the index was made with " + *before + ", and now " + model +
                                        " answers; vectors of two models cannot be compared: demarc index --again"});
    renamed_ = true;
    if (const auto set = index_.set_embedded_by(model); !set) return fail(JobFault{kFailed, set.error()});
    return {};
  }

  DocumentIndex& index_;
  Connection& connection_;
  const Order& order_;
  bool renamed_ = false;
  std::optional<std::string> reader_ready_;  // why nobody reads documents; "": somebody does; nullopt: nobody was asked
  Outcome outcome_;
};

void print_json(const std::string& name, const Outcome& outcome) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("index", name);
    json.field("documents", outcome.documents), json.field("indexed", outcome.indexed), json.field("unchanged", outcome.unchanged);
    json.field("removed", outcome.removed), json.field("pieces", outcome.chunks), json.field("embedded_by", outcome.embedded_by);
    json.array("left_out", [&] {
      for (const auto& file : outcome.left_out) json.object([&] { json.field("path", file.first), json.field("why", file.second); });
    });
  });
  std::cout << out << '\n';
}

int stop(int code, const std::string& why) { return std::cerr << "demarc index: " << why << '\n', code; }

int index(const Shared& shared, const Order& order) {
  if (!order.label.empty() && !parse_sensitivity(order.label)) return stop(kUsage, "--label: expected public, internal, confidential or restricted");
  const auto place = find_place(shared);
  if (!place) return stop(kFailed, place.error());
  std::error_code failed;
  const std::string name = order.name.empty() ? fs::canonical(order.folder, failed).filename().string() : order.name;
  const auto file = index_file(place->data, name);
  if (!file) return stop(kUsage, "--name: expected letters, digits, '.', '_' and '-'");
  auto connection = Connection::open(*place, Connection::IfNone::start_one);
  if (!connection) return stop(kFailed, connection.error());
  if (const auto ready = (*connection)->wait_ready(kReadyTimeoutMs, "embedding"); !ready) return stop(kUnavailable, ready.error());
  auto index = DocumentIndex::open(*file, retrieval::OpenMode::create);
  if (!index) return stop(kFailed, index.error());
  const auto outcome = Indexer(*index, **connection, order).run();
  if (!outcome) return stop(outcome.error().code, outcome.error().why);
  for (const auto& [path, why] : outcome->left_out) std::cerr << path << ": " << why << ", left out\n";
  if (shared.json) return print_json(name, *outcome), kOk;
  std::cout << name << ": " << outcome->documents << " documents, " << outcome->chunks << " pieces · " << outcome->indexed << " read, "
            << outcome->unchanged << " unchanged, " << outcome->removed << " gone\n";
  return kOk;
}

}  // namespace

void add_index(CLI::App& app, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command = add_command(app, shared, "index", "makes a folder's documents searchable", [&shared, order] { return index(shared, *order); });
  command->add_option("folder", order->folder, "Markdown, plain text, code; PDF, Word, Excel, PowerPoint, e-mail, scans")->required();
  command->add_option("--name", order->name, "of the index (else the folder's)");
  command->add_option("--label", order->label, "how sensitive all of them are at least: public, internal, confidential or restricted");
  command->add_option("-m,--model", order->model, "the embedding model, alias, workload/NAME, or auto")->capture_default_str();
  command->add_option("-s,--sensitivity", order->asking.sensitivity, "of the requests: only tightens");
  command->add_option("-w,--workload", order->asking.workload, "the workload this is for");
  command->add_flag("--again", order->again, "read and embed everything anew");
}

}  // namespace demarc::cli
