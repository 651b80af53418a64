#include "models/pull.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "models/testing/fixture.hpp"
#include "models/testing/hub_server.hpp"

namespace demarc::models {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const std::string kWeights = [] {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i);
  return text;
}();

// The rest of the weights from where the request's Range begins.
HubReply ranged(const HubRequest& request) {
  if (request.range.empty()) return {200, "", kWeights};
  const std::size_t from = std::stoul(request.range.substr(request.range.find('=') + 1));
  return {206,
          "Content-Range: bytes " + std::to_string(from) + "-" + std::to_string(kWeights.size() - 1) + "/" + std::to_string(kWeights.size()) + "\r\n",
          kWeights.substr(from)};
}

class PullTest : public testing::Test {
 protected:
  PullOptions options(const HubServer& hub) {
    PullOptions options;
    options.hub = {.endpoint = hub.url(), .token = "hf_secret", .tries = 3, .first_pause_ms = 0};
    return options;
  }
  // Puts the model's bytes into a folder and names it as a second source.
  void add_folder_source(Entry& entry) {
    write_file(folder_.path() / "weights.bin", kWeights);
    entry.sources.push_back({.kind = SourceKind::file, .folder = folder_.path(), .files = {{.path = "weights.bin", .from = "weights.bin"}}});
  }

  TemporaryFolder data_, folder_;
  Store store_{data_.path()};
  Entry entry_ = small_model(kWeights);
};

TEST_F(PullTest, FetchesFromAHub) {
  const HubServer hub(ranged);
  EXPECT_EQ(read_file(pull(store_, entry_, options(hub))->model.weights), kWeights);
}

TEST_F(PullTest, AsksForTheFileAtTheCommit) {
  const HubServer hub(ranged);
  ASSERT_TRUE(pull(store_, entry_, options(hub)).ok());
  EXPECT_EQ(hub.requests().front().path, "/someone/small/resolve/" + std::string(kCommit) + "/weights.bin");
}

TEST_F(PullTest, SendsTheTokenToTheHubButNotToWhereItRedirects) {
  const HubServer store([](const HubRequest& request) { return ranged(request); });
  const HubServer hub([&](const HubRequest&) { return HubReply{302, "Location: " + store.url() + "/blob?signature=s\r\n"}; });
  ASSERT_TRUE(pull(store_, entry_, options(hub)).ok());
  EXPECT_EQ(hub.requests().front().authorization, "Bearer hf_secret");
  EXPECT_EQ(store.requests().front().authorization, "");
}

TEST_F(PullTest, ResumesATransferThatBrokeOff) {
  int seen = 0;
  const HubServer hub([&](const HubRequest& request) {
    HubReply reply = ranged(request);
    if (++seen == 1) reply.cut_after_bytes = 1000;
    return reply;
  });
  ASSERT_TRUE(pull(store_, entry_, options(hub)).ok());
  EXPECT_EQ(hub.requests().back().range, "bytes=1000-");
}

TEST_F(PullTest, ResumesWhatAnEarlierRunLeft) {
  {
    const HubServer hub([](const HubRequest&) { return HubReply{200, "", kWeights, 5000}; });
    PullOptions once = options(hub);
    once.hub.tries = 1;
    ASSERT_EQ(pull(store_, entry_, once).error().kind, ModelErrorKind::unreachable);
  }
  const HubServer hub(ranged);
  ASSERT_TRUE(pull(store_, entry_, options(hub)).ok());
  EXPECT_EQ(hub.requests().front().range, "bytes=5000-");
}

TEST_F(PullTest, StartsAgainWhereTheHubDoesNotResume) {
  int seen = 0;
  const HubServer hub([&](const HubRequest&) { return ++seen == 1 ? HubReply{200, "", kWeights, 1000} : HubReply{200, "", kWeights}; });
  EXPECT_EQ(read_file(pull(store_, entry_, options(hub))->model.weights), kWeights);
}

TEST_F(PullTest, RefusesAResumptionAtAnotherPlace) {
  write_file(store_.incoming() / (entry_.files.front().sha256 + ".part"), kWeights.substr(0, 100));
  const HubServer hub([](const HubRequest&) { return HubReply{206, "Content-Range: bytes 50-99/100\r\n", "x"}; });
  EXPECT_THAT(pull(store_, entry_, options(hub)).error().message, HasSubstr("another place"));
}

TEST_F(PullTest, TriesAgainWhenTheHubIsOverloaded) {
  int seen = 0;
  const HubServer hub([&](const HubRequest& request) { return ++seen == 1 ? HubReply{503, "", "busy"} : ranged(request); });
  EXPECT_EQ(read_file(pull(store_, entry_, options(hub))->model.weights), kWeights);
}

TEST_F(PullTest, GivesUpOnAHubThatStaysOverloaded) {
  const HubServer hub([](const HubRequest&) { return HubReply{503}; });
  ASSERT_FALSE(pull(store_, entry_, options(hub)).ok());
  EXPECT_EQ(hub.requests().size(), 3U);
}

TEST_F(PullTest, RefusesOtherBytes) {
  std::string other = kWeights;
  other[7] ^= 1;
  const HubServer hub([&](const HubRequest&) { return HubReply{200, "", other}; });
  EXPECT_EQ(pull(store_, entry_, options(hub)).error().kind, ModelErrorKind::digest_mismatch);
}

