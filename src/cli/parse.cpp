// demarc parse FILE... | FOLDER: documents to Markdown or JSON; what is personal hidden on request, in the text and on the pages.
#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/parse/run.hpp"

namespace demarc::cli {
namespace {

constexpr const char* kFooter = R"(Every file goes by what its bytes are: PDF, pictures (PNG, JPEG, TIFF, GIF,
WebP, BMP), Word, Excel, PowerPoint, HTML, e-mail with its attachments, plain
text.

Examples:
  demarc parse report.pdf                     Markdown to stdout
  demarc parse --json --pages 0-2 report.pdf  blocks, tables, boxes, confidences
  demarc parse --redact clean.pdf letter.pdf  the letter without what is found
  demarc parse SCANS -o TEXTS                 again: goes on where it stood

Exit codes: 0 all done, 1 a file was not read (stderr says why), 2 usage,
3 denied, 4 no gateway or no engine for documents.
More: docs/reference/documents.md)";

}  // namespace

void add_parse(CLI::App& app, Shared& shared) {
  auto order = std::make_shared<ParseOrder>();
  CLI::App* command = add_command(app, shared, "parse", "documents to Markdown or JSON", [&shared, order] {
    order->json = shared.json;
    return run_parse(shared, *order);
  });
  command->footer(kFooter);
  command->add_option("files", order->files, "documents, or one folder of them: what is in it, done or not, decides what is left to do")
      ->required()
      ->check(CLI::ExistingPath);
  command->add_option("-f,--format", order->format, "markdown, or json (as POST /v1/ocr answers)")
      ->capture_default_str()
      ->check(CLI::IsMember({"markdown", "json"}));
  command->add_option("-p,--pages", order->pages, "only these, from 0: 0-3,7");
  command->add_option("-m,--model", order->model, "a model or upstream for documents")->capture_default_str();
  command->add_flag("--images", order->images, "with the figures in the pages (JSON)");
  command->add_flag("--page-images", order->page_images, "with a picture of each page (JSON)");
  command->add_flag("--html-tables", order->html_tables, "tables as HTML, which keeps merged cells");
  command->add_option("--redact", order->redact,
                      "hide what is found, and write the document without it as PDF: a file, or a folder; text and picture are gone, not covered");
  command->add_option("--operator", order->op, "what stands in the text instead: placeholder or surrogate (can be restored), mask, hash or drop")
      ->capture_default_str()
      ->check(CLI::IsMember({"placeholder", "mask", "hash", "surrogate", "drop"}));
  command->add_option("--types", order->types, "hide only these, with commas: CREDIT_CARD,EMAIL_ADDRESS")->delimiter(',')->allow_extra_args(false);
  command->add_option("-c,--conversation", order->conversation, "a name: `demarc redact --restore` with it gives back what was hidden");
  command->add_option("-o,--output", order->folder, "write a file per document into this folder; of a folder: else beside the documents")
      ->check(CLI::ExistingDirectory);
}

}  // namespace demarc::cli
