// UnixServer: cpp-httplib's server on a Unix socket, one request a connection, whose handlers can ask whether the caller is still there.
//
//   UnixServer server(path, threads, max_body_bytes);
//   server.Post("/v1/…", [](const httplib::Request&, httplib::Response& response) { … while (caller_is_there()) … });
//   server.serve();                       // until stop(), from any thread
//
// httplib reads a body whole before a handler runs; compressed or chunked ones are refused, so that its length is known and limited.
#pragma once

#include <httplib.h>

#include <string>

namespace demarc::workers {

class UnixServer : public httplib::Server {
 public:
  UnixServer(std::string path, std::size_t threads, std::size_t max_body_bytes);

  // False: the socket could not be made.
  bool serve();

 private:
  bool process_and_close_socket(socket_t socket) override;

  std::string path_;
};

// Within a handler (or the content provider it leaves): false once the other side has closed.
bool caller_is_there();

}  // namespace demarc::workers
