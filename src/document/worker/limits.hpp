// What a document may cost at most. Each has its reason beside it; the configuration reference and docs/reference/documents.md list them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace demarc::document::worker {

inline constexpr std::size_t kMaxBodyBytes = std::size_t{96} << 20;  // of a request: its file in base64 and little else
inline constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;
inline constexpr int kMaxPages = 1'000;                                      // of one request; more are asked for with "pages"
inline constexpr std::int64_t kMaxPixels = 100'000'000;                      // of a picture: 8-bit grey of it is 100 MB
inline constexpr int kMaxSide = 30'000;                                      // pixels; beside that nothing but a strip fits into kMaxPixels
inline constexpr std::uint64_t kReaderMemoryBytes = std::uint64_t{1} << 30;  // of one document's process
inline constexpr int kPageCpuMs = 60'000;                                    // processor time of one page
inline constexpr int kDocumentCpuMs = 1'800'000;                             // and of one document
inline constexpr std::size_t kMaxResultBytes = std::size_t{192} << 20;       // of the answer
inline constexpr std::size_t kMaxWordsOfPage = 100'000;
inline constexpr std::size_t kMaxUnpackedBytes = std::size_t{256} << 20;  // of an archive's members together (Office files)
inline constexpr std::size_t kMaxMembers = 10'000;                        // of an archive
inline constexpr std::size_t kMaxTextBytes = std::size_t{64} << 20;       // of one text, decoded
inline constexpr int kMaxDepth = 256;                                     // of elements in HTML and XML
inline constexpr int kMaxAttachmentDepth = 3;                             // of mails within mails, and what they carry
inline constexpr int kMaxAttachments = 100;
inline constexpr int kMaxCells = 200'000;  // of one page's tables
inline constexpr int kMaxTableColumns = 1'000;

}  // namespace demarc::document::worker
