// SHA-256 of files, and the one digest that stands for a model of several files.
//
//   const FileDigest found = TRY(digest_file(path, stop, [](std::uint64_t more_bytes) { … }));
//   root_digest(files)     // what `cd by-name/NAME && LC_ALL=C sha256sum * | sha256sum` prints, after "sha256:"
//
// Any thread; a Sha256 belongs to one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "models/error.hpp"

namespace demarc::models {

// One file of a model: its path inside the model's folder, and the bytes it must have.
struct FileSpec {
  std::string path;
  std::uint64_t size_bytes = 0;
  std::string sha256;  // 64 lower-case hex digits
  friend bool operator==(const FileSpec&, const FileSpec&) = default;
};

class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  std::string hex();  // ends it

 private:
  struct Free {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, Free> context_;
};

struct FileDigest {
  std::uint64_t size_bytes = 0;
  std::string sha256;
};
using OnBytes = std::function<void(std::uint64_t more_bytes)>;
ModelResult<FileDigest> digest_file(const std::filesystem::path& file, const std::stop_token& stop, const OnBytes& on_bytes);

// "sha256:" and the SHA-256 of the lines `SHA256  PATH\n`, sorted by path.
std::string root_digest(std::span<const FileSpec> files);
std::uint64_t total_bytes(std::span<const FileSpec> files);
bool is_sha256(std::string_view text);

}  // namespace demarc::models
