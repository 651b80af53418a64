#include "cli/cli.hpp"

#include <exception>
#include <iostream>
#include <memory>
#include <sstream>

#include "cli/commands.hpp"
#include "cli/version.hpp"

namespace demarc::cli {
namespace {

constexpr const char* kAbout =
    "demarc decides per AI request whether a model on your own hardware or one in\n"
    "the cloud serves it, under a written policy; it hides what may not leave,\n"
    "proves what happened, and knows what every request cost.\n\n"
    "First steps:\n"
    "  demarc models pull --starter      fetch the starter models\n"
    "  demarc serve                      serve on http://127.0.0.1:8400\n"
    "  demarc ask \"What is the capital of France?\"";

constexpr const char* kExitCodes = "Exit codes: 0 ok, 1 failed, 2 usage, 3 denied by policy, 4 unavailable,\n5 verification failed.";

// CLI11's layout, but no line longer than a terminal of 80 columns: descriptions are broken at spaces.
class Narrow : public CLI::Formatter {
 public:
  Narrow() { column_width(kLeftColumn); }
  std::string make_option_desc(const CLI::Option* option) const override { return wrapped(option->get_description(), kColumns - kLeftColumn); }
  std::string make_subcommand(const CLI::App* sub) const override {
    std::ostringstream out;
    CLI::detail::format_help(out, sub->get_name(), wrapped(sub->get_description(), kColumns - kLeftColumn), kLeftColumn);
    return out.str();
  }
  std::string make_description(const CLI::App* app) const override { return wrapped(app->get_description(), kColumns) + '\n'; }

 private:
  static constexpr std::size_t kColumns = 80, kLeftColumn = 22;
  // Line ends in the text stay; a word longer than a line is not cut.
  static std::string wrapped(std::string text, std::size_t width) {
    for (std::size_t begin = 0; text.size() - begin > width;) {
      std::size_t at = text.find('\n', begin);
      if (at == std::string::npos || at - begin > width) {
        at = text.rfind(' ', begin + width);
        if (at == std::string::npos || at <= begin) at = text.find_first_of(" \n", begin);
        if (at == std::string::npos) break;
        text[at] = '\n';
      }
      begin = at + 1;
    }
    return text;
  }
};

}  // namespace

CLI::App* add_command(CLI::App& app, Shared& shared, const std::string& name, const std::string& description, std::function<int()> body) {
  CLI::App* command = app.add_subcommand(name, description);
  command->add_flag("--json", shared.json, "print one JSON object on stdout; messages go to stderr");
  command->callback([&shared, body = std::move(body)] { shared.exit_code = body(); });
  return command;
}

int run(int argc, char** argv) {
  Shared shared;
  CLI::App app(kAbout, "demarc");
  app.footer(kExitCodes);
  app.require_subcommand(1);
  app.fallthrough();
  app.formatter(std::make_shared<Narrow>());
  app.add_option("--config", shared.config, "configuration file (docs/reference/config.md)");
  app.add_option("--data", shared.data, "data folder (else the one of the configuration)");
  app.set_version_flag("--version", std::string("demarc ") + kVersion);
  add_serve(app, shared);
  add_reload(app, shared);
  add_doctor(app, shared);
  add_status(app, shared);
  add_version(app, shared);
  add_ask(app, shared);
  add_transcribe(app, shared);
  add_index(app, shared);
  add_complete(app, shared);
  add_parse(app, shared);
  add_embed(app, shared);
  add_classify(app, shared);
  add_batch(app, shared);
  add_redact(app, shared);
  add_models(app, shared);
  add_bench(app, shared);
  add_policy(app, shared);
  add_audit(app, shared);
  add_keys(app, shared);
  add_usage(app, shared);
  add_plan(app, shared);
  add_risk(app, shared);
  add_completion(app, shared);
  try {
    app.parse(argc, argv);
    return shared.exit_code;
  } catch (const CLI::Success& done) {  // --help, --version
    return app.exit(done);
  } catch (const CLI::ParseError& error) {
    app.exit(error, std::cout, std::cerr);
    return kUsage;
  } catch (const std::exception& error) {
    std::cerr << "demarc: " << error.what() << '\n';
    return kFailed;
  }
}

}  // namespace demarc::cli
