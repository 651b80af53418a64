#include "access/identify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demarc::access {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Instant kNow{1'790'000'000'000'000'000};
const std::string kPepper(kPepperBytes, 'p');

struct House {
  NewKey alice, gone;
  std::shared_ptr<const KeySet> keys;
};
const House& house() {
  static const House built = [] {
    House h;
    h.alice =
        create_key({.name = "alice", .team = "claims", .workloads = {"triage"}, .sensitivity = Sensitivity::internal}, kPepper, system_random(), kNow)
            .value();
    h.gone = create_key({.name = "gone"}, kPepper, system_random(), kNow).value();
    h.gone.record.revoked = kNow;
    h.keys = make_key_set({h.alice.record, h.gone.record}, kPepper);
    return h;
  }();
  return built;
}

Result<Caller, ApiError> from_afar(const Headers& headers, Instant now = kNow) {
  return identify(headers, "203.0.113.9:5555", *house().keys, now, LoopbackRule::keyless_allowed);
}
Result<Caller, ApiError> from_here(const Headers& headers, LoopbackRule rule = LoopbackRule::keyless_allowed) {
  return identify(headers, "127.0.0.1:5555", *house().keys, kNow, rule);
}

TEST(Identify, KnowsACallerByEitherHeaderOrBoth) {
  const std::string& key = house().alice.secret;
  for (const Headers& headers :
       {Headers{{"authorization", "Bearer " + key}}, Headers{{"authorization", "bEaReR  " + key + " "}}, Headers{{"x-api-key", key}},
        Headers{{"x-goog-api-key", key}}, Headers{{"x-api-key", key}, {"authorization", "Bearer " + key}}}) {
    const auto caller = from_afar(headers);
    ASSERT_TRUE(caller) << caller.error().message;
    EXPECT_EQ(caller->key_id, house().alice.record.id);
    EXPECT_EQ(caller->team, "claims");
    EXPECT_EQ(caller->sensitivity, Sensitivity::internal);
    EXPECT_TRUE(caller->may("inference"));
    EXPECT_FALSE(caller->may("admin"));
  }
}

