// FimPiece: what one event, or a whole answer, of a fill-in-the-middle says, whatever its form. Read from an upstream's JSON and written as the
// client's. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "core/reply.hpp"
#include "core/usage.hpp"
#include "dialect/fim.hpp"
#include "dialect/json/tree.hpp"

namespace demarc::dialect::fim {

struct FimPiece {
  std::string text;
  std::optional<FinishReason> finish;
  std::optional<Usage> usage;
  std::string model;
};

struct FimHead {  // what each event of an answer repeats
  std::string_view id;
  Instant created;
};

enum class Extent : std::uint8_t { event, whole };

// `half` joins an emoji that two events share.
FimPiece read_piece(Form form, JsonNode root, Extent extent, HalfPair& half);
std::string write_piece(Form form, const FimPiece& piece, const FimHead& head, Extent extent);

Usage read_infill_usage(JsonNode root);  // of the answer's last event

}  // namespace demarc::dialect::fim
