#include "http/server.hpp"

#include <gtest/gtest.h>

#include "http/test_support.hpp"

namespace demarc::http {
namespace {

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

}  // namespace
}  // namespace demarc::http
