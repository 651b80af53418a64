// What the tests of this module share: a folder that goes away, a small model, an archive made of texts.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "models/catalogue.hpp"

namespace demarc::models {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "models_test.XXXXXX").native();
    CHECK(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline void write_file(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string sha256_of(const std::string& text) {
  Sha256 sha256;
  sha256.update(text);
  return sha256.hex();
}

inline FileSpec spec(const std::string& path, const std::string& text) { return {path, text.size(), sha256_of(text)}; }

enum class ArchiveFormat : std::uint8_t { zip, tgz };
inline void write_archive(const std::filesystem::path& file, ArchiveFormat format, const std::vector<std::pair<std::string, std::string>>& members) {
  std::filesystem::create_directories(file.parent_path());
  archive* writer = archive_write_new();
  if (format == ArchiveFormat::zip) {
    archive_write_set_format_zip(writer);
  } else {
    archive_write_set_format_ustar(writer);
    archive_write_add_filter_gzip(writer);
  }
  CHECK(archive_write_open_filename(writer, file.c_str()) == ARCHIVE_OK);
  for (const auto& [name, text] : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    CHECK(archive_write_header(writer, entry) == ARCHIVE_OK);
    CHECK(archive_write_data(writer, text.data(), text.size()) == static_cast<la_ssize_t>(text.size()));
    archive_entry_free(entry);
  }
  CHECK(archive_write_close(writer) == ARCHIVE_OK);
  archive_write_free(writer);
}

inline constexpr const char* kCommit = "0123456789012345678901234567890123456789";

// A model of one file, "weights.bin", found on a hub.
inline Entry small_model(const std::string& weights) {
  Entry entry{.name = "small", .summary = "A model for tests", .licence = "Apache-2.0", .engine = "llama.cpp", .roles = {Role::chat}};
  entry.origin = {"Someone", "https://example.org/Small", "made here"};
  entry.files = {spec("weights.bin", weights)};
  entry.sources = {{.kind = SourceKind::hf, .repo = "someone/small", .revision = kCommit, .files = {{.path = "weights.bin", .from = "weights.bin"}}}};
  return entry;
}

}  // namespace demarc::models
