// The tables of data/, as they were when the program was built.
#pragma once

namespace demarc::privacy {

extern const char kPatternsYaml[];
extern const char kNumbersYaml[];
extern const char kSurrogatesYaml[];

}  // namespace demarc::privacy
