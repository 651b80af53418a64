#include "privacy/sealed.hpp"

#include <openssl/evp.h>

#include <memory>

#include "base/check.hpp"

namespace demarc::privacy {
namespace {

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string seal(const Digest& key, std::string_view associated, std::string_view plain, Random& random) {
  std::string out(plain.size() + kSealBytes, '\0');
  random.fill(out.data(), kNonceBytes);
  const Context context(EVP_CIPHER_CTX_new());
  int written = 0, ended = 0;
  const bool done = context && EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes(out)) == 1 &&
                    EVP_EncryptUpdate(context.get(), nullptr, &written, bytes(associated), static_cast<int>(associated.size())) == 1 &&
                    EVP_EncryptUpdate(context.get(), bytes(out) + kNonceBytes, &written, bytes(plain), static_cast<int>(plain.size())) == 1 &&
                    EVP_EncryptFinal_ex(context.get(), bytes(out) + kNonceBytes + written, &ended) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, bytes(out) + kNonceBytes + plain.size()) == 1;
  CHECK(done);
  return out;
}

std::optional<std::string> unseal(const Digest& key, std::string_view associated, std::string_view sealed) {
  if (sealed.size() < kSealBytes) return {};
  const std::string_view cipher = sealed.substr(kNonceBytes, sealed.size() - kSealBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string out(cipher.size(), '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int written = 0, ended = 0;
  const bool done = context && EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes(sealed)) == 1 &&
                    EVP_DecryptUpdate(context.get(), nullptr, &written, bytes(associated), static_cast<int>(associated.size())) == 1 &&
                    EVP_DecryptUpdate(context.get(), bytes(out), &written, bytes(cipher), static_cast<int>(cipher.size())) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, bytes(tag)) == 1 &&
                    EVP_DecryptFinal_ex(context.get(), bytes(out) + written, &ended) == 1;
  if (!done) return {};
  return out;
}

}  // namespace demarc::privacy
