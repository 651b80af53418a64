// redaction: and vault: of demarc.yaml.
#include "base/strings.hpp"
#include "config/context.hpp"

namespace demarc::config {
namespace {

constexpr std::size_t kMaxSecretBytes = 64 * 1024, kLeastHashKey = 16;

std::string read_hash_key(const YamlNode& node, LoadContext& context) {
  const std::string path = resolve(context.folder, std::string(trim(node.text)));
  const std::string what = node.expanded ? "the file of hash_key" : path;  // what a variable held is not repeated
  const auto file = context.environment.read(path, kMaxSecretBytes);
  if (!file) return context.problems.error(node, what + ": " + std::string(to_string(file.error()))), "";
  if (file->world_readable) context.problems.warn(node, what + " is readable by everybody; chmod 600 it");
  std::string key(trim(file->text));
  if (key.size() < kLeastHashKey) context.problems.error(node, what + " holds fewer than 16 characters, which can be guessed");
  return key;
}

void load_vault(const Fields& vault, LoadContext& context, VaultSettings& settings) {
  settings.keep = vault.text("keep") == "file" ? VaultKeep::file : VaultKeep::memory;
  settings.life_hours = vault.whole("life_hours").value_or(settings.life_hours);
  settings.conversations = vault.whole("conversations").value_or(settings.conversations);
  settings.mib = vault.whole("mib").value_or(settings.mib);
  const auto key = vault.section("key");
  if (key) {
    if (const auto file = key->text("file")) settings.key_file = resolve(context.folder, *file);
    for (const YamlNode* item : key->list("command")) settings.key_command.push_back(item->text);
    if (settings.key_file.empty() == settings.key_command.empty()) context.problems.error(key->map(), "vault.key: either file or command");
  } else if (settings.keep == VaultKeep::file) {
    context.problems.error(vault.map(), "vault: keep: file needs key: {file: PATH} or key: {command: [PROGRAM, …]}");
  }
  if (key && settings.keep == VaultKeep::memory) context.problems.warn(key->map(), "vault.key: unused while the vault is kept in memory");
}

}  // namespace

void load_redaction(const Fields& root, LoadContext& context, Config& config) {
  if (const auto redaction = root.section("redaction")) {
    if (redaction->text("style") == "surrogate") config.redaction.style = RedactionStyle::surrogate;
    if (const auto tools = redaction->section("tools"))
      for (const YamlNode* item : tools->list("never")) config.redaction.tools_never.emplace_back(trim(item->text));
    const auto hash_key = redaction->section("hash_key");
    const YamlNode* file = hash_key ? hash_key->scalar("file") : nullptr;
    if (file != nullptr && context.serving() && !file->unexpanded) config.redaction.hash_key = read_hash_key(*file, context);
  }
  if (const auto vault = root.section("vault")) load_vault(*vault, context, config.vault);
}

}  // namespace demarc::config
