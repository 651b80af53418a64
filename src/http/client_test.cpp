#include "http/client.hpp"

#include <gtest/gtest.h>

#include "http/test_support.hpp"

namespace demarc::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Client, KeepsAConnectionForTheNextRequest) {
  TestServer test(&echo);
  const Origin origin = test.origin();
  TestClient client;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.send(origin, {.target = "/x", .body = "body"}).body, "POST /x body");
  EXPECT_EQ(test.server.connections(), 1);
}

// What a scripted upstream answers to one request, and what the client makes of it.
Outcome answer_with(const std::string& answer, SendLimits limits = {}, const std::string& method = "POST") {
  FakeUpstream upstream([&](RawClient& connection, int) {
    connection.read_until("\r\n\r\n");
    connection.send(answer);
  });
  const Origin origin = upstream.origin();
  TestClient client;
  return client.send(origin, {.method = method, .target = "/", .body = ""}, limits);
}

TEST(Client, ReadsABodyThatEndsWithTheConnection) {
  const Outcome out = answer_with("HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x'));
  EXPECT_EQ(out.body, std::string(100'000, 'x'));
  EXPECT_FALSE(out.body_error);
}

TEST(Client, JoinsChunks) {
  std::string answer = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", expected;
  for (int i = 0; i < 2000; ++i) answer += "4\r\n" + std::to_string(1000 + i) + "\r\n", expected += std::to_string(1000 + i);
  EXPECT_EQ(answer_with(answer + "0\r\ntrailer: x\r\n\r\n").body, expected);
}

TEST(Client, SkipsInformationalReplies) {
  const Outcome out =
      answer_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok");
  EXPECT_EQ(out.status, 201);
  EXPECT_EQ(out.body, "ok");
  EXPECT_FALSE(out.headers.find("link"));
}

TEST(Client, ExpectsNoBodyAfterHead) {
  const Outcome out = answer_with("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n", {}, "HEAD");
  EXPECT_EQ(out.status, 200);
  EXPECT_EQ(out.body, "");
  EXPECT_FALSE(out.body_error);
}

TEST(Client, CallsWhatIsNoHttpAProtocolError) {
  for (const char* garbage : {"garbage\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", "HTTP/1.1 101 Switching\r\nupgrade: h2c\r\n\r\n",
                              "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-le"}) {
    const Outcome out = answer_with(garbage);
    ASSERT_TRUE(out.error) << garbage;
    EXPECT_EQ(out.error->kind, IoError::protocol) << garbage;
    EXPECT_TRUE(out.error->sent);
  }
}

TEST(Client, BoundsTheHead) {
  const Outcome out = answer_with("HTTP/1.1 200 OK\r\na: " + std::string(5000, 'x') + "\r\n\r\n", {.head_bytes = 4000});
  ASSERT_TRUE(out.error);
  EXPECT_EQ(out.error->kind, IoError::too_large);
}

TEST(Client, ReportsABodyCutShort) {
  const Outcome length = answer_with("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
  EXPECT_EQ(length.body, "half");
  EXPECT_EQ(length.body_error, IoError::closed);
  const Outcome chunked = answer_with("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n");
  EXPECT_EQ(chunked.body, "half");
  EXPECT_EQ(chunked.body_error, IoError::closed);
}

TEST(Client, SendsWhatItSaysAndNoMore) {
  std::string seen;
  Outcome out;
  {
    FakeUpstream upstream([&](RawClient& connection, int) {
      seen = connection.read_until("{}");
      connection.send("HTTP/1.1 204 No Content\r\n\r\n");
    });
    const Origin origin = upstream.origin();
    TestClient client;
    out = client.send(origin, {.target = "/v1/x?y=1",
                               .headers = {{"authorization", "Bearer k"}, {"host", "evil"}, {"content-length", "7"}, {"x", "a\r\nb: c"}},
                               .body = "{}"});
    EXPECT_EQ(seen, "POST /v1/x?y=1 HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(origin.port) +
                        "\r\nauthorization: Bearer k\r\nx: a  b: c\r\ncontent-length: 2\r\n\r\n{}");
  }
  EXPECT_EQ(out.status, 204);
}

TEST(Client, RefusesATargetThatWouldForgeARequest) {
  TestClient client;
  Origin nowhere;
  const Outcome out = client.send(nowhere, {.target = "/ HTTP/1.1\r\nhost: x", .body = ""});
  ASSERT_TRUE(out.error);
  EXPECT_EQ(out.error->kind, IoError::protocol);
  EXPECT_FALSE(out.error->sent);
}

const char* const kOk = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

TEST(Client, ReplacesAPooledConnectionThatItsPeerClosed) {
  FakeUpstream upstream([](RawClient& connection, int) {  // one request each
    connection.read_until("\r\n\r\n");
    connection.send(kOk);
  });
  const Origin origin = upstream.origin();
  TestClient client;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(client.send(origin, {.target = "/", .body = ""}).body, "ok") << i;
    upstream.wait_until_served(i + 1);
    for (int turn = 0; turn < 3; ++turn) client.turn();  // what the kernel knows by now has reached the pool
  }
}

// Answers one request on the first connection, reads a second and leaves; answers on the next.
FakeUpstream leaves_after_reading() {
  return FakeUpstream([](RawClient& connection, int nth) {
    connection.read_until("\r\n\r\n");
    connection.send(kOk);
    if (nth == 0) connection.read_until("\r\n\r\n");
  });
}

TEST(Client, DoesNotRepeatAPostThatMayHaveBeenProcessed) {
  FakeUpstream upstream = leaves_after_reading();
  const Origin origin = upstream.origin();
  TestClient client;
  EXPECT_EQ(client.send(origin, {.target = "/", .body = ""}).body, "ok");
  const Outcome second = client.send(origin, {.target = "/", .body = ""});
  ASSERT_TRUE(second.error);
  EXPECT_TRUE(second.error->sent);
}

TEST(Client, RepeatsAGetOnAFreshConnection) {
  FakeUpstream upstream = leaves_after_reading();
  const Origin origin = upstream.origin();
  TestClient client;
  EXPECT_EQ(client.send(origin, {.method = "GET", .target = "/"}).body, "ok");
  EXPECT_EQ(client.send(origin, {.method = "GET", .target = "/"}).body, "ok");
}

Task<bool> shut_gate() { co_return false; }

TEST(Client, SendsNoByteThroughAShutGate) {
  std::promise<std::string> seen;
  FakeUpstream upstream([&](RawClient& connection, int) { seen.set_value(connection.read_to_end()); });
  const Origin origin = upstream.origin();
  Outcome out;
  {
    TestClient client;
    Cancellation cancellation;
    run_on(client.loop(), TestClient::exchange(client.http(), origin, {.target = "/", .body = "x"}, {}, cancellation, shut_gate(), out));
  }
  ASSERT_TRUE(out.error);
  EXPECT_EQ(out.error->kind, IoError::cancelled);
  EXPECT_FALSE(out.error->sent);
  EXPECT_EQ(seen.get_future().get(), "");
}

// Runs a request and cancels it when `upstream_reached` is fulfilled; returns the outcome.
Outcome cancelled_when(TestClient& client, const Origin& origin, std::promise<void>& upstream_reached) {
  Outcome out;
  Cancellation cancellation;
  auto canceller = std::async(std::launch::async, [&] {
    upstream_reached.get_future().wait();
    client.loop().post([&] { cancellation.cancel(); });
  });
  run_on(client.loop(), TestClient::exchange(client.http(), origin, {.target = "/", .body = "x"}, {}, cancellation, open_gate(), out));
  canceller.wait();
  return out;
}

TEST(Client, CancelsWhileConnecting) {
  std::promise<void> reached;
  FakeUpstream upstream([&](RawClient& connection, int) {  // a TLS server that never answers the hello
    reached.set_value();
    connection.read_to_end();
  });
  Origin origin = upstream.origin();
  origin.kind = Origin::Kind::tls;
  TestClient client;
  const Outcome out = cancelled_when(client, origin, reached);
  ASSERT_TRUE(out.error);
  EXPECT_EQ(out.error->kind, IoError::cancelled);
  EXPECT_FALSE(out.error->sent);
}

TEST(Client, CancelsWhileWaitingForTheReply) {
  std::promise<void> reached;
  std::string after;
  Outcome out;
  {
    FakeUpstream upstream([&](RawClient& connection, int) {
      connection.read_until("\r\n\r\n");
      reached.set_value();
      after = connection.read_to_end();  // ends because the client closes
    });
    const Origin origin = upstream.origin();
    TestClient client;
    out = cancelled_when(client, origin, reached);
  }
  ASSERT_TRUE(out.error);
  EXPECT_EQ(out.error->kind, IoError::cancelled);
  EXPECT_TRUE(out.error->sent);
}

TEST(Client, CancelsWithinTheBody) {
  std::promise<void> reached;
  FakeUpstream upstream([&](RawClient& connection, int) {
    connection.read_until("\r\n\r\n");
    connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome");
    reached.set_value();
    connection.read_to_end();
  });
  const Origin origin = upstream.origin();
  TestClient client;
  const Outcome out = cancelled_when(client, origin, reached);
  EXPECT_TRUE(out.body_error ? *out.body_error == IoError::cancelled : out.error && out.error->kind == IoError::cancelled);
}

Outcome send_to_mute(const std::string& says, SendLimits limits, Origin::Kind kind = Origin::Kind::tcp) {
  FakeUpstream upstream([&](RawClient& connection, int) {
    if (kind == Origin::Kind::tcp) connection.read_until("\r\n\r\n");
    connection.send(says);
    connection.read_to_end();
  });
  Origin origin = upstream.origin();
  origin.kind = kind;
  TestClient client;
  return client.send(origin, {.target = "/", .body = "x"}, limits);
}

TEST(Client, KeepsItsTimeLimits) {
  const Outcome connect = send_to_mute("", {.connect = milliseconds(30)}, Origin::Kind::tls);
  ASSERT_TRUE(connect.error);
  EXPECT_EQ(connect.error->kind, IoError::timeout);
  EXPECT_FALSE(connect.error->sent);
  const Outcome first_byte = send_to_mute("", {.first_byte = milliseconds(30)});
  ASSERT_TRUE(first_byte.error);
  EXPECT_EQ(first_byte.error->kind, IoError::timeout);
  EXPECT_TRUE(first_byte.error->sent);
  const Outcome idle = send_to_mute("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx", {.idle = milliseconds(30)});
  EXPECT_EQ(idle.body_error, IoError::timeout);
  const Outcome total = send_to_mute("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx", {.total = milliseconds(30)});
  EXPECT_EQ(total.body_error, IoError::timeout);
}

TEST(Client, SaysWhyItCouldNotConnect) {
  Origin closed;
  {
    const FakeUpstream gone([](RawClient&, int) {});
    closed = gone.origin();
  }
  TestClient client;
  const Outcome refused = client.send(closed, {.target = "/", .body = ""});
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->kind, IoError::refused);
  Origin unknown;
  unknown.host = "no-such-host.invalid";
  const Outcome unresolved = client.send(unknown, {.target = "/", .body = ""}, {.connect = seconds(3)});
  ASSERT_TRUE(unresolved.error);
  EXPECT_TRUE(unresolved.error->kind == IoError::unresolved || unresolved.error->kind == IoError::timeout);
  Origin no_socket;
  no_socket.kind = Origin::Kind::unix_socket, no_socket.unix_path = "/nowhere/x.sock";
  const Outcome missing = client.send(no_socket, {.target = "/", .body = ""});
  ASSERT_TRUE(missing.error);
  EXPECT_EQ(missing.error->kind, IoError::refused);
}

TEST(Client, ResolvesANameAndTriesItsAddresses) {
  TestServer test(&echo);
  Origin origin = test.origin();
  origin.host = "localhost";  // ::1 may come first, where nobody listens
  TestClient client;
  EXPECT_EQ(client.send(origin, {.target = "/", .body = "n"}).body, "POST / n");
}

TEST(Client, SpeaksOverAUnixSocket) {
  const std::string path = "/tmp/demarc_client_" + std::to_string(::getpid()) + ".sock";
  TestServer test(&echo, {}, {{.address = "unix:" + path, .tls = nullptr}});
  Origin origin;
  origin.kind = Origin::Kind::unix_socket, origin.unix_path = path;
  TestClient client;
  EXPECT_EQ(client.send(origin, {.target = "/", .body = "u"}).body, "POST / u");
}

TEST(Client, WaitsInLineForAConnection) {
  TestServer test(&echo);
  const Origin origin = test.origin();
  TestClient client({.connections_per_origin = 1});
  constexpr int kCalls = 20;
  std::vector<Outcome> outcomes(kCalls);
  run_on(client.loop(), [](TestClient& c, const Origin& to, std::vector<Outcome>& outs) -> Task<void> {
    Cancellation cancellation;
    std::vector<std::unique_ptr<Started<int>>> calls;
    for (Outcome& out : outs)
      calls.push_back(std::make_unique<Started<int>>([](TestClient& cc, const Origin& t, Cancellation& k, Outcome& o) -> Task<int> {
        co_await TestClient::exchange(cc.http(), t, {.target = "/", .body = "q"}, {}, k, open_gate(), o);
        co_return 0;
      }(c, to, cancellation, out)));
    for (auto& call : calls) co_await call->join();
  }(client, origin, outcomes));
  for (const Outcome& out : outcomes) EXPECT_EQ(out.body, "POST / q");
  EXPECT_EQ(test.server.connections(), 1);
}

TEST(Client, GivesUpInLineAtItsDeadline) {
  FakeUpstream upstream([](RawClient& connection, int) {
    connection.read_until("\r\n\r\n");
    connection.read_to_end();
  });
  const Origin origin = upstream.origin();
  TestClient client({.connections_per_origin = 1});
  Outcome first, second, third;
  run_on(client.loop(), [](HttpClient& http, const Origin& to, Outcome& a, Outcome& b, Outcome& c) -> Task<void> {
    Cancellation cancellation;
    const OutgoingRequest request{.target = "/", .body = ""};
    Started<int> holder([](HttpClient& h, const Origin& t, const OutgoingRequest& r, Cancellation& k, Outcome& o) -> Task<int> {
      co_await TestClient::exchange(h, t, r, {.first_byte = milliseconds(150)}, k, open_gate(), o);
      co_return 0;
    }(http, to, request, cancellation, a));
    co_await TestClient::exchange(http, to, request, {.connect = milliseconds(30)}, cancellation, open_gate(), b);
    co_await TestClient::exchange(http, to, request, {.first_byte = milliseconds(30)}, cancellation, open_gate(), c);
    co_await holder.join();
  }(client.http(), origin, first, second, third));
  ASSERT_TRUE(second.error);
  EXPECT_EQ(second.error->kind, IoError::timeout);
  EXPECT_FALSE(second.error->sent);
  ASSERT_TRUE(third.error);
  EXPECT_TRUE(third.error->sent) << "it got the connection of the first";
}

TEST(Client, HearsAnAnswerThatComesBeforeItsRequestIsWhole) {
  FakeUpstream upstream([](RawClient& connection, int) {
    connection.read_until("\r\n\r\n");
    connection.send("HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbig");
    while (!connection.read_some().empty()) {
    }
  });
  const Origin origin = upstream.origin();
  TestClient client;
  const std::string body(50'000'000, 'x');
  const Outcome out = client.send(origin, {.target = "/", .body = body});
  EXPECT_EQ(out.status, 413);
  EXPECT_EQ(out.body, "big");
}

TEST(Client, ASlowReaderSlowsTheUpstream) {
  std::atomic<std::size_t> upstream_wrote{0};
  TestServer far([&](Exchange& exchange) -> Task<void> {
    (void)co_await exchange.begin(200, {});
    const std::string piece(64 * 1024, 'x');
    while (co_await exchange.write(piece)) upstream_wrote += piece.size();
  });
  const Origin origin = far.origin();
  std::unique_ptr<HttpClient> http;
  std::promise<void> relay_ended;
  TestServer near(
      [&](Exchange& exchange) -> Task<void> {
        auto reply = co_await http->send(origin, {.target = "/", .body = ""}, {}, exchange.cancellation(), open_gate());
        (void)co_await exchange.begin(200, {});
        for (;;) {
          const auto piece = co_await (*reply)->read();
          if (!piece || piece->empty() || !co_await exchange.write(*piece)) break;
        }
        relay_ended.set_value();
      },
      {.write_stall = milliseconds(150)});
  http = make_client(near.loops.at(0), {});
  RawClient client(near.address());
  client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");  // and reads nothing
  relay_ended.get_future().wait();
  EXPECT_LT(upstream_wrote, 64U << 20) << "no more than the kernel's buffers of two connections";
  run_on(near.loops.at(0), [](auto& c) -> Task<void> {
    c.reset();
    co_return;
  }(http));
}

TEST(Client, ConnectsThroughAProxy) {
  TestServer test(&echo);
  Origin origin = test.origin();
  std::string asked;
  {
    FakeUpstream proxy([&](RawClient& connection, int) {
      asked = connection.read_until("\r\n\r\n");
      RawClient onward(test.address());
      connection.send("HTTP/1.1 200 Connection established\r\n\r\n");
      for (;;) {
        pollfd both[] = {{connection.fd(), POLLIN, 0}, {onward.fd(), POLLIN, 0}};
        ::poll(both, 2, 10'000);
        RawClient& from = both[0].revents ? connection : onward;
        const std::string bytes = from.read_some();
        if (bytes.empty()) return;
        (both[0].revents ? onward : connection).send(bytes);
      }
    });
    origin.proxy_host = "127.0.0.1", origin.proxy_port = proxy.port();
    TestClient client;
    EXPECT_EQ(client.send(origin, {.target = "/", .body = "p"}).body, "POST / p");
  }
  EXPECT_TRUE(asked.starts_with("CONNECT 127.0.0.1:" + std::to_string(origin.port) + " HTTP/1.1\r\n")) << asked;
}

TEST(Client, SaysThatTheProxyRefused) {
  FakeUpstream proxy([](RawClient& connection, int) {
    connection.read_until("\r\n\r\n");
    connection.send("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
  });
  Origin origin;
  origin.host = "example.invalid", origin.proxy_host = "127.0.0.1", origin.proxy_port = proxy.port();
  TestClient client;
  const Outcome out = client.send(origin, {.target = "/", .body = ""});
  ASSERT_TRUE(out.error);
  EXPECT_EQ(out.error->detail, "proxy: CONNECT was answered with 407");
}

}  // namespace
}  // namespace demarc::http
