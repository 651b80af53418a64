#include "http/server.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "http/test_support.hpp"

namespace demarc::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(Server, AnswersAndKeepsTheConnection) {
  TestServer test(&echo);
  RawClient client(test.address());
  client.send("GET /a HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_TRUE(client.read_until("GET /a ").starts_with("HTTP/1.1 200 OK\r\n"));
  client.send("POST /b HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello");
  EXPECT_NE(client.read_until("hello").find("POST /b hello"), std::string::npos);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  TestServer test(&echo);
  RawClient client(test.address());
  client.send(
      "GET /1 HTTP/1.1\r\nhost: x\r\n\r\nPOST /2 HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nab"
      "GET /3 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  const std::string all = client.read_to_end();
  const auto first = all.find("GET /1 "), second = all.find("POST /2 ab"), third = all.find("GET /3 ");
  EXPECT_TRUE(first < second && second < third && third != std::string::npos) << all;
}

TEST(Server, AnswersARequestThatCameWhileTheOneBeforeWaited) {
  TestServer test([](Exchange& exchange) -> Task<void> {
    co_await exchange.loop().sleep(milliseconds(5));
    co_await echo(exchange);
  });
  RawClient client(test.address());
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nhost: x\r\n\r\n";  // more than the inbox holds
  client.send(requests);
  EXPECT_NE(client.read_until("GET /99 ").find("GET /99 "), std::string::npos);
}

TEST(Server, ReadsAChunkedBodyCutAnywhere) {
  TestServer test(&echo);
  const std::string request =
      "POST /c HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\ntrailer: t\r\n\r\n";
  RawClient client(test.address());
  const int on = 1;
  ::setsockopt(client.fd(), IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    client.send(request.substr(0, cut));
    client.send(request.substr(cut));
    ASSERT_NE(client.read_until("POST /c abcdefgh").find("POST /c abcdefgh"), std::string::npos) << cut;
  }
}

TEST(Server, ReadsALargeBodyWhole) {
  TestServer test([](Exchange& exchange) -> Task<void> {
    const std::string& body = exchange.request().body;
    std::size_t sum = 0;
    for (const char c : body) sum += static_cast<unsigned char>(c);
    EXPECT_GE(body.capacity(), body.size() + 64);
    (void)co_await exchange.respond(200, {}, std::to_string(body.size()) + ":" + std::to_string(sum));
  });
  for (const char* framing : {"length", "chunked"}) {
    RawClient client(test.address());
    std::string body(5'000'000, '\0');
    std::size_t sum = 0;
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7 % 251), sum += static_cast<unsigned char>(body[i]);
    if (framing == std::string_view("length")) {
      client.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5000000\r\n\r\n" + body + "GET /next HTTP/1.1\r\nhost: x\r\n\r\n");
    } else {
      client.send("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n4c4b40\r\n" + body +
                  "\r\n0\r\n\r\nGET /next HTTP/1.1\r\nhost: x\r\n\r\n");
    }
    const std::string expected = "5000000:" + std::to_string(sum);
    EXPECT_NE(client.read_until("\r\n\r\n0:0").find(expected), std::string::npos) << framing;
  }
  EXPECT_EQ(test.server.buffered_bytes(), 0);
}

struct Refused {
  const char* what;
  std::string request;
  int status = 400;
};

void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.what; }

class Refuses : public testing::TestWithParam<Refused> {};

TEST_P(Refuses, WithAStatusAndCloses) {
  TestServer test(&echo);
  RawClient client(test.address());
  client.send(GetParam().request);
  const std::string all = client.read_to_end();
  EXPECT_TRUE(all.starts_with("HTTP/1.1 " + std::to_string(GetParam().status))) << GetParam().what << "\n" << all;
  EXPECT_NE(all.find("connection: close"), std::string::npos);
  EXPECT_EQ(all.find("\r\ndate: "), all.rfind("\r\ndate: ")) << "one answer only";
}

