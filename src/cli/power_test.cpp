#include "cli/power.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;

class PowerTest : public testing::Test {
 protected:
  PowerTest() {
    std::string pattern = (fs::temp_directory_path() / "power_test.XXXXXX").native();
    folder_ = mkdtemp(pattern.data());
  }
  ~PowerTest() override { fs::remove_all(folder_); }
  void zone(const std::string& zone, const std::string& name, const std::string& energy_uj) const {
    fs::create_directories(folder_ / zone);
    std::ofstream(folder_ / zone / "name") << name << '\n';
    std::ofstream(folder_ / zone / "energy_uj") << energy_uj << '\n';
    std::ofstream(folder_ / zone / "max_energy_range_uj") << "262143328850\n";
  }
  fs::path folder_;
};

TEST_F(PowerTest, IsNotToldWhereTheMachineDoesNotTell) { EXPECT_FALSE(Power(folder_.native(), "/nowhere").drawn()); }

TEST_F(PowerTest, CountsWholePackagesOnceAlsoAcrossAWrap) {
  zone("intel-rapl:0", "package-0", "1000000");
  zone("intel-rapl:0:0", "core", "1000000");
  zone("intel-rapl:1", "package-1", "262143328850");
  Power power(folder_.native(), "/nowhere");
  zone("intel-rapl:0", "package-0", "51000000");  // 50 J
  zone("intel-rapl:0:0", "core", "41000000");
  zone("intel-rapl:1", "package-1", "50000000");  // 50 J behind the wrap
  const auto drawn = power.drawn();
  ASSERT_TRUE(drawn);
  EXPECT_EQ(drawn->of, "processor (RAPL)");
  EXPECT_GT(drawn->watts, 1.0);  // 100 J in well under 100 s
}

TEST_F(PowerTest, AsksTheGpus) {
  const fs::path smi = folder_ / "smi";
  std::ofstream(smi) << "#!/bin/sh\necho 70.5\necho 29.5\n";
  fs::permissions(smi, fs::perms::owner_all);
  Power power(folder_.native() + "/none", smi.native());
  const auto drawn = power.drawn();
  ASSERT_TRUE(drawn);
  EXPECT_DOUBLE_EQ(drawn->watts, 100.0);
  EXPECT_EQ(drawn->of, "GPU (nvidia-smi)");
}

TEST(ParsePower, SumsTheGpusThatAllTell) {
  EXPECT_EQ(parse_power("71.5\n28.5\n"), 100.0);
  EXPECT_EQ(parse_power("[N/A]\n"), std::nullopt);
  EXPECT_EQ(parse_power("71.5\n[N/A]\n"), std::nullopt);
  EXPECT_EQ(parse_power(""), std::nullopt);
}

}  // namespace
}  // namespace demarc::cli
