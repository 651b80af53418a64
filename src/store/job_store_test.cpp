#include "store/job_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/test_store.hpp"

namespace demarc::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Instant kDay{1'790'000'000'000'000'000};
Instant after(std::int64_t seconds) { return {kDay.unix_ns + seconds * 1'000'000'000}; }

class JobStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { reopen(); }
  void reopen() {
    jobs.reset();
    auto opened = JobStore::open((place.folder / "jobs.sqlite").string());
    ASSERT_TRUE(opened) << opened.error().message;
    jobs = *std::move(opened);
  }
  // Validated, with pieces 1 … n.
  Job job_of(const std::string& id, std::int64_t pieces, const std::string& owner = "k") {
    Job job{
        .id = id, .owner = owner, .endpoint = "/v1/embeddings", .input_file = "file-in", .window = "24h", .created = kDay, .expires = after(86'400)};
    job.output_file = "out-" + id, job.error_file = "err-" + id;
    EXPECT_TRUE(jobs->put_job(job, {}));
    std::vector<Piece> all;
    for (std::int64_t i = 1; i <= pieces; ++i)
      all.push_back({.number = i, .custom_id = std::to_string(i), .file = "file-in", .offset = i * 10, .bytes = 9});
    EXPECT_TRUE(jobs->begin(id, all, after(1)));
    return **jobs->job(id);
  }
  std::int64_t next(const std::string& id, std::optional<FinishedPiece> finished = {}) {  // 0: none waits
    auto taken = jobs->next(id, finished ? &*finished : nullptr);
    EXPECT_TRUE(taken);
    return *taken ? (*taken)->number : 0;
  }
  std::vector<std::string> listed(Listing listing) {
    std::vector<std::string> ids;
    const auto found = jobs->files(listing);
    for (const StoredFile& file : *found) ids.push_back(file.id);
    return ids;
  }

  TestStore place;  // a folder
  std::unique_ptr<JobStore> jobs;
};

TEST_F(JobStoreTest, KeepsWhatAJobAndAFileSay) {
  Job job{.id = "batch_1",
          .kind = JobKind::transcription,
          .state = JobState::in_progress,
          .owner = "k",
          .endpoint = "/e",
          .input_file = "f",
          .window = "24h"};
  job.options = R"({"a":1})", job.metadata = R"({"b":"2"})", job.sensitivity = "restricted", job.workload = "w";
  job.created = kDay, job.expires = after(9), job.started = after(1), job.cancelling = after(2), job.output_file = "o", job.error_file = "e";
  job.total = 7, job.errors = {{.code = "c", .message = "m", .param = "p", .line = 3}, {.code = "d", .message = "n"}};
  ASSERT_TRUE(jobs->put_job(job, {}));
  const StoredFile file{
      .id = "file-1", .owner = "k", .filename = "a \"b\".jsonl", .purpose = "batch", .bytes = 12, .created = kDay, .expires = after(5)};
  ASSERT_TRUE(jobs->put_file(file));
  reopen();
  EXPECT_EQ(**jobs->job("batch_1"), job);
  EXPECT_EQ(**jobs->file("file-1"), file);
  EXPECT_EQ(*jobs->job("batch_2"), std::nullopt);
  EXPECT_EQ(*jobs->file("file-2"), std::nullopt);
}

TEST_F(JobStoreTest, GivesEachPieceOnceAndCountsWhatIsFinished) {
  job_of("b", 3);
  EXPECT_EQ(next("b"), 1);
  EXPECT_EQ(next("b"), 2);
  EXPECT_EQ(next("b", FinishedPiece{.number = 1, .succeeded = true, .output_bytes = 100}), 3);
  EXPECT_EQ(next("b", FinishedPiece{.number = 3, .succeeded = false, .output_bytes = 100, .error_bytes = 40}), 0);
  ASSERT_TRUE(jobs->finished("b", {.number = 2, .succeeded = true, .output_bytes = 200, .error_bytes = 40}));
  const Job job = **jobs->job("b");
  EXPECT_EQ(std::tuple(job.total, job.completed, job.failed, job.output_bytes, job.error_bytes), std::tuple(3, 2, 1, 200, 40));
  EXPECT_THAT(*jobs->unfinished_pieces("b"), IsEmpty());
}

TEST_F(JobStoreTest, GivesWhatWasUnderWayAgainAfterARestartAndSaysWhichRunItIs) {
  job_of("b", 3);
  EXPECT_EQ(next("b"), 1);
  EXPECT_EQ(next("b", FinishedPiece{.number = 1, .succeeded = true, .output_bytes = 10}), 2);
  reopen();
  const auto again = jobs->next("b", nullptr);
  EXPECT_EQ((*again)->number, 2);
  EXPECT_EQ((*again)->run, 2);
  EXPECT_EQ((*again)->offset, 20);
  const auto fresh = jobs->next("b", nullptr);
  EXPECT_EQ(std::pair((*fresh)->number, (*fresh)->run), std::pair(std::int64_t{3}, std::int64_t{1}));
}

TEST_F(JobStoreTest, CancelsWhatIsNotOver) {
  const Job job = job_of("b", 2);
  EXPECT_TRUE(*jobs->cancelling("b", after(5)));
  EXPECT_TRUE(*jobs->cancelling("b", after(6)));
  EXPECT_EQ((*jobs->job("b"))->cancelling, after(5));
  EXPECT_EQ(jobs->unfinished()->size(), 1U);
  Job last = **jobs->job("b");
  last.state = JobState::cancelled, last.ended = after(7);
  ASSERT_TRUE(jobs->end(last, {}));
  EXPECT_FALSE(*jobs->cancelling("b", after(8)));
  EXPECT_FALSE(*jobs->cancelling("none", after(8)));
  EXPECT_THAT(*jobs->unfinished(), IsEmpty());
  EXPECT_THAT(*jobs->unfinished_pieces("b"), IsEmpty());
}

TEST_F(JobStoreTest, ABatchCancelledWhileItIsValidatedStaysCancelling) {
  ASSERT_TRUE(jobs->put_job({.id = "b", .created = kDay}, {}));
  EXPECT_TRUE(*jobs->cancelling("b", after(1)));
  const std::vector<Piece> pieces = {{.number = 1}};
  ASSERT_TRUE(jobs->begin("b", pieces, after(2)));
  EXPECT_EQ((*jobs->job("b"))->state, JobState::cancelling);
}

TEST_F(JobStoreTest, ListsAnOwnersFilesPageByPage) {
  for (const char* id : {"file-1", "file-2", "file-3", "file-4"})
    ASSERT_TRUE(jobs->put_file({.id = id, .owner = "k", .purpose = id[5] < '3' ? "batch" : "evals"}));
  ASSERT_TRUE(jobs->put_file({.id = "file-9", .owner = "other", .purpose = "batch"}));
  EXPECT_THAT(listed({.owner = "k", .limit = 2}), ElementsAre("file-4", "file-3", "file-2"));  // one more: there is a next page
  EXPECT_THAT(listed({.owner = "k", .after = "file-3", .limit = 2}), ElementsAre("file-2", "file-1"));
  EXPECT_THAT(listed({.owner = "k", .after = "file-2", .limit = 5, .oldest_first = true}), ElementsAre("file-3", "file-4"));
  EXPECT_THAT(listed({.owner = "k", .purpose = "batch", .limit = 5}), ElementsAre("file-2", "file-1"));
}

TEST_F(JobStoreTest, FindsFilesOfAPurposeAndNameWhoeverOwnsThem) {
  for (const auto& [id, owner, purpose, name] :
       {std::tuple("f1", "a", "shadow", "triage"), std::tuple("f2", "b", "shadow", "triage"), std::tuple("f3", "b", "shadow", "other"),
        std::tuple("f4", "b", "batch", "triage"), std::tuple("f5", "c", "shadow", "triage")})
    ASSERT_TRUE(jobs->put_file({.id = id, .owner = owner, .filename = name, .purpose = purpose, .bytes = 1, .created = kDay}));
  EXPECT_EQ(jobs->count_files("shadow", "triage").value(), 3);
  EXPECT_THAT(jobs->files_named("shadow", "triage", "f1", 10).value(),
              ElementsAre(testing::Field(&StoredFile::id, "f2"), testing::Field(&StoredFile::id, "f5")));
  EXPECT_EQ(jobs->files_named("shadow", "triage", "", 1).value().size(), 1U);
}

TEST_F(JobStoreTest, ListsBatchesAndJobsTogetherByTime) {
  ASSERT_TRUE(jobs->put_job({.id = "job_1", .kind = JobKind::transcription, .owner = "k", .created = after(1)}, {}));
  ASSERT_TRUE(jobs->put_job({.id = "batch_2", .owner = "k", .created = after(2)}, {}));
  ASSERT_TRUE(jobs->put_job({.id = "job_3", .kind = JobKind::transcription, .owner = "k", .created = after(3)}, {}));
  const auto ids = [&](const Listing& listing, std::optional<JobKind> kind = {}) {
    std::vector<std::string> out;
    const auto found = jobs->jobs(listing, kind);
    for (const Job& job : *found) out.push_back(job.id);
    return out;
  };
  EXPECT_THAT(ids({.owner = "k"}), ElementsAre("job_3", "batch_2", "job_1"));
  EXPECT_THAT(ids({.owner = "k", .after = "job_3"}), ElementsAre("batch_2", "job_1"));
  EXPECT_THAT(ids({.owner = "k"}, JobKind::batch), ElementsAre("batch_2"));
  EXPECT_THAT(ids({.owner = "other"}), IsEmpty());
}

TEST_F(JobStoreTest, KnowsWhoStillReadsAFile) {
  job_of("b", 1);
  const std::vector<Piece> pieces = {{.number = 1, .file = "file-song"}};
  ASSERT_TRUE(jobs->put_job({.id = "j", .kind = JobKind::transcription, .state = JobState::in_progress, .created = kDay}, pieces));
  EXPECT_EQ(*jobs->reader_of("file-in"), "b");
  EXPECT_EQ(*jobs->reader_of("file-song"), "j");
  EXPECT_EQ(*jobs->reader_of("file-other"), "");
  Job last = **jobs->job("b");
  last.state = JobState::completed, last.ended = after(1);
  ASSERT_TRUE(jobs->end(last, {}));
  EXPECT_EQ(*jobs->reader_of("file-in"), "");
}

TEST_F(JobStoreTest, CountsTheSpaceOfFilesAndOfWhatJobsWriteNow) {
  ASSERT_TRUE(jobs->put_file({.id = "file-1", .owner = "k", .bytes = 100}));
  ASSERT_TRUE(jobs->put_file({.id = "file-2", .owner = "other", .bytes = 1'000}));
  job_of("b", 1);
  ASSERT_TRUE(jobs->finished("b", {.number = 1, .succeeded = true, .output_bytes = 7, .error_bytes = 3}));
  const auto space = *jobs->space("k");
  EXPECT_EQ(std::pair(space.all_bytes, space.owner_bytes), std::pair(std::int64_t{1'110}, std::int64_t{110}));
}

TEST_F(JobStoreTest, ForgetsWhatIsOldAndWhatAnOwnerHad) {
  for (const char* id : {"a", "b", "c"}) {
    Job job = job_of(id, 1, id[0] == 'c' ? "other" : "k");
    if (id[0] == 'b') continue;  // not over
    job.state = JobState::completed, job.ended = after(id[0] == 'a' ? 10 : 20);
    ASSERT_TRUE(jobs->end(job, {}));
  }
  EXPECT_EQ(*jobs->forget_jobs(after(15)), 1);
  EXPECT_EQ(*jobs->job("a"), std::nullopt);
  ASSERT_TRUE(jobs->forget_jobs_of("other"));
  EXPECT_EQ(*jobs->job("c"), std::nullopt);
  ASSERT_TRUE(jobs->forget_jobs_of("k"));
  EXPECT_NE(*jobs->job("b"), std::nullopt);
  ASSERT_TRUE(jobs->put_file({.id = "file-1", .owner = "k", .expires = after(5)}));
  EXPECT_EQ(jobs->expired_files(after(4))->size(), 0U);
  EXPECT_EQ(jobs->expired_files(after(5))->size(), 1U);
}

TEST_F(JobStoreTest, RefusesAFileOfANewerDemarc) {
  jobs.reset();
  const std::string path = (place.folder / "jobs.sqlite").string();
  auto connection = Connection::open(path);
  ASSERT_TRUE(connection->execute("PRAGMA user_version = 99"));
  const auto opened = JobStore::open(path);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, StoreError::Kind::newer);
}

}  // namespace
}  // namespace demarc::store
