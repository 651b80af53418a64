// SameDialectPrinter: the upstream's own bytes, edited. Base of every dialect's printer for upstreams of the same dialect; a dialect adds the events
// that only we write: a delta of held-back text, the end, the keep-alive.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/printer.hpp"

namespace demarc::dialect {

class SameDialectPrinter : public ReplyPrinter {
 public:
  SameDialectPrinter(Family family, bool show_usage, PrinterOptions options)
      : family_(family), show_usage_(show_usage), options_(std::move(options)) {}
  void print_chunk(const Chunk& chunk, const std::vector<std::string>& new_texts, std::string& out) override;
  void print_error(const ApiError& error, std::string_view request_id, std::string& out) override;
  void print_end(std::string_view receipt_json, std::string& out) override;
  void print_keep_alive(std::string& out) override;
  OutgoingReply print_whole(const Reply& reply, const std::vector<std::string>& new_texts) override;

 protected:
  // Sees every chunk that is printed, to know what a delta of our own has to say (id, model).
  virtual void observe(const Chunk& chunk) = 0;
  [[nodiscard]] const PrinterOptions& options() const { return options_; }

 private:
  Family family_;
  bool show_usage_;  // whether a chunk that holds nothing but usage is for the client
  PrinterOptions options_;
  std::string end_event_, end_data_;  // the upstream's own end, kept until print_end
};

// The family's conventions for what ends or keeps open a stream; used by crossing printers too.
void append_receipt(std::string& out, std::string_view receipt_json);
void append_error_event(std::string& out, Family family, const ApiError& error, std::string_view request_id);
void append_keep_alive(std::string& out, Family family);
std::string edited(std::string_view bytes, const std::vector<Delta>& deltas, const std::vector<std::string>& new_texts, Span model_span,
                   std::string_view old_model, std::string_view new_model);

// new_texts[i], or the delta's own text where new_texts is empty.
std::string_view new_text(const std::vector<Delta>& deltas, const std::vector<std::string>& new_texts, std::size_t i);

}  // namespace demarc::dialect
