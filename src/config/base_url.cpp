#include "config/base_url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/strings.hpp"
#include "config/keys.hpp"

namespace demarc::config {
namespace {

constexpr std::size_t kMaxUrl = 2048;
constexpr std::size_t kMaxUnixPath = 107;  // sun_path with its end

using Address = std::array<unsigned char, 16>;  // IPv4 as ::ffff:a.b.c.d

std::optional<Address> parse_address(std::string_view host) {
  const std::string text(host);
  Address out{};
  if (inet_pton(AF_INET6, text.c_str(), out.data()) == 1) return out;
  std::array<unsigned char, 4> v4{};
  if (inet_pton(AF_INET, text.c_str(), v4.data()) != 1) return {};
  out[10] = out[11] = 0xff;
  std::copy(v4.begin(), v4.end(), out.begin() + 12);
  return out;
}

bool is_v4(const Address& a) {
  return std::all_of(a.begin(), a.begin() + 10, [](unsigned char byte) { return byte == 0; }) && a[10] == 0xff && a[11] == 0xff;
}

bool is_metadata_or_link_local(const Address& a) {
  if (is_v4(a)) return a[12] == 169 && a[13] == 254;
  if (a[0] == 0xfe && (a[1] & 0xc0) == 0x80) return true;
  constexpr Address kAwsMetadata = {0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54};
  return a == kAwsMetadata;
}

// A name of labels (RFC 1123, with underscores as container networks use them), or an address.
bool is_host(std::string_view host) {
  if (parse_address(host)) return true;
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.front() == '-') return false;
  const bool numeric = std::ranges::all_of(host, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });  // 127.1 and its kin
  return !numeric && host.find("..") == std::string_view::npos && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto value = parse_whole(text);
  if (!value || *value > 65535) return {};
  return static_cast<std::uint16_t>(*value);
}

bool is_path(std::string_view path) {
  return std::ranges::all_of(path, [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '?' && c != '#' && c != '\\' && c != '"'; });
}

std::string without_end_slash(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

Result<Origin, std::string> parse_unix(std::string_view rest) {
  const std::size_t colon = rest.find(':');
  const std::string_view base = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
  Origin origin;
  origin.kind = Origin::Kind::unix_socket, origin.host = "localhost", origin.port = 0;
  origin.unix_path = rest.substr(0, colon), origin.base_path = without_end_slash(base);
  if (!origin.unix_path.starts_with('/')) return fail(std::string("a Unix socket's path begins with '/'"));
  if (origin.unix_path.size() > kMaxUnixPath) return fail(std::string("a Unix socket's path has at most 107 bytes"));
  if (!base.empty() && (!base.starts_with('/') || !is_path(base))) return fail(std::string("a base path begins with '/' and has no query"));
  return origin;
}

}  // namespace

Result<HostPort, std::string> parse_host_port(std::string_view text) {
  HostPort out;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return fail(std::string("expected host:port"));
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']') && host.size() > 2)
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return fail(std::string("an IPv6 address stands in brackets: \"[::1]:8400\""));
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return fail(std::string("a port is a number up to 65535"));
  if (!is_host(host)) return fail(std::string("expected a host name or an IP address before ':'"));
  out.host = host, out.port = *port;
  return out;
}

bool is_loopback_host(std::string_view host) {
  if (equals_ignoring_case(host, "localhost")) return true;
  const auto address = parse_address(host);
  if (!address) return false;
  if (is_v4(*address)) return (*address)[12] == 127;
  return std::all_of(address->begin(), address->end() - 1, [](unsigned char byte) { return byte == 0; }) && address->back() == 1;
}

Result<Origin, std::string> parse_base_url(std::string_view url) {
  if (url.size() > kMaxUrl) return fail(std::string("a URL has at most 2048 bytes"));
  if (url.starts_with("unix:")) return parse_unix(url.substr(5));
  Origin origin;
  if (url.starts_with("https://"))
    origin.kind = Origin::Kind::tls, origin.port = 443, url.remove_prefix(8);
  else if (url.starts_with("http://"))
    origin.kind = Origin::Kind::tcp, origin.port = 80, url.remove_prefix(7);
  else
    return fail(std::string("expected https://…, http://… or unix:/path"));

  const std::size_t slash = url.find('/');
  const std::string_view authority = url.substr(0, slash);
  const std::string_view path = slash == std::string_view::npos ? std::string_view{} : url.substr(slash);
  if (authority.find('@') != std::string_view::npos) return fail(std::string("no user name or password in a URL; the key goes into 'key'"));
  if (!is_path(path) || authority.find_first_of("?#") != std::string_view::npos) return fail(std::string("no query, fragment or spaces here"));

  const bool has_port = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0) != std::string_view::npos;
  const auto parts = TRY(parse_host_port(has_port ? std::string(authority) : std::string(authority) + ":" + std::to_string(origin.port)));
  if (parts.port == 0) return fail(std::string("port 0 cannot be reached"));
  if (const auto address = parse_address(parts.host); address && is_metadata_or_link_local(*address))
    return fail(std::string("link-local and metadata addresses are no upstreams"));
  origin.host = to_lower(parts.host), origin.port = parts.port, origin.base_path = without_end_slash(path);
  return origin;
}

}  // namespace demarc::config
