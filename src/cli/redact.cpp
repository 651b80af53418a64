// demarc redact [FILE|FOLDER...]: its command line. What it does is in cli/redact/.
#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/redact/run.hpp"

namespace demarc::cli {
namespace {

constexpr const char* kFooter = R"(Every file goes by what its bytes are. Texts (CSV, HTML, XML, JSON, JSON lines)
and e-mails are redacted in place, in the encoding they came in; JPEG, PNG, GIF
and WebP lose their metadata. What nobody can look into (PDF, Office, archives)
is named with the next step and is not written.

Examples:
  demarc redact letter.txt                      to stdout, a summary to stderr
  demarc redact -c case-7 LETTERS -o OUT --report findings.csv
  demarc redact LETTERS -o OUT                  again: goes on where it stood
  demarc redact --operator mask --types EMAIL_ADDRESS,IBAN_CODE a.csv
  demarc redact -c case-7 --restore answer.txt  by the gateway that hid it

Exit codes: 0 all done, 1 a file was not redacted (stderr says why), 2 usage,
3 denied, 4 no gateway, or its detector of names does not answer.

Limits: 256 MiB a file; 64 MiB for one JSON document, e-mail or picture, and
what limits.examine_mib of the gateway allows; 1,000,000 files.
More: docs/reference/redactions.md)";

}  // namespace

void add_redact(CLI::App& app, Shared& shared) {
  auto order = std::make_shared<RedactOrder>();
  CLI::App* command = add_command(app, shared, "redact", "hide personal data and secrets in files and folders", [&shared, order] {
    order->json = shared.json;
    return run_redact(shared, *order);
  });
  command->footer(kFooter);
  command->add_option("paths", order->paths, "files and folders; none: standard input")->check(CLI::ExistingPath);
  command->add_option("--operator", order->op, "placeholder or surrogate (can be restored), mask, hash or drop")
      ->capture_default_str()
      ->check(CLI::IsMember({"placeholder", "mask", "hash", "surrogate", "drop"}));
  command->add_option("--types", order->types, "only these, with commas: CREDIT_CARD,EMAIL_ADDRESS; else all")->delimiter(',');
  command->add_option("-c,--conversation", order->conversation,
                      "a name: equal values get equal placeholders in all files, and --restore knows them; without it each file stands alone");
  command->add_flag("--restore", order->restore, "give back what placeholders stand for");
  command->add_flag("--explain", order->explain, "list every finding: where, by which tier, how sure, why");
  command->add_option("-o,--output", order->folder, "write each result below this folder, and remember there what is done");
  command->add_flag("--restart", order->restart, "do all files anew, also those that --output remembers as done")->needs("--output");
  command->add_flag("--hidden", order->hidden, "files and folders whose names begin with a dot too");
  command->add_option("--report", order->report, "write all findings to this CSV file (JSON if it ends in .json); places and types, no contents");
}

}  // namespace demarc::cli