TEST_F(PullTest, KeepsNothingOfOtherBytes) {
  const HubServer hub([&](const HubRequest&) { return HubReply{200, "", std::string(kWeights.size(), 'x')}; });
  ASSERT_FALSE(pull(store_, entry_, options(hub)).ok());
  EXPECT_TRUE(fs::is_empty(store_.incoming()));
  EXPECT_TRUE(fs::is_empty(store_.models() / "sha256"));
}

TEST_F(PullTest, StopsAFileThatGrowsPastItsSize) {
  const HubServer hub([](const HubRequest&) { return HubReply{200, "", kWeights + "more"}; });
  EXPECT_THAT(pull(store_, entry_, options(hub)).error().message, HasSubstr("longer than the catalogue says"));
}

TEST_F(PullTest, BelievesAHubThatAnnouncesOtherBytes) {
  const HubServer hub([](const HubRequest&) { return HubReply{200, "X-Linked-ETag: \"" + std::string(64, 'b') + "\"\r\n", kWeights}; });
  EXPECT_THAT(pull(store_, entry_, options(hub)).error().message, HasSubstr(std::string(64, 'b')));
}

TEST_F(PullTest, TakesTheNextSourceWhenTheHubDoesNotHaveIt) {
  add_folder_source(entry_);
  const HubServer hub([](const HubRequest&) { return HubReply{404, "", "Entry not found"}; });
  EXPECT_EQ(pull(store_, entry_, options(hub))->source, "file:" + folder_.path().native());
}

TEST_F(PullTest, TakesTheNextSourceWhenTheHubLies) {
  add_folder_source(entry_);
  const HubServer hub([](const HubRequest&) { return HubReply{200, "", std::string(kWeights.size(), 'x')}; });
  EXPECT_EQ(pull(store_, entry_, options(hub))->source, "file:" + folder_.path().native());
}

TEST_F(PullTest, SaysWhatToDoWhenTheHubWantsAToken) {
  const HubServer hub([](const HubRequest&) { return HubReply{401, "X-Error-Code: GatedRepo\r\n", "no"}; });
  const auto pulled = pull(store_, entry_, options(hub));
  EXPECT_EQ(pulled.error().kind, ModelErrorKind::unauthorized);
  EXPECT_THAT(pulled.error().message, HasSubstr("HF_TOKEN"));
}

TEST_F(PullTest, NeverPrintsTheToken) {
  const HubServer hub([](const HubRequest&) { return HubReply{401}; });
  EXPECT_THAT(pull(store_, entry_, options(hub)).error().message, Not(HasSubstr("hf_secret")));
}

TEST_F(PullTest, DoesNothingTheSecondTime) {
  const HubServer hub(ranged);
  ASSERT_TRUE(pull(store_, entry_, options(hub)).ok());
  EXPECT_EQ(pull(store_, entry_, options(hub))->outcome, Outcome::already_here);
  EXPECT_EQ(hub.requests().size(), 1U);
}

TEST_F(PullTest, FetchesOnceWhenRunTwiceAtOnce) {
  const HubServer hub(ranged);
  ModelResult<Pulled> first = fail(ModelError{}), second = fail(ModelError{});
  std::thread other([&] { first = pull(store_, entry_, options(hub)); });
  second = pull(store_, entry_, options(hub));
  other.join();
  EXPECT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(hub.requests().size(), 1U);
}

TEST_F(PullTest, LeavesAPinnedModelAloneWhenTheCatalogueChanges) {
  const HubServer hub(ranged);
  ASSERT_TRUE(pull(store_, entry_, options(hub)).ok());
  EXPECT_EQ(pull(store_, small_model("newer"), options(hub)).error().kind, ModelErrorKind::changed);
}

TEST_F(PullTest, EndsWhenItIsCancelled) {
  const HubServer hub(ranged);
  std::stop_source stop;
  PullOptions stopping = options(hub);
  stopping.stop = stop.get_token();
  stopping.on_progress = [&](const Progress&) { stop.request_stop(); };
  EXPECT_EQ(pull(store_, entry_, stopping).error().kind, ModelErrorKind::cancelled);
}

TEST_F(PullTest, NeedsFreeSpaceBeforeItBegins) {
  const HubServer hub(ranged);
  entry_.files.front().size_bytes = 1ULL << 60;
  EXPECT_EQ(pull(store_, entry_, options(hub)).error().kind, ModelErrorKind::no_space);
  EXPECT_TRUE(hub.requests().empty());
}

TEST_F(PullTest, KeepsToTheKindsOfSourceAskedFor) {
  add_folder_source(entry_);
  const HubServer hub(ranged);
  PullOptions only = options(hub);
  only.only = {SourceKind::file};
  ASSERT_TRUE(pull(store_, entry_, only).ok());
  EXPECT_TRUE(hub.requests().empty());
}

TEST_F(PullTest, TakesAFolderInsteadOfTheNetwork) {
  add_folder_source(entry_);
  const HubServer hub(ranged);
  PullOptions by_hand = options(hub);
  by_hand.folder = folder_.path();
  ASSERT_TRUE(pull(store_, entry_, by_hand).ok());
  EXPECT_TRUE(hub.requests().empty());
}

TEST_F(PullTest, PinsWhereTheBytesCameFrom) {
  const HubServer hub(ranged);
  ASSERT_TRUE(pull(store_, entry_, options(hub)).ok());
  const LockedModel model = *read_lock(store_.lock_file())->find("small");
  EXPECT_EQ(model.source_uri + " " + model.source_revision, "hf:someone/small " + std::string(kCommit));
}

}  // namespace
}  // namespace demarc::models
