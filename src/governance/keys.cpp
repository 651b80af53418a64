#include "governance/keys.hpp"

#include <array>

#include "base/encode.hpp"
#include "base/strings.hpp"

namespace demarc::governance {
namespace {

constexpr std::size_t kPepperBytes = 32, kMaxKeyFileBytes = 4096;

KeysError disk_failure(const std::string& path, DiskError error) { return {path + ": " + std::string(to_string(error))}; }

// The file's one line; what `make` gives is written first if there is no file.
template <class Make>
Result<std::string, KeysError> read_or_create(Disk& disk, const std::string& path, Make&& make) {
  auto found = read_file(disk, path, kMaxKeyFileBytes);
  if (!found && found.error() == DiskError::not_found) {
    const std::string line = make() + "\n";
    auto written = write_file_durably(disk, path, line, 0600);
    if (!written) return fail(disk_failure(path, written.error()));
    return std::string(trim(line));
  }
  if (!found) return fail(disk_failure(path, found.error()));
  return std::string(trim(found.value()));
}

}  // namespace

std::string default_origin(std::string_view host, Random& random) {
  const auto bytes = random.bytes<4>();
  const std::string id = to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return std::string(is_note_name(host) ? host : "demarc") + "/" + id;
}

Result<Keys, KeysError> load_or_create_keys(Disk& disk, const std::string& secret_dir, std::string_view origin, OriginRule rule, Random& random) {
  if (!is_note_name(origin)) return fail(KeysError{"audit.origin: a log's name is not empty and has neither white space nor a plus sign"});
  auto made = make_directories(disk, secret_dir, 0700);
  if (!made) return fail(disk_failure(secret_dir, made.error()));

  const std::string key_path = secret_dir + "/log.key", pepper_path = secret_dir + "/pepper";
  const std::string key_text = TRY(read_or_create(disk, key_path, [&] { return NoteSigner::create(std::string(origin), random).print(); }));
  auto signer = NoteSigner::parse(key_text);
  if (!signer) return fail(KeysError{key_path + ": not a signing key; restore it from your backup"});
  if (rule == OriginRule::required && signer->name() != origin)
    return fail(KeysError{key_path + ": belongs to the log " + signer->name() + ", but audit.origin says " + std::string(origin)});

  const std::string pepper_text = TRY(read_or_create(disk, pepper_path, [&] {
    const auto bytes = random.bytes<kPepperBytes>();
    return to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }));
  auto pepper = from_hex(pepper_text);
  if (!pepper || pepper->size() != kPepperBytes) return fail(KeysError{pepper_path + ": not 32 bytes in hex; restore it from your backup"});
  return Keys{std::move(*signer), std::move(*pepper)};
}

}  // namespace demarc::governance
