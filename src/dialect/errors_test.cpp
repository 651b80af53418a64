#include "dialect/errors.hpp"

#include "dialect/models.hpp"
#include "dialect/testing.hpp"

namespace demarc::dialect {
namespace {

using testing::must_parse;

TEST(Errors, HaveOpenAisShape) {
  struct Case {
    ErrorKind kind;
    int status;
    const char* type;
    const char* code;
  };
  for (const Case& c : {
           Case{ErrorKind::bad_request, 400, "invalid_request_error", "null"},
           Case{ErrorKind::context_length, 400, "invalid_request_error", "\"context_length_exceeded\""},
           Case{ErrorKind::quarantined, 422, "invalid_request_error", "\"request_quarantined\""},
           Case{ErrorKind::unauthenticated, 401, "invalid_request_error", "\"invalid_api_key\""},
           Case{ErrorKind::forbidden, 403, "permission_error", "null"},
           Case{ErrorKind::model_not_found, 404, "invalid_request_error", "\"model_not_found\""},
           Case{ErrorKind::not_found, 404, "invalid_request_error", "null"},
           Case{ErrorKind::method_not_allowed, 405, "invalid_request_error", "null"},
           Case{ErrorKind::timeout, 408, "invalid_request_error", "null"},
           Case{ErrorKind::too_large, 413, "invalid_request_error", "\"request_too_large\""},
           Case{ErrorKind::rate_limited, 429, "requests", "\"rate_limit_exceeded\""},
           Case{ErrorKind::budget_spent, 429, "insufficient_quota", "\"insufficient_quota\""},
           Case{ErrorKind::headers_too_large, 431, "invalid_request_error", "null"},
           Case{ErrorKind::internal, 500, "server_error", "null"},
           Case{ErrorKind::upstream_failed, 502, "server_error", "null"},
           Case{ErrorKind::unavailable, 503, "server_error", "null"},
           Case{ErrorKind::upstream_timeout, 504, "server_error", "null"},
       }) {
    const ApiError error{.kind = c.kind, .message = "say \"it\""};
    EXPECT_EQ(error_status(Family::openai, error), c.status);
    EXPECT_EQ(error_body(Family::openai, error, "req_1"),
              std::string(R"({"error":{"message":"say \"it\"","type":")") + c.type + R"(","param":null,"code":)" + c.code + "}}");
  }
}

