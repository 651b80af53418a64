// TLS contexts: who is trusted, what is offered. Internal to http/. Any thread.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"

struct ssl_ctx_st;

namespace demarc::http {

// For connections to servers: the system's roots and the given files (PEM; "" for none). Cached until a file changes.
Result<std::shared_ptr<ssl_ctx_st>, std::string> client_context(const std::string& ca_file, const std::string& second_ca_file);

}  // namespace demarc::http
