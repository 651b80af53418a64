#include "workers/protocol/unix_server.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <thread>

namespace demarc::workers {
namespace {

class OnAUnixSocket : public testing::Test {
 protected:
  OnAUnixSocket() : folder_(mkdtemp(name_.data())), server_(path(), 3, 1'000) {}
  ~OnAUnixSocket() override {
    server_.stop();
    if (thread_.joinable()) thread_.join();
    std::filesystem::remove_all(folder_);
  }

  void start() {
    thread_ = std::thread([this] { server_.serve(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  [[nodiscard]] std::string path() const { return folder_ + "/x.sock"; }

  [[nodiscard]] int connect_and_send(const std::string& bytes) const {
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{.sun_family = AF_UNIX};
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(send(fd, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    return fd;
  }

  [[nodiscard]] std::string exchange(const std::string& bytes) const {
    const int fd = connect_and_send(bytes);
    std::string answer;
    char buffer[4096];
    for (ssize_t got = 0; (got = recv(fd, buffer, sizeof buffer, 0)) > 0;) answer.append(buffer, static_cast<std::size_t>(got));
    close(fd);
    return answer;
  }

  std::string name_ = "/tmp/demarc-speech-XXXXXX";
  std::string folder_;
  UnixServer server_;
  std::thread thread_;
};

TEST_F(OnAUnixSocket, ARequestIsAnswered) {
  server_.Post("/echo", [](const httplib::Request& request, httplib::Response& response) { response.set_content(request.body, "text/plain"); });
  start();
  EXPECT_TRUE(exchange("POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello").ends_with("hello"));
}

TEST_F(OnAUnixSocket, ABodyOverTheLimitIsRefused) {
  server_.Post("/echo", [](const httplib::Request&, httplib::Response&) { ADD_FAILURE(); });
  start();
  EXPECT_TRUE(exchange("POST /echo HTTP/1.1\r\nContent-Length: 1001\r\n\r\n" + std::string(1'001, 'x')).starts_with("HTTP/1.1 413"));
}

TEST_F(OnAUnixSocket, ABodyOfUnknownLengthIsRefused) {
  server_.Post("/echo", [](const httplib::Request&, httplib::Response&) { ADD_FAILURE(); });
  start();
  EXPECT_TRUE(exchange("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").starts_with("HTTP/1.1 411"));
  EXPECT_TRUE(exchange("POST /echo HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n").starts_with("HTTP/1.1 411"));
}

TEST_F(OnAUnixSocket, AHandlerLearnsThatTheCallerHasGone) {
  std::promise<void> entered, left;
  server_.Get("/wait", [&](const httplib::Request&, httplib::Response&) {
    EXPECT_TRUE(caller_is_there());
    entered.set_value();
    while (caller_is_there()) std::this_thread::yield();
    left.set_value();
  });
  start();
  const int fd = connect_and_send("GET /wait HTTP/1.1\r\n\r\n");
  entered.get_future().wait();
  close(fd);
  EXPECT_EQ(left.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

}  // namespace
}  // namespace demarc::workers
