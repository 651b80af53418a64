#include "http/client.hpp"

#include <gtest/gtest.h>

#include "http/test_support.hpp"

namespace demarc::http {
namespace {

TEST(Client, SendsAndReadsOnOneConnectionTwice) {
  TestServer test(&echo);
  const Origin origin = test.origin();
  auto client = make_client(test.loops.at(0), {});
  std::string first, second;
  run_on(test.loops.at(0), [](HttpClient& http, const Origin& to, std::string& a, std::string& b) -> Task<void> {
    Cancellation cancellation;
    for (std::string* into : {&a, &b}) {
      auto reply = co_await http.send(to, {.target = "/x", .body = "body"}, {}, cancellation, open_gate());
      EXPECT_TRUE(reply) << reply.error().detail;
      if (reply) *into = *co_await read_all(**reply, 1000);
    }
  }(*client, origin, first, second));
  EXPECT_EQ(first, "POST /x body");
  EXPECT_EQ(second, "POST /x body");
  EXPECT_EQ(test.server.connections(), 1);
  run_on(test.loops.at(0), [](auto& c) -> Task<void> {
    c.reset();
    co_return;
  }(client));
}

}  // namespace
}  // namespace demarc::http
