// base_url of an upstream → Origin: where its requests go.
//
//   parse_base_url("https://api.openai.com/v1")        // tls, port 443, base_path "/v1"
//   parse_base_url("http://127.0.0.1:9000/v1")         // tcp
//   parse_base_url("unix:/run/vllm.sock:/v1")          // Unix socket; what follows the second colon is the base path
//
// Refused: other schemes, user names, queries, fragments, link-local and metadata addresses (169.254/16, fe80::/10, fd00:ec2::254).
// The error says what is wrong without repeating the URL. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/io/http.hpp"

namespace demarc::config {

Result<Origin, std::string> parse_base_url(std::string_view url);

// "127.0.0.1" and all of 127/8, "::1", "::ffff:127.0.0.1", "localhost".
bool is_loopback_host(std::string_view host);

// "host:port", "[v6]:port"; the host without brackets.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
Result<HostPort, std::string> parse_host_port(std::string_view text);

}  // namespace demarc::config
