// The tables of data/, as they were when the program was built.
#pragma once

namespace demarc::privacy {

extern const char kPatternsYaml[];
extern const char kNumbersYaml[];
extern const char kConfusablesYaml[];
extern const char kIdentifiersYaml[];
extern const char kMedicalTerms[];
extern const char kSurrogatesYaml[];

}  // namespace demarc::privacy
