// WholeAnswer: the printer of dialects whose answers come whole, never as a stream: the upstream's own bytes with what was changed in them.
#pragma once

#include "dialect/same_dialect.hpp"

namespace demarc::dialect {

class WholeAnswer final : public SameDialectPrinter {
 public:
  explicit WholeAnswer(PrinterOptions options) : SameDialectPrinter(Family::openai, false, std::move(options)) {}
  void print_text(Channel channel, std::string_view text, std::string& out) override { (void)channel, (void)text, (void)out; }

 private:
  void observe(const Chunk& chunk) override { (void)chunk; }
};

}  // namespace demarc::dialect
