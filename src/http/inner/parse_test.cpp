#include "http/inner/parse.hpp"

#include <gtest/gtest.h>

#include <random>

#include "http/inner/format.hpp"

namespace demarc::http {
namespace {

const ParseLimits kLimits{.header_bytes = 4096, .header_count = 50, .body_bytes = 10'000, .upload_bytes = 20'000};

struct Parsed {
  HttpRequest request;
  bool done = false, refused = false;
};

// Feeds `bytes` in pieces of the given sizes, from memory of exactly that size, so that a sanitizer sees every byte read too far.
Parsed parse(std::string_view bytes, const std::vector<std::size_t>& cuts) {
  Parsed out;
  RequestParser parser(out.request, kLimits, [](std::size_t) { return true; });
  for (std::size_t piece = 0; !bytes.empty() && !parser.done(); ++piece) {
    const std::size_t size = std::min(bytes.size(), piece < cuts.size() ? cuts[piece] : bytes.size());
    const std::vector<char> exact(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    if (!parser.feed({exact.data(), exact.size()})) {
      out.refused = true;
      return out;
    }
    bytes.remove_prefix(size);
  }
  out.done = parser.done();
  return out;
}

const std::string kChunked =
    "POST /v1/chat?beta=1 HTTP/1.1\r\nHost: a\r\nX-Mixed: v1 v2 \r\nTransfer-Encoding: "
    "chunked\r\n\r\n4\r\nabcd\r\n0a;ext=\"q\"\r\n0123456789\r\n0\r\n"
    "Trailer: t\r\n\r\n";
const std::string kPlain = "PUT /x HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\nexpect: 100-continue\r\nempty:\r\n\r\nabcdef";

TEST(RequestParser, ReadsTheSameHoweverTheBytesAreCut) {
  for (std::size_t a = 1; a < kChunked.size(); ++a)
    for (std::size_t b = 1; a + b < kChunked.size(); b += 3) {
      const Parsed parsed = parse(kChunked, {a, b});
      ASSERT_TRUE(parsed.done) << a << " " << b;
      ASSERT_EQ(parsed.request.target, "/v1/chat?beta=1");
      ASSERT_EQ(parsed.request.body, "abcd0123456789");
      ASSERT_EQ(parsed.request.headers.get("x-mixed"), "v1 v2");
      ASSERT_FALSE(parsed.request.headers.find("trailer"));
    }
}

TEST(RequestParser, LetsAnUploadBeLargerThanOtherBodies) {
  const auto post = [](const std::string& type, std::size_t size_bytes) {
    return parse("POST / HTTP/1.1\r\nhost: a\r\ncontent-type: " + type + "\r\ncontent-length: " + std::to_string(size_bytes) + "\r\n\r\n" +
                     std::string(size_bytes, 'x'),
                 {});
  };
  EXPECT_TRUE(post("application/json", 10'001).refused);
  EXPECT_TRUE(post("multipart/form-data; boundary=b", 20'000).done);
  EXPECT_TRUE(post("multipart/form-data; boundary=b", 20'001).refused);
}

TEST(ReasonPhrase, IsWrittenAsPeopleReadIt) {
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(799), "Unknown");
}

TEST(RequestParser, LeavesTheNextRequestUntouched) {
  HttpRequest request;
  RequestParser parser(request, kLimits, [](std::size_t) { return true; });
  const auto used = parser.feed(kPlain + "GET / HTTP/1.1\r\n");
  ASSERT_TRUE(used);
  EXPECT_TRUE(parser.done());
  EXPECT_EQ(*used, kPlain.size());
  EXPECT_TRUE(request.headers.find("empty"));
}

TEST(RequestParser, SurvivesMutationsWithinItsLimits) {
  std::mt19937 random(20260101);
  const std::string seeds[] = {kChunked, kPlain, "GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n"};
  const std::string_view tokens[] = {"\r\n",
                                     "\n",
                                     "\r",
                                     "\0",
                                     "content-length: 5\r\n",
                                     "transfer-encoding: chunked\r\n",
                                     "0\r\n\r\n",
                                     "ffffffffffffffff",
                                     ":",
                                     " ",
                                     "\t",
                                     "HTTP/1.1",
                                     "upgrade: x\r\nconnection: upgrade\r\n",
                                     "host: b\r\n",
                                     ";"};
  int done = 0, refused = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string bytes = seeds[random() % std::size(seeds)];
    for (unsigned edits = random() % 4 + 1; edits > 0; --edits) {
      const std::size_t at = random() % bytes.size();
      switch (random() % 4) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes.insert(at, tokens[random() % std::size(tokens)]); break;
        case 2: bytes.erase(at, random() % 8 + 1); break;
        case 3: bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 40)); break;
      }
      if (bytes.empty()) bytes = "x";
    }
    const Parsed parsed = parse(bytes, {random() % 40 + 1, random() % 40 + 1, random() % 40 + 1});
    done += parsed.done, refused += parsed.refused;
    ASSERT_LE(parsed.request.body.size(), kLimits.body_bytes);
    ASSERT_LE(parsed.request.headers.size(), kLimits.header_count);
    if (parsed.done) {
      ASSERT_TRUE(parsed.request.headers.find("transfer-encoding").has_value() + parsed.request.headers.find("content-length").has_value() <= 1);
    }
  }
  EXPECT_GT(done, 1000);
  EXPECT_GT(refused, 1000);
}

TEST(ReplyParser, SurvivesMutations) {
  std::mt19937 random(20260102);
  const std::string seeds[] = {"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
                               "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: "
                               "chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
                               "HTTP/1.0 200 OK\r\n\r\nuntil the end"};
  int done = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string bytes = seeds[random() % std::size(seeds)];
    for (unsigned edits = random() % 3; edits > 0; --edits) bytes[random() % bytes.size()] = static_cast<char>(random());
    Headers headers;
    ReplyParser parser(headers, 1000, ReplyParser::Body::as_told);
    std::size_t body_bytes = 0;
    std::string_view left = bytes;
    while (!left.empty() && !parser.done()) {
      const std::size_t size = std::min<std::size_t>(left.size(), random() % 30 + 1);
      std::vector<char> exact(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(size));
      const auto fed = parser.feed(exact.data(), exact.size());
      if (!fed) break;
      ASSERT_LE(fed->used, size);
      body_bytes += fed->body.size();
      left.remove_prefix(size);
    }
    if (parser.finish()) ++done;
    ASSERT_LE(body_bytes, bytes.size());
  }
  EXPECT_GT(done, 1000);
}

}  // namespace
}  // namespace demarc::http
