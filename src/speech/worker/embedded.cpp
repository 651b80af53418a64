// The models that are compiled in: what counts as silence, and who is told from whom, never depends on a file that may be missing beside the program.
#include "speech/worker/speaker_encoder.hpp"
#include "speech/worker/voice.hpp"

// NOLINTBEGIN(bugprone-macro-parentheses): pieces of one string cannot stand in parentheses
#define DEMARC_EMBED(NAME, FILE)      \
  asm(".section .rodata\n"            \
      ".balign 64\n"                  \
      ".global " #NAME "\n" #NAME     \
      ":\n"                           \
      ".incbin \"" FILE               \
      "\"\n"                          \
      ".global " #NAME "_end\n" #NAME \
      "_end:\n"                       \
      ".byte 0\n"                     \
      ".section .text\n");            \
  extern "C" const char NAME[], NAME##_end[];
// NOLINTEND(bugprone-macro-parentheses)

DEMARC_EMBED(demarc_voice_weights, DEMARC_SILERO_VAD)
DEMARC_EMBED(demarc_speaker_weights, DEMARC_CAMPPLUS)

namespace demarc::speech::worker {

std::string_view voice_weights() { return {demarc_voice_weights, static_cast<std::size_t>(demarc_voice_weights_end - demarc_voice_weights)}; }
std::string_view speaker_weights() { return {demarc_speaker_weights, static_cast<std::size_t>(demarc_speaker_weights_end - demarc_speaker_weights)}; }

}  // namespace demarc::speech::worker
