#include "http/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <cstring>
#include <map>

#include "http/inner/tls_context.hpp"

namespace demarc::http {
namespace {

using Context = std::shared_ptr<SSL_CTX>;

Failure<std::string> failed(const std::string& what) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string message = what + ": " + (reason ? reason : "cannot be used");
  ERR_clear_error();
  return fail(std::move(message));
}

Context new_context(const SSL_METHOD* method) {
  Context context(SSL_CTX_new(method), &SSL_CTX_free);
  CHECK(context != nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

int select_http_1_1(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kOurs, sizeof kOurs - 1, offered, offered_size) != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<Context, std::string> server_context(const TlsFiles& files) {
  ERR_clear_error();
  Context context = new_context(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) return failed(files.certificate);
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) return failed(files.key);
  if (SSL_CTX_check_private_key(context.get()) != 1) return failed(files.key + " does not belong to " + files.certificate);
  SSL_CTX_set_alpn_select_cb(context.get(), &select_http_1_1, nullptr);
  SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("demarc"), 6);
  if (!files.client_ca.empty()) {
    if (SSL_CTX_load_verify_locations(context.get(), files.client_ca.c_str(), nullptr) != 1) return failed(files.client_ca);
    SSL_CTX_set_client_CA_list(context.get(), SSL_load_client_CA_file(files.client_ca.c_str()));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

}  // namespace

Result<std::shared_ptr<ServerTls>, std::string> ServerTls::load(TlsFiles files) {
  Context context = TRY(server_context(files));
  return std::shared_ptr<ServerTls>(new ServerTls(std::move(files), std::move(context)));
}

Result<void, std::string> ServerTls::reload() {
  Context fresh = TRY(server_context(files_));
  MutexLock lock(mutex_);
  context_ = std::move(fresh);
  return {};
}

std::shared_ptr<ssl_ctx_st> ServerTls::context() const {
  MutexLock lock(mutex_);
  return context_;
}

namespace {
// A file's name and version, so that a replaced trust root is read anew.
std::string stamp(const std::string& file) {
  struct stat state{};
  if (file.empty() || ::stat(file.c_str(), &state) != 0) return file;
  return file + "@" + std::to_string(state.st_mtim.tv_sec) + "." + std::to_string(state.st_mtim.tv_nsec) + "." + std::to_string(state.st_ino);
}
}  // namespace

Result<std::shared_ptr<ssl_ctx_st>, std::string> client_context(const std::string& ca_file, const std::string& second_ca_file) {
  static Mutex mutex;
  struct Known {
    std::string stamps;
    Context context;
  };
  static std::map<std::pair<std::string, std::string>, Known> contexts;
  std::string stamps = stamp(ca_file) + " " + stamp(second_ca_file);
  MutexLock lock(mutex);
  Known& known = contexts[{ca_file, second_ca_file}];
  if (known.context && known.stamps == stamps) return known.context;
  ERR_clear_error();
  Context context = new_context(TLS_client_method());
  SSL_CTX_set_default_verify_paths(context.get());
  for (const std::string& file : {ca_file, second_ca_file})
    if (!file.empty() && SSL_CTX_load_verify_locations(context.get(), file.c_str(), nullptr) != 1) return failed(file);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  static constexpr unsigned char kOffer[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(context.get(), kOffer, sizeof kOffer - 1);
  ERR_clear_error();
  known = {std::move(stamps), std::move(context)};
  return known.context;
}

}  // namespace demarc::http