const std::string kHost = " / HTTP/1.1\r\nhost: x\r\n";
INSTANTIATE_TEST_SUITE_P(
    Smuggling, Refuses,
    testing::Values(
        Refused{"length beside chunked", "POST" + kHost + "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"},
        Refused{"chunked beside length", "POST" + kHost + "transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n"},
        Refused{"two lengths", "POST" + kHost + "content-length: 5\r\ncontent-length: 6\r\n\r\nhello!"},
        Refused{"the same length twice", "POST" + kHost + "content-length: 5\r\ncontent-length: 5\r\n\r\nhello"},
        Refused{"a list of lengths", "POST" + kHost + "content-length: 5, 5\r\n\r\nhello"},
        Refused{"a signed length", "POST" + kHost + "content-length: +5\r\n\r\nhello"},
        Refused{"a negative length", "POST" + kHost + "content-length: -5\r\n\r\nhello"},
        Refused{"a length of hex", "POST" + kHost + "content-length: 0x5\r\n\r\nhello"},
        Refused{"a length too long for a number", "POST" + kHost + "content-length: 99999999999999999999999\r\n\r\n"},
        Refused{"an empty length", "POST" + kHost + "content-length:\r\n\r\n"},
        Refused{"a bare LF after a header", "GET / HTTP/1.1\nhost: x\r\n\r\n"}, Refused{"bare LFs throughout", "GET / HTTP/1.1\nhost: x\n\n"},
        Refused{"a bare CR in a value", "GET" + kHost + "a: b\rc: d\r\n\r\n"},
        Refused{"a zero byte in a value", "GET" + kHost + std::string("a: b\0c\r\n\r\n", 11)},
        Refused{"a folded line", "GET" + kHost + "a: b\r\n c: d\r\n\r\n"}, Refused{"a folded line by tab", "GET" + kHost + "a: b\r\n\tc: d\r\n\r\n"},
        Refused{"a folded first line", "GET / HTTP/1.1\r\n host: x\r\n\r\n"}, Refused{"a space before the colon", "GET" + kHost + "a : b\r\n\r\n"},
        Refused{"a space before the length's colon", "POST" + kHost + "content-length : 5\r\n\r\nhello"},
        Refused{"chunked after another encoding", "POST" + kHost + "transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
        Refused{"another encoding alone", "POST" + kHost + "transfer-encoding: gzip\r\n\r\n"},
        Refused{"another encoding after chunked", "POST" + kHost + "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
        Refused{"chunked twice", "POST" + kHost + "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"},
        Refused{"chunked written oddly", "POST" + kHost + "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n"},
        Refused{"chunked with a vertical tab", "POST" + kHost +
                                                   "transfer-encoding: \x0b"
                                                   "chunked\r\n\r\n0\r\n\r\n"},
        Refused{"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"},
        Refused{"a chunk size that is no number", "POST" + kHost + "transfer-encoding: chunked\r\n\r\nzz\r\n"},
        Refused{"a chunk size with a prefix", "POST" + kHost + "transfer-encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n"},
        Refused{"a chunk size that overflows", "POST" + kHost + "transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n"},
        Refused{"a chunk size ended by LF", "POST" + kHost + "transfer-encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n"},
        Refused{"a chunk longer than it says", "POST" + kHost + "transfer-encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n"},
        Refused{"a space after a chunk size", "POST" + kHost + "transfer-encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n"},
        Refused{"no host", "GET / HTTP/1.1\r\n\r\n"}, Refused{"two hosts", "GET" + kHost + "host: y\r\n\r\n"},
        Refused{"a version of the future", "GET / HTTP/2.0\r\nhost: x\r\n\r\n"}, Refused{"a preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        Refused{"a version of the past", "GET /\r\n\r\n"}, Refused{"a method with a space in front", " GET / HTTP/1.1\r\nhost: x\r\n\r\n"},
        Refused{"a TLS hello", "\x16\x03\x01\x02"}, Refused{"a tunnel", "CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n", 405},
        Refused{"an expectation that is unknown", "POST" + kHost + "expect: wonders\r\ncontent-length: 1\r\n\r\n"},
        Refused{"a body declared too large", "POST" + kHost + "content-length: 33554433\r\n\r\n", 413},
        Refused{"headers too large", "GET" + kHost + "a: " + std::string(70'000, 'x') + "\r\n\r\n", 431},
        Refused{"a target too large", "GET /" + std::string(70'000, 'x') + " HTTP/1.1\r\nhost: x\r\n\r\n", 431},
        Refused{"a header's name too large", "GET" + kHost + std::string(70'000, 'x') + ": y\r\n\r\n", 431}));

TEST(Server, RefusesTooManyHeaders) {
  TestServer test(&echo);
  RawClient client(test.address());
  std::string request = "GET / HTTP/1.1\r\nhost: x\r\n";
  for (int i = 0; i < 300; ++i) request += "a: b\r\n";
  client.send(request + "\r\n");
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 431 "));
}

TEST(Server, RefusesAChunkedBodyAsSoonAsItIsTooLarge) {
  TestServer test(&echo, {.body_bytes = 1000});
  RawClient client(test.address());
  client.send("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n7d0\r\n" + std::string(1500, 'x'));  // and the rest never comes
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 413 "));
}

TEST(Server, RefusesBodiesBeyondWhatItHoldsInAll) {
  TestServer test(&echo, {.buffered_bytes = 1000});
  RawClient client(test.address());
  client.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2000\r\n\r\n" + std::string(1500, 'x'));
  const std::string all = client.read_to_end();
  EXPECT_TRUE(all.starts_with("HTTP/1.1 503 ")) << all;
  EXPECT_EQ(test.server.buffered_bytes(), 0);
}

TEST(Server, AnswersALateHeadWith408) {
  TestServer test(&echo, {.header_timeout = milliseconds(40)});
  RawClient client(test.address());
  client.send("GET / HTTP/1.1\r\nhost:");
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 408 "));
}

TEST(Server, AnswersABodyThatTricklesWith408) {
  TestServer test(&echo, {.body_idle = milliseconds(60), .body_bytes_per_s = 1'000'000});
  RawClient client(test.address());
  client.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n");
  std::string answer;
  const auto began = steady_clock::now();
  while (answer.empty() && steady_clock::now() - began < std::chrono::seconds(5)) {  // a byte now and then, never a pause of 60 ms
    client.send("x");
    pollfd waiting{client.fd(), POLLIN, 0};
    if (::poll(&waiting, 1, 10) == 1) answer = client.read_to_end();
  }
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 ")) << answer;
}

TEST(Server, ClosesAnIdleConnectionWithoutAWord) {
  TestServer test(&echo, {.keep_alive_idle = milliseconds(40)});
  RawClient client(test.address());
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(Server, SaysContinueOnlyWhenTheBodyIsWelcome) {
  TestServer test(&echo, {.body_bytes = 1000});
  RawClient welcome(test.address());
  welcome.send("POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
  EXPECT_EQ(welcome.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  welcome.send("ab");
  EXPECT_NE(welcome.read_until("POST / ab").find("POST / ab"), std::string::npos);
  RawClient unwelcome(test.address());
  unwelcome.send("POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2000\r\n\r\n");
  EXPECT_TRUE(unwelcome.read_to_end().starts_with("HTTP/1.1 413 "));
}

TEST(Server, AnswersAHeadWithoutABody) {
  TestServer test(&echo);
  RawClient client(test.address());
  client.send("HEAD /h HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  const std::string all = client.read_to_end();
  EXPECT_NE(all.find("content-length: 8\r\n"), std::string::npos);
  EXPECT_TRUE(all.ends_with("\r\n\r\n"));
}

Task<void> stream_three(Exchange& exchange) {
  (void)co_await exchange.begin(200, {{"content-type", "text/event-stream"}});
  for (const char* piece : {"one", "", "two"}) (void)co_await exchange.write(piece);
  (void)co_await exchange.finish({{"demarc-cost-usd", "0"}});
}

TEST(Server, StreamsInChunksWithTrailers) {
  TestServer test(&stream_three);
  RawClient client(test.address());
  client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  const std::string all = client.read_until("\r\n0\r\n");
  EXPECT_NE(all.find("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\ndemarc-cost-usd: 0\r\n\r\n"), std::string::npos) << all;
}

TEST(Server, StreamsToHttp10UntilItCloses) {
  TestServer test(&stream_three);
  RawClient client(test.address());
  client.send("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
  const std::string all = client.read_to_end();
  EXPECT_TRUE(all.ends_with("\r\n\r\nonetwo")) << all;
  EXPECT_EQ(all.find("chunked"), std::string::npos);
}

TEST(Server, NeverLetsAValueForgeAHeader) {
  TestServer test([](Exchange& exchange) -> Task<void> {
    (void)co_await exchange.respond(200, {{"demarc-model", "a\r\nset-cookie: b"}, {"bad name", "x"}}, "");
  });
  RawClient client(test.address());
  client.send("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  const std::string all = client.read_to_end();
  EXPECT_NE(all.find("demarc-model: a  set-cookie: b\r\n"), std::string::npos) << all;
  EXPECT_EQ(all.find("bad name"), std::string::npos);
}

TEST(Server, TurnsAnExceptionInto500AndHarmsNobodyElse) {
  TestServer test([](Exchange& exchange) -> Task<void> {
    if (exchange.request().target == "/bad") throw std::runtime_error("secret");
    co_await echo(exchange);
  });
  RawClient good(test.address()), bad(test.address());
  good.send("GET /1 HTTP/1.1\r\nhost: x\r\n\r\n");
  good.read_until("GET /1 ");
  bad.send("GET /bad HTTP/1.1\r\nhost: x\r\n\r\n");
  const std::string all = bad.read_to_end();
  EXPECT_TRUE(all.starts_with("HTTP/1.1 500 "));
  EXPECT_EQ(all.find("secret"), std::string::npos);
  good.send("GET /2 HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_NE(good.read_until("GET /2 ").find("GET /2 "), std::string::npos);
}

TEST(Server, AnAbortedStreamHasNoProperEnd) {
  TestServer test([](Exchange& exchange) -> Task<void> {
    (void)co_await exchange.begin(200, {});
    (void)co_await exchange.write("half");
    exchange.abort();
  });
  RawClient client(test.address());
  client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_EQ(client.read_to_end().find("\r\n0\r\n"), std::string::npos);
}

struct Gone {
  std::promise<void> began;
  std::promise<steady_clock::time_point> cancelled;
};

Handler wait_until_gone(Gone& gone) {
  return [&gone](Exchange& exchange) -> Task<void> {
    Event event;
    const auto hook = exchange.cancellation().on_cancel([&] {
      gone.cancelled.set_value(steady_clock::now());
      event.set();
    });
    gone.began.set_value();
    co_await event;
    (void)co_await exchange.respond(200, {}, "nobody reads this");
  };
}

void expect_cancelled_soon(Gone& gone, steady_clock::time_point left) {
  const auto took = gone.cancelled.get_future().get() - left;
  EXPECT_LT(took, milliseconds(100));
}

TEST(Server, CancelsWithin100MsWhenTheClientCloses) {
  Gone gone;
  TestServer test(wait_until_gone(gone));
  RawClient client(test.address());
  client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  gone.began.get_future().wait();
  const auto left = steady_clock::now();
  client.close();
  expect_cancelled_soon(gone, left);
}

TEST(Server, CancelsWithin100MsWhenTheClientResetsAfterPipelining) {
  Gone gone;
  TestServer test(wait_until_gone(gone));
  RawClient client(test.address());
  client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  gone.began.get_future().wait();
  client.send("GET /early HTTP/1.1\r\nhost: x\r\n\r\n");
  const auto left = steady_clock::now();
  client.reset();
  expect_cancelled_soon(gone, left);
}

TEST(Server, AReaderThatStopsBlocksTheWriterAndIsClosed) {
  std::promise<std::pair<std::size_t, IoError>> ended;
  TestServer test(
      [&](Exchange& exchange) -> Task<void> {
        (void)co_await exchange.begin(200, {});
        const std::string piece(64 * 1024, 'x');
        for (std::size_t written = 0;; written += piece.size()) {
          const auto wrote = co_await exchange.write(piece);
          if (wrote) continue;
          ended.set_value({written, wrote.error()});
          co_return;
        }
      },
      {.write_stall = milliseconds(80)});
  RawClient client(test.address());
  client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  const auto [written, error] = ended.get_future().get();
  EXPECT_EQ(error, IoError::timeout);
  EXPECT_LT(written, 32U << 20) << "only what the kernel's buffers hold";
}

TEST(Server, AStreamToASlowReaderArrivesWhole) {
  TestServer test([](Exchange& exchange) -> Task<void> { (void)co_await exchange.respond(200, {}, std::string(20'000'000, 'y')); });
  RawClient client(test.address());
  client.send("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  const std::string all = client.read_to_end();
  EXPECT_EQ(all.size() - all.find("\r\n\r\n") - 4, 20'000'000U);
}

TEST(Server, TellsAConnectionTooManyWhy) {
  TestServer test(&echo, {.connections = 1});
  RawClient first(test.address()), second(test.address());
  first.send("GET /1 HTTP/1.1\r\nhost: x\r\n\r\n");
  first.read_until("GET /1 ");
  second.send("GET /2 HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_TRUE(second.read_to_end().starts_with("HTTP/1.1 503 "));
}

TEST(Server, DrainLetsTheRequestInHandEndAndClosesTheIdle) {
  Event* go = nullptr;
  std::promise<Loop*> began;
  TestServer test([&](Exchange& exchange) -> Task<void> {
    Event event;
    go = &event;
    began.set_value(&exchange.loop());
    co_await event;
    (void)co_await exchange.respond(200, {}, "done");
  });
  RawClient busy(test.address()), idle(test.address());
  busy.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  Loop* loop = began.get_future().get();
  auto drained = std::async(std::launch::async, [&] { return test.server.drain(std::chrono::seconds(10)); });
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_FALSE(RawClient(test.address()).connected());
  loop->post([&] { go->set(); });
  const std::string all = busy.read_to_end();
  EXPECT_NE(all.find("connection: close"), std::string::npos);
  EXPECT_TRUE(all.ends_with("done"));
  EXPECT_TRUE(drained.get());
}

TEST(Server, DrainClosesWhatIsLeftAtTheDeadline) {
  Gone gone;
  TestServer test(wait_until_gone(gone));
  RawClient client(test.address());
  client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  gone.began.get_future().wait();
  EXPECT_FALSE(test.server.drain(milliseconds(20)));
  EXPECT_EQ(test.server.connections(), 0);
}

TEST(Server, ServesAUnixSocketThatOnlyItsOwnerMayUse) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("demarc_http_" + std::to_string(::getpid()));
  const std::string path = folder / "run" / "a.sock";
  {
    TestServer test(&echo, {}, {{.address = "unix:" + path, .tls = nullptr}}, 2);
    ASSERT_EQ(test.error, "");
    struct stat file{}, parent{};
    ASSERT_EQ(::stat(path.c_str(), &file), 0);
    ASSERT_EQ(::stat((folder / "run").c_str(), &parent), 0);
    EXPECT_EQ(file.st_mode & 0777, 0600);
    EXPECT_EQ(parent.st_mode & 0777, 0700);
    for (int i = 0; i < 4; ++i) {  // dealt out to both loops
      RawClient client("unix:" + path);
      client.send("GET /u HTTP/1.1\r\nhost: x\r\n\r\n");
      EXPECT_NE(client.read_until("GET /u ").find("GET /u "), std::string::npos);
    }
    TestServer second(&echo, {}, {{.address = "unix:" + path, .tls = nullptr}});
    EXPECT_NE(second.error.find("in use"), std::string::npos) << second.error;
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  std::filesystem::remove_all(folder);
}

TEST(Server, ReplacesASocketThatNobodyAnswersOn) {
  const std::string path = std::filesystem::temp_directory_path() / ("demarc_stale_" + std::to_string(::getpid()) + ".sock");
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un at{.sun_family = AF_UNIX, .sun_path = {}};
  path.copy(at.sun_path, sizeof at.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  ::close(fd);
  TestServer test(&echo, {}, {{.address = "unix:" + path, .tls = nullptr}});
  EXPECT_EQ(test.error, "");
}

TEST(Server, ServesOnSeveralLoopsAndAddressesAtOnce) {
  std::atomic<int> loops_seen{0};
  TestServer test(
      [&](Exchange& exchange) -> Task<void> {
        loops_seen |= 1 << exchange.loop().index();
        co_await echo(exchange);
      },
      {}, {{.address = "127.0.0.1:0", .tls = nullptr}, {.address = "[::1]:0", .tls = nullptr}}, 2);
  if (!test.error.empty()) GTEST_SKIP() << test.error;  // a machine without IPv6
  ASSERT_EQ(test.server.addresses().size(), 2);
  for (int i = 0; i < 200 && loops_seen != 3; ++i) {
    RawClient client(test.address());
    client.send("GET /m HTTP/1.1\r\nhost: x\r\n\r\n");
    ASSERT_NE(client.read_until("GET /m ").find("GET /m "), std::string::npos);
  }
  EXPECT_EQ(loops_seen, 3);
}

TEST(Server, DoesNotShareAPortWithAnother) {
  TestServer first(&echo);
  TestServer second(&echo, {}, {{.address = first.address(), .tls = nullptr}});
  EXPECT_NE(second.error.find("in use"), std::string::npos) << second.error;
}

TEST(Server, SaysBeforehandThatAPortIsTaken) {
  TestServer first(&echo);
  EXPECT_FALSE(can_listen(first.address()));
}

TEST(Server, SaysBeforehandThatAPortIsFree) { EXPECT_TRUE(can_listen("127.0.0.1:0")); }

TEST(Server, SaysWhichAddressItCannotUse) {
  TestServer test(&echo, {}, {{.address = "nowhere:1", .tls = nullptr}});
  EXPECT_EQ(test.error, "nowhere:1: not an IP address");
}

}  // namespace
}  // namespace demarc::http
