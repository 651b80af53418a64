// Every command, one line each: cli.cpp adds them in this order, which is the order of --help.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "cli/shared.hpp"

namespace demarc::cli {

void add_serve(CLI::App& app, Shared& shared);
void add_reload(CLI::App& app, Shared& shared);
void add_doctor(CLI::App& app, Shared& shared);
void add_status(CLI::App& app, Shared& shared);
void add_version(CLI::App& app, Shared& shared);
void add_ask(CLI::App& app, Shared& shared);
void add_transcribe(CLI::App& app, Shared& shared);
void add_index(CLI::App& app, Shared& shared);
void add_complete(CLI::App& app, Shared& shared);
void add_parse(CLI::App& app, Shared& shared);
void add_embed(CLI::App& app, Shared& shared);
void add_classify(CLI::App& app, Shared& shared);
void add_batch(CLI::App& app, Shared& shared);  // and files
void add_redact(CLI::App& app, Shared& shared);
void add_models(CLI::App& app, Shared& shared);
void add_bench(CLI::App& app, Shared& shared);
void add_policy(CLI::App& app, Shared& shared);
void add_audit(CLI::App& app, Shared& shared);
void add_keys(CLI::App& app, Shared& shared);
void add_usage(CLI::App& app, Shared& shared);
void add_plan(CLI::App& app, Shared& shared);
void add_risk(CLI::App& app, Shared& shared);
void add_completion(CLI::App& app, Shared& shared);

// Adds a subcommand with --json whose body gives the exit code.
CLI::App* add_command(CLI::App& app, Shared& shared, const std::string& name, const std::string& description, std::function<int()> body);

}  // namespace demarc::cli
