// TextClient: vectors and labels of many texts from the gateway, so many at a time, with progress.
//
//   TextClient client(*connection, "minilm-l6", progress);
//   const text::Samples samples = TRY(client.vectors(texts));
//
// One thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/connection.hpp"
#include "text/samples.hpp"

namespace demarc::cli {

struct CallFailure {
  int exit_code;
  std::string message;
};

inline constexpr std::size_t kTextsACall = 128;
inline constexpr std::size_t kBytesACall = std::size_t{512} << 10;

// The end of the texts from `begin` on that go in one call.
std::size_t end_of_call(const std::vector<std::string>& texts, std::size_t begin);

// POST; the answer's body.
Result<std::string, CallFailure> post_json(Connection& connection, const std::string& path, const std::string& body,
                                           std::string* request_id = nullptr);

struct TextVectors {
  text::Samples samples;            // without labels
  std::string model, model_digest;  // that served
};
// A text longer than the model reads is read in chunks.
Result<TextVectors, CallFailure> vectors_of(Connection& connection, const std::string& model, const std::vector<std::string>& texts,
                                            const std::function<void(std::size_t done)>& on_progress);

// A file's texts: each line, or of a .csv the column, or of a .jsonl the field `column`; or the whole file.
enum class Lines : std::uint8_t { each, whole };
Result<std::vector<std::string>, std::string> texts_in(const std::string& file, const std::string& column, Lines lines);

}  // namespace demarc::cli
