#include "governance/commitment.hpp"

#include <gtest/gtest.h>

#include "core/io/disk_memory.hpp"

namespace demarc::governance {
namespace {

std::string commit(Commitments& commitments, std::string_view subject, std::string_view label, std::string_view content) {
  Commitment commitment = commitments.begin(subject, "req_1", label);
  for (const char c : content) commitment.update({&c, 1});
  return commitment.finish();
}

TEST(Commitments, OpenToTheContentAndItsPlaceOnly) {
  MemoryDisk disk;
  auto commitments = Commitments::open(disk, "secret/subjects", system_random()).value();
  ASSERT_TRUE(commitments->ensure("alice"));
  ASSERT_TRUE(commitments->ensure("bob"));
  const std::string made = commit(*commitments, "alice", "sent/0", "hello");
  EXPECT_TRUE(commitments->opens(made, "alice", "req_1", "sent/0", "hello"));
  EXPECT_FALSE(commitments->opens(made, "alice", "req_1", "sent/0", "hullo"));
  EXPECT_FALSE(commitments->opens(made, "alice", "req_1", "sent/1", "hello"));
  EXPECT_FALSE(commitments->opens(made, "alice", "req_2", "sent/0", "hello"));
  EXPECT_FALSE(commitments->opens(made, "bob", "req_1", "sent/0", "hello"));
}

TEST(Commitments, OutliveACrash) {
  MemoryDisk disk;
  auto commitments = Commitments::open(disk, "secret/subjects", system_random()).value();
  ASSERT_TRUE(commitments->ensure("alice"));
  const std::string made = commit(*commitments, "alice", "sent/0", "hello");
  disk.crash(MemoryDisk::Survives::nothing);
  commitments = Commitments::open(disk, "secret/subjects", system_random()).value();
  EXPECT_TRUE(commitments->opens(made, "alice", "req_1", "sent/0", "hello"));
}

TEST(Commitments, OfAnErasedSubjectOpenToNobodyEvenWhenItReturns) {
  MemoryDisk disk;
  auto commitments = Commitments::open(disk, "secret/subjects", system_random()).value();
  ASSERT_TRUE(commitments->ensure("alice"));
  const std::string made = commit(*commitments, "alice", "sent/0", "hello");
  ASSERT_TRUE(commitments->erase("alice"));
  EXPECT_TRUE(disk.files().empty());
  EXPECT_FALSE(commitments->opens(made, "alice", "req_1", "sent/0", "hello"));
  EXPECT_EQ(commitments->erase("alice").error(), DiskError::not_found);
  ASSERT_TRUE(commitments->ensure("alice"));
  EXPECT_FALSE(commitments->opens(made, "alice", "req_1", "sent/0", "hello"));
}

}  // namespace
}  // namespace demarc::governance