TEST(Identify, RefusesMalformedAndContradictoryHeadersAlike) {
  const std::string& key = house().alice.secret;
  const std::string other = create_key({.name = "other"}, kPepper, system_random(), kNow)->secret;  // well-formed, unknown
  const std::vector<Headers> bad = {
      {{"authorization", ""}},
      {{"authorization", "Bearer"}},
      {{"authorization", "Bearer "}},
      {{"authorization", key}},
      {{"authorization", "Basic " + key}},
      {{"authorization", "Bearer" + key}},
      {{"authorization", "Bearer " + key + "," + key}},
      {{"authorization", "Bearer " + key + " x"}},
      {{"x-api-key", ""}},
      {{"x-api-key", "Bearer " + key}},
      {{"x-api-key", key + "0"}},
      {{"x-api-key", std::string("dmc_live_\0\0", 11)}},
      {{"x-api-key", "sk-proj-whatever"}},
      {{"x-api-key", std::string(60'000, 'x')}},
      {{"x-api-key", other}},
      {{"x-api-key", key}, {"authorization", "Bearer " + other}},
      {{"x-api-key", key}, {"x-api-key", other}},
      {{"authorization", "Bearer " + key}, {"authorization", "Bearer " + other}},
      {{"authorization", "Basic x"}, {"x-api-key", key}},
  };
  std::set<std::string> messages;
  for (const Headers& headers : bad) {
    const auto caller = from_afar(headers);
    ASSERT_FALSE(caller) << headers.begin()->second;
    EXPECT_EQ(http_status(caller.error()), 401);
    messages.insert(caller.error().message + caller.error().hint);
  }
  EXPECT_EQ(messages.size(), 1U) << "a wrong key does not tell what is wrong with it, nor whether its id exists";
}

TEST(Identify, SaysExpiredAndRevokedOnlyToWhoHoldsTheKey) {
  const auto revoked = from_afar({{"x-api-key", house().gone.secret}});
  ASSERT_FALSE(revoked);
  EXPECT_THAT(revoked.error().message, HasSubstr("revoked"));
  const auto expired = from_afar({{"x-api-key", house().alice.secret}}, house().alice.record.expires);
  ASSERT_FALSE(expired);
  EXPECT_THAT(expired.error().message, HasSubstr("expired on"));
}

TEST(Identify, NeverRepeatsTheKeyInAnError) {
  for (const std::string& key : {house().gone.secret, std::string("sk-hunter2"), house().alice.secret + "x"}) {
    const ApiError error = from_afar({{"x-api-key", key}}).error();
    EXPECT_THAT(error.message + error.hint + error.param, Not(HasSubstr(key)));
  }
}

TEST(Keyless, IsForThisMachineOnly) {
  for (const char* near : {"127.0.0.1:1", "127.8.8.8:1", "[::1]:1", "::1:1", "unix", "[::ffff:127.0.0.1]:1"})
    EXPECT_TRUE(identify({}, near, *house().keys, kNow, LoopbackRule::keyless_allowed)) << near;
  for (const char* far : {"10.0.0.1:1", "[fd00::1]:1", "128.0.0.1:1", "", "127.0.0.1.evil.com:1", "localhost.evil.com:1", "[::2]:1", "unix2"})
    EXPECT_FALSE(identify({}, far, *house().keys, kNow, LoopbackRule::keyless_allowed)) << far;
}

TEST(Keyless, GivesTheOwnersScopesAndNoKeyId) {
  const auto caller = from_here({});
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->key_id, "");
  EXPECT_EQ(caller->scopes, (std::set<std::string, std::less<>>{"inference", "receipts:read", "usage:read", "audit:read", "admin"}));
}

TEST(Keyless, EndsWhereKeysAreRequired) {
  EXPECT_FALSE(from_here({}, LoopbackRule::keys_required));
  EXPECT_FALSE(from_here({{"x-api-key", "sk-unused"}}, LoopbackRule::keys_required));
  EXPECT_FALSE(identify({}, "unix", *house().keys, kNow, LoopbackRule::keys_required));
}

TEST(Keyless, TakesNoNoticeOfOtherProvidersKeysButChecksOurs) {
  EXPECT_TRUE(from_here({{"authorization", "Bearer sk-unused"}}));
  EXPECT_EQ(from_here({{"authorization", "Bearer " + house().alice.secret}})->key_id, house().alice.record.id);
  EXPECT_FALSE(from_here({{"authorization", "Bearer " + house().gone.secret}}));
  EXPECT_FALSE(from_here({{"authorization", "Bearer dmc_live_typo"}}));
}

TEST(Keyless, IsNotForWebPagesOfOthersNorForWhatAProxyBrings) {
  EXPECT_TRUE(from_here({{"host", "localhost:8400"}, {"origin", "http://localhost:8400"}, {"sec-fetch-site", "same-origin"}}));
  EXPECT_TRUE(from_here({{"host", "[::1]:8400"}}));
  for (const auto& [name, value] : {std::pair("host", "rebound.example.com:8400"),
                                    {"host", "127.0.0.1.nip.io"},
                                    {"origin", "https://evil.example.com"},
                                    {"origin", "null"},
                                    {"origin", "http://localhost.evil.com"},
                                    {"sec-fetch-site", "cross-site"},
                                    {"sec-fetch-site", "same-site"},
                                    {"x-forwarded-for", "203.0.113.9"},
                                    {"forwarded", "for=1.2.3.4"},
                                    {"via", "1.1 nginx"},
                                    {"x-real-ip", "1.2.3.4"}}) {
    EXPECT_FALSE(from_here({{name, value}})) << name << ": " << value;
    EXPECT_TRUE(from_here({{name, value}, {"x-api-key", house().alice.secret}})) << name << ": a key is a key";
  }
}

TEST(Workloads, MayBeNamedIfOpenOrListedByTheKey) {
  const Caller caller = *from_afar({{"x-api-key", house().alice.secret}});
  const std::vector<std::string> defined = {"triage", "open", "closed"}, open = {"open"};
  EXPECT_TRUE(may_name_workload(caller, "triage", open, defined));
  EXPECT_TRUE(may_name_workload(caller, "open", open, defined));
  EXPECT_EQ(http_status(may_name_workload(caller, "closed", open, defined).error()), 403);
  EXPECT_EQ(http_status(may_name_workload(caller, "nowhere", open, defined).error()), 400);
}

TEST(Scopes, AreNeededAndAdminHasThemAll) {
  Caller caller;
  caller.scopes = {"inference"};
  EXPECT_TRUE(require_scope(caller, "inference"));
  EXPECT_EQ(http_status(require_scope(caller, "audit:read").error()), 403);
  caller.scopes = {"admin"};
  EXPECT_TRUE(require_scope(caller, "audit:read"));
}

TEST(Credentials, AreTakenOffBeforeAnythingLeaves) {
  Headers headers{{"authorization", "Bearer x"}, {"x-api-key", "x"}, {"x-goog-api-key", "x"}, {"api-key", "x"}, {"cookie", "x"},
                  {"proxy-authorization", "x"},  {"accept", "y"}};
  strip_credentials(headers);
  EXPECT_EQ(headers.size(), 1U);
}

}  // namespace
}  // namespace demarc::access
