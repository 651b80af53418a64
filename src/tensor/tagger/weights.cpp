// The weights are compiled in: what demarc finds never depends on a file that somebody can change beside it.
#include "base/check.hpp"
#include "tensor/tagger/tagger.hpp"

asm(R"(
  .section .rodata
  .balign 64
  .global demarc_tagger_weights
demarc_tagger_weights:
  .incbin ")" DEMARC_WEIGHTS R"("
  .global demarc_tagger_weights_end
demarc_tagger_weights_end:
  .byte 0
  .section .text
)");

extern "C" const char demarc_tagger_weights[], demarc_tagger_weights_end[];

namespace demarc::tensor::tagger {

const Tagger& built_in() {
  static const Tagger tagger = [] {
    auto made = Tagger::make({demarc_tagger_weights, static_cast<std::size_t>(demarc_tagger_weights_end - demarc_tagger_weights)});
    CHECK(made);  // our own build is wrong
    return *made;
  }();
  return tagger;
}

}  // namespace demarc::tensor::tagger