TEST(Errors, HaveAnthropicsShape) {
  struct Case {
    ErrorKind kind;
    int status;
    const char* type;
  };
  for (const Case& c : {
           Case{ErrorKind::bad_request, 400, "invalid_request_error"},
           Case{ErrorKind::context_length, 400, "invalid_request_error"},
           Case{ErrorKind::quarantined, 422, "invalid_request_error"},
           Case{ErrorKind::unauthenticated, 401, "authentication_error"},
           Case{ErrorKind::budget_spent, 402, "billing_error"},
           Case{ErrorKind::forbidden, 403, "permission_error"},
           Case{ErrorKind::model_not_found, 404, "not_found_error"},
           Case{ErrorKind::too_large, 413, "request_too_large"},
           Case{ErrorKind::rate_limited, 429, "rate_limit_error"},
           Case{ErrorKind::internal, 500, "api_error"},
           Case{ErrorKind::upstream_failed, 502, "api_error"},
           Case{ErrorKind::unavailable, 503, "api_error"},
           Case{ErrorKind::upstream_timeout, 504, "timeout_error"},
       }) {
    const ApiError error{.kind = c.kind, .message = "m"};
    EXPECT_EQ(error_status(Family::anthropic, error), c.status);
    EXPECT_EQ(error_body(Family::anthropic, error, "req_1"),
              std::string(R"({"type":"error","error":{"type":")") + c.type + R"(","message":"m"},"request_id":"req_1"})");
  }
}

TEST(Errors, TellWhichRuleDecidedAndWhatToDo) {
  const ApiError error{.kind = ErrorKind::policy_denied, .message = "m", .hint = "h", .rules = {"a", "b"}};
  EXPECT_EQ(error_body(Family::openai, error, "r"),
            R"({"error":{"message":"m","type":"permission_error","param":null,"code":"policy_denied","demarc":{"rule":["a","b"],"hint":"h"}}})");
  EXPECT_EQ(error_body(Family::anthropic, error, "r"),
            R"({"type":"error","error":{"type":"permission_error","message":"m","demarc":{"rule":["a","b"],"hint":"h"}},"request_id":"r"})");
}

TEST(Errors, SayInHeadersWhetherToTryAgain) {
  const Headers quota = error_headers(Family::openai, {.kind = ErrorKind::budget_spent}, "req_1");
  EXPECT_EQ(quota.get("x-should-retry"), "false");
  EXPECT_EQ(quota.get("x-request-id"), "req_1");
  const Headers busy = error_headers(Family::anthropic, {.kind = ErrorKind::unavailable, .retry_after_s = 7}, "req_1");
  EXPECT_EQ(busy.get("retry-after"), "7");
  EXPECT_EQ(busy.get("request-id"), "req_1");
  EXPECT_FALSE(busy.find("x-should-retry"));
}

TEST(Errors, OfAnUpstreamPassAsTheyCameInTheSameDialect) {
  const std::string body = R"({"error":{"message":"Rate limit reached","type":"tokens","param":null,"code":"rate_limit_exceeded"}})";
  const auto request = must_parse("openai.chat", R"({"messages":[]})");
  const ApiError error = make_translator(*request, Provider::openai)->read_error(429, {{"retry-after", "3"}}, body);
  EXPECT_EQ(error.retry_after_s, 3);
  EXPECT_EQ(error_status(Family::openai, error), 429);
  EXPECT_EQ(error_body(Family::openai, error, "r"), body);
}

TEST(Errors, OfAnUpstreamAreSaidAnewInAnotherDialect) {
  const auto request = must_parse("openai.chat", R"({"messages":[]})");
  const auto translator = make_translator(*request, Provider::anthropic);
  const ApiError error =
      translator->read_error(529, {{"retry-after-ms", "1500"}}, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})");
  EXPECT_EQ(error.retry_after_s, 2);
  EXPECT_EQ(error_body(Family::openai, error, "r"), R"({"error":{"message":"Overloaded","type":"server_error","param":null,"code":null}})");
  EXPECT_EQ(translator->read_error(500, {}, "<html>").message, "the upstream answered 500");
}

TEST(Errors, InsideATwoHundredCountAsFailures) {
  const auto request = must_parse("openai.chat", R"({"messages":[]})");
  const auto reply = make_translator(*request, Provider::openai)->read_whole(200, {}, R"({"error":{"message":"no slot","code":503}})");
  ASSERT_FALSE(reply);
  EXPECT_EQ(http_status(reply.error()), 503);
}

TEST(Errors, FollowThePathWhereNoDialectIsKnown) {
  EXPECT_EQ(family_of("/v1/messages", {}), Family::anthropic);
  EXPECT_EQ(family_of("/v1/messages/count_tokens", {}), Family::anthropic);
  EXPECT_EQ(family_of("/v1/models", {{"anthropic-version", "2023-06-01"}}), Family::anthropic);
  EXPECT_EQ(family_of("/v1/models", {}), Family::openai);
  EXPECT_EQ(family_of("/v1/chat/completions", {{"anthropic-version", "2023-06-01"}}), Family::openai);
}

TEST(Models, AreListedForBothFamilies) {
  const std::vector<ModelEntry> models = {{"gpt-5-mini", "frontier", {1'700'000'000'000'000'000}}};
  EXPECT_EQ(models_body(Family::openai, models),
            R"({"object":"list","data":[{"id":"gpt-5-mini","object":"model","created":1700000000,"owned_by":"frontier"}]})");
  EXPECT_EQ(models_body(Family::anthropic, models),
            R"({"data":[{"type":"model","id":"gpt-5-mini","display_name":"gpt-5-mini","created_at":"2023-11-14T22:13:20.000Z"}],)"
            R"("has_more":false,"first_id":"gpt-5-mini","last_id":"gpt-5-mini"})");
  EXPECT_EQ(models_body(Family::anthropic, {}), R"({"data":[],"has_more":false,"first_id":null,"last_id":null})");
}

}  // namespace
}  // namespace demarc::dialect
