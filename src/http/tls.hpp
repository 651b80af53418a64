// ServerTls: a listener's certificate, replaceable while it serves.
//
//   auto tls = TRY(ServerTls::load({.certificate = "server.pem", .key = "server.key", .client_ca = "clients.pem"}));
//   ... later, on SIGHUP:  tls->reload();    // connections that exist keep what they have
//
// TLS 1.2 and newer. With client_ca a client must show a certificate signed by it (mTLS); its subject comes as HttpRequest::client_certificate.
// Any thread. Errors say which file and why; never contents.
#pragma once

#include <memory>
#include <string>

#include "base/mutex.hpp"
#include "base/result.hpp"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace demarc::http {

struct TlsFiles {
  std::string certificate, key;  // PEM; the certificate with its chain
  std::string client_ca;         // PEM; "": clients show none
};

class ServerTls {
 public:
  static Result<std::shared_ptr<ServerTls>, std::string> load(TlsFiles files);
  Result<void, std::string> reload();  // reads the files again; on failure the old certificate stays
  [[nodiscard]] std::shared_ptr<ssl_ctx_st> context() const;

 private:
  ServerTls(TlsFiles files, std::shared_ptr<ssl_ctx_st> context) : files_(std::move(files)), context_(std::move(context)) {}
  const TlsFiles files_;
  mutable Mutex mutex_;
  std::shared_ptr<ssl_ctx_st> context_ GUARDED_BY(mutex_);
};

}  // namespace demarc::http
