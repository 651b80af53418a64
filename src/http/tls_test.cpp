#include "http/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <fstream>

#include "http/test_support.hpp"

namespace demarc::http {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

struct Identity {
  Key key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
  Certificate certificate{X509_new(), &X509_free};
};

void extend(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Signed by `issuer`, or by itself as a CA.
Identity make_identity(const char* common_name, const char* names, const Identity* issuer) {
  static long serial = 1;
  Identity made;
  X509* c = made.certificate.get();
  X509_set_version(c, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(c), serial++);
  X509_gmtime_adj(X509_getm_notBefore(c), -60);
  X509_gmtime_adj(X509_getm_notAfter(c), 3600);
  X509_set_pubkey(c, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  const Identity& signer = issuer ? *issuer : made;
  X509_set_issuer_name(c, X509_get_subject_name(signer.certificate.get()));
  extend(c, signer.certificate.get(), NID_basic_constraints, issuer ? "CA:FALSE" : "critical,CA:TRUE");
  if (names) extend(c, signer.certificate.get(), NID_subject_alt_name, names);
  X509_sign(c, signer.key.get(), EVP_sha256());
  return made;
}

class Tls : public testing::Test {
 protected:
  Tls() : folder_(std::filesystem::temp_directory_path() / ("demarc_tls_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    save("ca", ca_);
    save("other", other_ca_);
    save("server", server_);
    save("client", client_);
  }
  ~Tls() override { std::filesystem::remove_all(folder_); }

  void save(const std::string& name, const Identity& identity) {
    FILE* pem = std::fopen(path(name + ".pem").c_str(), "w");
    PEM_write_X509(pem, identity.certificate.get());
    std::fclose(pem);
    FILE* key = std::fopen(path(name + ".key").c_str(), "w");
    PEM_write_PrivateKey(key, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(key);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }
  std::shared_ptr<ServerTls> server_tls(const std::string& client_ca = "") {
    auto loaded = ServerTls::load({path("server.pem"), path("server.key"), client_ca.empty() ? "" : path(client_ca)});
    EXPECT_TRUE(loaded) << loaded.error();
    return *loaded;
  }
  static Origin tls_origin(const TestServer& test, const std::string& host, const std::string& ca) {
    Origin origin = test.origin();
    origin.kind = Origin::Kind::tls, origin.host = host, origin.ca_file = ca;
    return origin;
  }

  std::filesystem::path folder_;
  Identity ca_ = make_identity("Test CA", nullptr, nullptr), other_ca_ = make_identity("Other CA", nullptr, nullptr);
  Identity server_ = make_identity("server", "DNS:localhost,IP:127.0.0.1", &ca_);
  Identity client_ = make_identity("client 7", nullptr, &ca_);
};

TEST_F(Tls, CarriesRequestsOfAnySize) {
  TestServer test(&echo, {}, {{.address = "127.0.0.1:0", .tls = server_tls()}});
  TestClient client;
  const std::string large(3'000'000, 'z');
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const Origin origin = tls_origin(test, host, path("ca.pem"));
    EXPECT_EQ(client.send(origin, {.target = "/", .body = "small"}).body, "POST / small");
    EXPECT_EQ(client.send(origin, {.target = "/", .body = large}).body, "POST / " + large);
    EXPECT_EQ(client.send(origin, {.target = "/", .body = "again"}).body, "POST / again");
  }
}

TEST_F(Tls, ResumesTheSessionOfAnEarlierConnection) {
  const auto tls = server_tls();
  TestServer test(&echo, {}, {{.address = "127.0.0.1:0", .tls = tls}});
  TestClient client({.idle_per_origin = 0});  // a connection for each request
  const Origin origin = tls_origin(test, "localhost", path("ca.pem"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.send(origin, {.target = "/", .body = "r"}).body, "POST / r");
  EXPECT_EQ(SSL_CTX_sess_hits(tls->context().get()), 2);
}

TEST_F(Tls, RefusesACertificateOfAnUnknownCa) {
  TestServer test(&echo, {}, {{.address = "127.0.0.1:0", .tls = server_tls()}});
  TestClient client;
  const Outcome out = client.send(tls_origin(test, "localhost", path("other.pem")), {.target = "/", .body = ""});
  ASSERT_TRUE(out.error);
  EXPECT_EQ(out.error->kind, IoError::tls);
  EXPECT_FALSE(out.error->sent);
  EXPECT_NE(out.error->detail.find("certificate verify failed"), std::string::npos) << out.error->detail;
}

TEST_F(Tls, RefusesACertificateOfAnotherHost) {
  server_ = make_identity("server", "DNS:elsewhere.example", &ca_);
  save("server", server_);
  TestServer test(&echo, {}, {{.address = "127.0.0.1:0", .tls = server_tls()}});
  TestClient client;
  const Outcome out = client.send(tls_origin(test, "localhost", path("ca.pem")), {.target = "/", .body = ""});
  ASSERT_TRUE(out.error);
  EXPECT_NE(out.error->detail.find("hostname mismatch"), std::string::npos) << out.error->detail;
}

TEST_F(Tls, RefusesAClientWithoutACertificateWhereOneIsAsked) {
  TestServer test(&echo, {}, {{.address = "127.0.0.1:0", .tls = server_tls("ca.pem")}});
  TestClient client;
  const Outcome out = client.send(tls_origin(test, "localhost", path("ca.pem")), {.target = "/", .body = ""});
  EXPECT_TRUE(out.error || out.body_error);
}

// OpenSSL's own client, blocking, with or without a certificate.
std::string ask_with_openssl(const TestServer& test, const std::string& certificate, const std::string& key, int most_version) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_max_proto_version(context.get(), most_version);
  if (!certificate.empty()) {
    SSL_CTX_use_certificate_file(context.get(), certificate.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM);
  }
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context.get()), &SSL_free);
  RawClient raw(test.address());
  SSL_set_fd(tls.get(), raw.fd());
  if (SSL_connect(tls.get()) != 1) return "no handshake";
  const std::string request = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
  for (const char c : request) SSL_write(tls.get(), &c, 1);  // a record for every byte
  std::string all;
  char buffer[4096];
  for (int got = 0; (got = SSL_read(tls.get(), buffer, sizeof buffer)) > 0;) all.append(buffer, static_cast<std::size_t>(got));
  return all;
}

Task<void> tell_subject(Exchange& exchange) { (void)co_await exchange.respond(200, {}, "subject " + exchange.request().client_certificate); }

TEST_F(Tls, TellsTheSubjectOfAVerifiedClient) {
  TestServer test(&tell_subject, {}, {{.address = "127.0.0.1:0", .tls = server_tls("ca.pem")}});
  const std::string answer = ask_with_openssl(test, path("client.pem"), path("client.key"), TLS1_3_VERSION);
  EXPECT_TRUE(answer.ends_with("subject CN=client 7")) << answer;
}

TEST_F(Tls, RefusesWhatIsOlderThan12) {
  TestServer test(&tell_subject, {}, {{.address = "127.0.0.1:0", .tls = server_tls()}});
  EXPECT_EQ(ask_with_openssl(test, "", "", TLS1_1_VERSION), "no handshake");
  EXPECT_TRUE(ask_with_openssl(test, "", "", TLS1_2_VERSION).ends_with("subject "));
}

TEST_F(Tls, ANewCertificateServesWithoutARestart) {
  const auto tls = server_tls();
  TestServer test(&echo, {}, {{.address = "127.0.0.1:0", .tls = tls}});
  TestClient client;
  EXPECT_EQ(client.send(tls_origin(test, "localhost", path("ca.pem")), {.target = "/", .body = "1"}).body, "POST / 1");
  server_ = make_identity("server", "DNS:localhost", &other_ca_);
  save("server", server_);
  ASSERT_TRUE(tls->reload());
  const Origin fresh = tls_origin(test, "localhost", path("other.pem"));
  EXPECT_EQ(client.send(fresh, {.target = "/", .body = "2"}).body, "POST / 2");
  std::ofstream(path("server.pem")) << "not a certificate";
  EXPECT_FALSE(tls->reload());
  TestClient another;
  EXPECT_EQ(another.send(fresh, {.target = "/", .body = "3"}).body, "POST / 3") << "the last good one stays";
}

TEST_F(Tls, SaysWhichFileIsWrong) {
  const auto loaded = ServerTls::load({path("missing.pem"), path("server.key"), ""});
  ASSERT_FALSE(loaded);
  EXPECT_TRUE(loaded.error().starts_with(path("missing.pem"))) << loaded.error();
  EXPECT_FALSE(ServerTls::load({path("server.pem"), path("client.key"), ""}));
}

}  // namespace
}  // namespace demarc::http
