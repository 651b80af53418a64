#include "config/places.hpp"

#include <gtest/gtest.h>

#include "config/fake_environment.hpp"

namespace demarc::config {
namespace {

TEST(FindConfig, AsksFlagVariableFolderAndXdgInThisOrder) {
  FakeEnvironment world;
  world.folder = "/here", world.variables = {{"HOME", "/home/a"}};
  EXPECT_FALSE(find_config({}, world));
  world.files["/etc/xdg/demarc/demarc.yaml"] = {};
  EXPECT_EQ(find_config({}, world), "/etc/xdg/demarc/demarc.yaml");
  world.files["/home/a/.config/demarc/demarc.yaml"] = {};
  EXPECT_EQ(find_config({}, world), "/home/a/.config/demarc/demarc.yaml");
  world.variables["XDG_CONFIG_HOME"] = "/xdg", world.files["/xdg/demarc/demarc.yaml"] = {};
  EXPECT_EQ(find_config({}, world), "/xdg/demarc/demarc.yaml");
  world.files["/here/demarc.yaml"] = {};
  EXPECT_EQ(find_config({}, world), "/here/demarc.yaml");
  world.variables["DEMARC_CONFIG"] = "other.yaml";
  EXPECT_EQ(find_config({}, world), "/here/other.yaml");
  EXPECT_EQ(find_config("../flag.yaml", world), "/flag.yaml");
}

TEST(FindConfig, NamesAFileThatWasAskedForEvenIfItIsMissing) {
  FakeEnvironment world;
  world.files["/home/a user/demarc.yaml"] = {};
  EXPECT_EQ(find_config("/no/such.yaml", world), "/no/such.yaml");
}

TEST(DataFolder, ComesFromFlagVariableFileServiceAndXdgInThisOrder) {
  FakeEnvironment world;
  world.folder = "/here";
  EXPECT_FALSE(data_folder({}, "", world));
  world.variables["HOME"] = "/home/a";
  EXPECT_EQ(data_folder({}, "", world), "/home/a/.local/share/demarc");
  world.variables["XDG_DATA_HOME"] = "relative";  // invalid by the specification
  EXPECT_EQ(data_folder({}, "", world), "/home/a/.local/share/demarc");
  world.variables["XDG_DATA_HOME"] = "/xdg";
  EXPECT_EQ(data_folder({}, "", world), "/xdg/demarc");
  world.variables["STATE_DIRECTORY"] = "/var/lib/demarc:/var/lib/other";
  EXPECT_EQ(data_folder({}, "", world), "/var/lib/demarc");
  EXPECT_EQ(data_folder({}, "/from/file", world), "/from/file");
  world.variables["DEMARC_DATA"] = "data";
  EXPECT_EQ(data_folder({}, "/from/file", world), "/here/data");
  EXPECT_EQ(data_folder("./flag", "/from/file", world), "/here/flag");
}

}  // namespace
}  // namespace demarc::config
