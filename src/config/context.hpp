// LoadContext: what every step of loading one file needs. Lives for one load(), on one thread.
#pragma once

#include <string>

#include "config/config.hpp"
#include "config/fields.hpp"
#include "config/problems.hpp"

namespace demarc::config {

struct LoadContext {
  const Environment& environment;
  LoadMode mode;
  std::string folder;  // of the file, absolute
  Problems& problems;
  [[nodiscard]] bool serving() const { return mode == LoadMode::serve; }
};

// Absolute, without "." and "..".
std::string resolve(const std::string& folder, const std::string& path);

// A key read from where `node` says; "" after reporting what is wrong. Nothing of a key ever stands in a message.
std::string read_secret(const YamlNode& node, LoadContext& context);

void load_upstreams(const Fields& root, LoadContext& context, Config& config);  // upstreams and their origins; reads egress before
void load_names(const Fields& root, LoadContext& context, Routing& routing);    // workloads, aliases, substitutes: each name one thing only
void load_redaction(const Fields& root, LoadContext& context, Config& config);  // redaction, vault
void load_costs(const Fields& root, LoadContext& context, Config& config);      // costs, budgets

}  // namespace demarc::config
