#include "governance/note.hpp"

#include <gtest/gtest.h>

#include "governance/checkpoint.hpp"
#include "governance/test_log.hpp"

namespace demarc::governance {
namespace {

// c2sp.org/signed-note, read 2026-11: the key of its examples.
constexpr std::string_view kVkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

TEST(Note, ReadsThePublishedVkey) {
  const auto verifier = NoteVerifier::parse(kVkey);
  ASSERT_TRUE(verifier);
  EXPECT_EQ(verifier->name(), "example.com/foo");
  EXPECT_EQ(verifier->key_id(), 0x530d903aU);
  EXPECT_EQ(verifier->vkey(), kVkey);
}

TEST(Note, RefusesAVkeyWithAnyByteChanged) {
  for (std::size_t i = 0; i < kVkey.size(); ++i) {
    std::string changed(kVkey);
    changed[i] ^= 1;
    EXPECT_FALSE(NoteVerifier::parse(changed)) << changed;
  }
}

TEST(Note, OpensWhatItSignedAndNothingElse) {
  const NoteSigner signer = testing::test_signer();
  const std::string note = sign_note("line\n\nother line\n", signer);
  EXPECT_EQ(open_note(note, std::span(&signer.verifier(), 1)).value(), "line\n\nother line\n");
  for (std::size_t i = 0; i < note.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = note;
      changed[i] = static_cast<char>(changed[i] ^ 1 << bit);
      EXPECT_FALSE(open_note(changed, std::span(&signer.verifier(), 1))) << i << " " << bit;
    }
}

TEST(Note, SkipsUnknownKeysAndRejectsAFalseSignatureOfAKnownOne) {
  const NoteSigner signer = testing::test_signer(), other = NoteSigner::create("witness.example", system_random());
  const std::string text = "text\n", own = sign_note(text, signer), theirs = sign_note(text, other);
  std::string many = own;
  for (int i = 0; i < 20; ++i) many += theirs.substr(text.size() + 1);
  EXPECT_TRUE(open_note(many, std::span(&signer.verifier(), 1)));
  EXPECT_EQ(open_note(theirs, std::span(&signer.verifier(), 1)).error(), NoteError::no_known_signature);
  const std::string false_line = sign_note("other text\n", signer).substr(std::string("other text\n\n").size());
  EXPECT_EQ(open_note(own + false_line, std::span(&signer.verifier(), 1)).error(), NoteError::false_signature);
}

TEST(Note, ASignerReadsBackFromItsText) {
  const NoteSigner signer = testing::test_signer();
  const auto again = NoteSigner::parse(signer.print());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->vkey(), signer.vkey());
  EXPECT_FALSE(NoteSigner::parse(signer.print() + "A"));
}

TEST(Note, ANameHasNeitherSpacesNorPlusSigns) {
  for (const std::string_view name : {"", "a b", "a+b",
                                      "a\xc2\xa0"
                                      "b",
                                      "a\xe2\x80\x83", "a\nb", "\xff"})
    EXPECT_FALSE(is_note_name(name)) << name;
  EXPECT_TRUE(is_note_name("example.com/log-\xc3\xa9"));
}

TEST(Checkpoint, TakesNoLeadingZerosAndNoOtherOrigin) {
  const NoteSigner signer = testing::test_signer();
  EXPECT_TRUE(open_checkpoint(sign_checkpoint({signer.name(), 7, leaf_hash("x")}, signer), signer.verifier()));
  EXPECT_FALSE(open_checkpoint(sign_checkpoint({"other", 7, leaf_hash("x")}, signer), signer.verifier()));
  const std::string root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
  EXPECT_TRUE(open_checkpoint(sign_note(signer.name() + "\n0\n" + root, signer), signer.verifier()));
  EXPECT_TRUE(open_checkpoint(sign_note(signer.name() + "\n0\n" + root + "extension\n", signer), signer.verifier()));
  EXPECT_FALSE(open_checkpoint(sign_note(signer.name() + "\n00\n" + root, signer), signer.verifier()));
}

TEST(Keys, AreMadeOnceAndKeepTheirName) {
  MemoryDisk disk;
  const auto first = load_or_create_keys(disk, "data/secret", "a/1", OriginRule::suggested, system_random());
  ASSERT_TRUE(first);
  disk.crash(MemoryDisk::Survives::nothing);
  const auto again = load_or_create_keys(disk, "data/secret", "b/2", OriginRule::suggested, system_random());
  ASSERT_TRUE(again);
  EXPECT_EQ(again.value().signer.vkey(), first.value().signer.vkey());
  EXPECT_EQ(again.value().pepper, first.value().pepper);
  EXPECT_FALSE(load_or_create_keys(disk, "data/secret", "b/2", OriginRule::required, system_random()));
}

}  // namespace
}  // namespace demarc::governance
