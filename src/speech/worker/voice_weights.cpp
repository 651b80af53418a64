// The model of voice activity is compiled in: what counts as silence never depends on a file that may be missing beside the program.
#include "speech/worker/voice.hpp"

asm(R"(
  .section .rodata
  .balign 64
  .global demarc_voice_weights
demarc_voice_weights:
  .incbin ")" DEMARC_SILERO_VAD R"("
  .global demarc_voice_weights_end
demarc_voice_weights_end:
  .byte 0
  .section .text
)");

extern "C" const char demarc_voice_weights[], demarc_voice_weights_end[];

namespace demarc::speech::worker {

std::string_view voice_weights() { return {demarc_voice_weights, static_cast<std::size_t>(demarc_voice_weights_end - demarc_voice_weights)}; }

}  // namespace demarc::speech::worker
