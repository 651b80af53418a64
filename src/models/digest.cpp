#include "models/digest.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/encode.hpp"
#include "models/disk.hpp"

namespace demarc::models {
namespace {
EVP_MD_CTX* context_of(void* context) { return static_cast<EVP_MD_CTX*>(context); }
}  // namespace

ModelError disk_error(std::string_view what, std::string_view where, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return {full ? ModelErrorKind::no_space : ModelErrorKind::disk,
          "could not " + std::string(what) + " " + std::string(where) + ": " + std::strerror(error),
          full ? "free some space, or move the data folder to a larger disk" : ""};
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) { CHECK(context_ && EVP_DigestInit_ex(context_of(context_.get()), EVP_sha256(), nullptr) == 1); }

void Sha256::update(std::string_view bytes) { CHECK(EVP_DigestUpdate(context_of(context_.get()), bytes.data(), bytes.size()) == 1); }

std::string Sha256::hex() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size_bytes = 0;
  CHECK(EVP_DigestFinal_ex(context_of(context_.get()), digest, &size_bytes) == 1);
  return to_hex(std::string_view(reinterpret_cast<const char*>(digest), size_bytes));
}

void Sha256::Free::operator()(void* context) const { EVP_MD_CTX_free(context_of(context)); }

ModelResult<FileDigest> digest_file(const std::filesystem::path& file, const std::stop_token& stop, const OnBytes& on_bytes) {
  const Fd in(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.get() < 0) return fail(disk_error("open", file.native(), errno));
  Sha256 sha256;
  FileDigest found;
  std::vector<char> buffer(1 << 20);
  while (true) {
    if (stop.stop_requested()) return fail(ModelError{ModelErrorKind::cancelled, "cancelled"});
    const ssize_t got = read(in.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(disk_error("read", file.native(), errno));
    if (got == 0) break;
    sha256.update({buffer.data(), static_cast<std::size_t>(got)});
    found.size_bytes += static_cast<std::uint64_t>(got);
    if (on_bytes) on_bytes(static_cast<std::uint64_t>(got));
  }
  found.sha256 = sha256.hex();
  return found;
}

std::string root_digest(std::span<const FileSpec> files) {
  std::vector<const FileSpec*> sorted;
  for (const FileSpec& file : files) sorted.push_back(&file);
  std::ranges::sort(sorted, {}, &FileSpec::path);
  Sha256 sha256;
  for (const FileSpec* file : sorted) sha256.update(file->sha256 + "  " + file->path + "\n");
  return "sha256:" + sha256.hex();
}

std::uint64_t total_bytes(std::span<const FileSpec> files) {
  std::uint64_t sum = 0;
  for (const FileSpec& file : files) sum += file.size_bytes;
  return sum;
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace demarc::models
