#include "config/base_url.hpp"

#include <gtest/gtest.h>

namespace demarc::config {
namespace {

TEST(BaseUrl, BecomesAnOriginWithItsPortAndBasePath) {
  const auto cloud = parse_base_url("https://api.OpenAI.com/v1/");
  ASSERT_TRUE(cloud) << cloud.error();
  EXPECT_EQ(cloud->kind, Origin::Kind::tls);
  EXPECT_EQ(cloud->host, "api.openai.com");
  EXPECT_EQ(cloud->port, 443);
  EXPECT_EQ(cloud->base_path, "/v1");

  const auto room = parse_base_url("http://[fd00::7]:9000");
  ASSERT_TRUE(room) << room.error();
  EXPECT_EQ(room->kind, Origin::Kind::tcp);
  EXPECT_EQ(room->host, "fd00::7");
  EXPECT_EQ(room->port, 9000);
  EXPECT_EQ(room->base_path, "");
}

TEST(BaseUrl, MayBeAUnixSocketWithABasePath) {
  const auto plain = parse_base_url("unix:/run/vllm.sock");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->kind, Origin::Kind::unix_socket);
  EXPECT_EQ(plain->unix_path, "/run/vllm.sock");
  EXPECT_EQ(plain->base_path, "");
  const auto based = parse_base_url("unix:/run/vllm.sock:/v1");
  ASSERT_TRUE(based);
  EXPECT_EQ(based->unix_path, "/run/vllm.sock");
  EXPECT_EQ(based->base_path, "/v1");
}

TEST(BaseUrl, RefusesWhatIsNoPlainPlaceToSendTo) {
  for (const char* bad : {"",
                          "api.openai.com/v1",
                          "ftp://host",
                          "https://",
                          "https:///v1",
                          "https://user:secret@host/v1",
                          "https://host/v1?key=x",
                          "https://host#x",
                          "https://host?x",
                          "https://host/a b",
                          "https://host:0",
                          "https://host:65536",
                          "https://host:",
                          "https://host:80x",
                          "https://fd00::7/v1",
                          "https://[fd00::7",
                          "https://[]/v1",
                          "https://ho st",
                          "https://..",
                          "http://127.1/",
                          "http://2130706433/",
                          "unix:relative.sock",
                          "unix:/run/x.sock:v1"})
    EXPECT_FALSE(parse_base_url(bad)) << bad;
  EXPECT_FALSE(parse_base_url("https://" + std::string(3000, 'a')));
  EXPECT_FALSE(parse_base_url("unix:/" + std::string(120, 'a')));
}

TEST(BaseUrl, NeverPointsAtMetadataServices) {
  for (const char* bad :
       {"http://169.254.169.254/latest", "http://[fe80::1]/", "http://[febf::1]/", "http://[fd00:ec2::254]/", "http://[::ffff:169.254.1.1]/"})
    EXPECT_FALSE(parse_base_url(bad)) << bad;
}

TEST(BaseUrl, ErrorsNeverRepeatTheUrl) {
  for (const char* bad : {"https://user:hunter2@host", "https://host/hunter2 ", "hunter2", "https://host:hunter2", "unix:hunter2"}) {
    const auto origin = parse_base_url(bad);
    ASSERT_FALSE(origin) << bad;
    EXPECT_EQ(origin.error().find("hunter2"), std::string::npos) << origin.error();
  }
}

TEST(Loopback, IsJudgedByAddressNotBySpelling) {
  for (const char* yes : {"127.0.0.1", "127.9.9.9", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "localhost", "LocalHost"})
    EXPECT_TRUE(is_loopback_host(yes)) << yes;
  for (const char* no : {"0.0.0.0", "::", "128.0.0.1", "localhost.example.com", "127.0.0.1.nip.io", "", "::2"})
    EXPECT_FALSE(is_loopback_host(no)) << no;
}

}  // namespace
}  // namespace demarc::config
