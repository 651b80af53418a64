// demarc completion SHELL: a completion script made from the commands themselves, so it cannot lag behind them.
#include <iostream>

#include "cli/cli.hpp"
#include "cli/commands.hpp"

namespace demarc::cli {
namespace {

std::string words_of(const CLI::App& command) {
  std::string words;
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) words += sub->get_name() + " ";
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
  return words;
}

void bash(const CLI::App& app) {
  std::cout << "_demarc() {\n  local cur=${COMP_WORDS[COMP_CWORD]} words\n  case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n";
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    for (const CLI::App* sub : command->get_subcommands([](const CLI::App*) { return true; }))
      std::cout << "    \"" << command->get_name() << " " << sub->get_name() << "\") words=\"" << words_of(*sub) << "\" ;;\n";
    std::cout << "    \"" << command->get_name() << " \"*) words=\"" << words_of(*command) << "\" ;;\n";
  }
  std::cout << "    *) words=\"" << words_of(app) << "\" ;;\n  esac\n"
            << "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n  [[ ${#COMPREPLY[@]} -eq 0 && $cur != -* ]] && COMPREPLY=($(compgen -f -- "
               "\"$cur\"))\n}\ncomplete -F _demarc demarc\n";
}

}  // namespace

void add_completion(CLI::App& app, Shared& shared) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = add_command(app, shared, "completion", "a completion script for bash, zsh or fish", [&app, shell] {
    if (*shell == "zsh") std::cout << "autoload -U +X bashcompinit && bashcompinit\n";
    if (*shell == "fish") {
      for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
        std::cout << "complete -c demarc -n __fish_use_subcommand -a " << sub->get_name() << " -d '" << sub->get_description() << "'\n";
      return kOk;
    }
    bash(app);
    return kOk;
  });
  command->add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace demarc::cli
