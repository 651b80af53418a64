// data/words.txt, compiled in: what is locked never depends on a file that somebody can change beside the program.
#pragma once

namespace demarc::speech {

extern const char kWords[];

}  // namespace demarc::speech
