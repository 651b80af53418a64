#include "models/format/onnx.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

namespace demarc::models::format {
namespace {

constexpr int kMaxDepth = 16;                      // of graphs within attributes of nodes
constexpr std::uint64_t kMaxMessages = 2'000'000;  // nodes, tensors, attributes: those that are opened
constexpr std::size_t kMaxRank = 16, kMaxFunctions = 1'000;

// What ONNX Runtime brings itself. The empty name is ai.onnx.
constexpr std::array<std::string_view, 6> kDomains = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc", "com.ms.internal.nhwc"};

// TensorProto.DataType: bits of one element; 0: has no fixed size (string), or does not exist.
constexpr std::array<std::uint64_t, 25> kTypeBits = {0, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4, 8};

enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

struct Field {
  std::uint64_t number = 0;
  Wire wire = Wire::varint;
  std::uint64_t value = 0;  // of a varint
  std::string_view bytes;
};

class Message {
 public:
  explicit Message(std::string_view bytes) : in_(bytes) {}
  [[nodiscard]] bool more() const { return in_.left() > 0; }

  Checked<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      const auto byte = TRY(in_.number<std::uint8_t>("a number"));
      if (shift == 63 && byte > 1) break;
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    return fail(std::string("a number is longer than 64 bits"));
  }

  Checked<Field> next() {
    const std::uint64_t tag = TRY(varint());
    Field field{.number = tag >> 3U};
    if (field.number == 0 || field.number > (1U << 29U) - 1) return fail("the field number " + std::to_string(field.number) + " does not exist");
    switch (tag & 7U) {
      case 0: field.value = TRY(varint()); return field;
      case 1: field.wire = Wire::fixed64, field.bytes = TRY(in_.take(8, "a number")); return field;
      case 2: {
        const std::uint64_t size_bytes = TRY(varint());
        field.wire = Wire::bytes, field.bytes = TRY(in_.take(size_bytes, "the field " + std::to_string(field.number)));
        return field;
      }
      case 5: field.wire = Wire::fixed32, field.bytes = TRY(in_.take(4, "a number")); return field;
      default: return fail("a field has the wire type " + std::to_string(tag & 7U) + ", which ONNX does not use");
    }
  }

 private:
  Reader in_;
};

class Walk {
 public:
  Checked<void> model(std::string_view bytes) {
    TRY(each(bytes, [&](const Field& field) -> Checked<void> {
      if (field.number == 25 && field.wire == Wire::bytes) return note_function(field.bytes);
      if (field.number == 7) graph_seen_ = graph_seen_ || field.wire == Wire::bytes;
      return {};
    }));
    if (!graph_seen_) return fail(std::string("it has no graph"));
    return each(bytes, [&](const Field& field) -> Checked<void> {
      if (field.wire != Wire::bytes) return {};
      switch (field.number) {
        case 7: return graph(field.bytes, 0);
        case 8: return operator_set(field.bytes);
        case 20: return fail(std::string("it carries a training program"));
        case 25: return function(field.bytes);
        default: return {};
      }
    });
  }

 private:
  Checked<void> each(std::string_view bytes, const std::function<Checked<void>(const Field&)>& use) {
    if (++messages_ > kMaxMessages) return fail(std::string("it has more than 2,000,000 parts"));
    Message message(bytes);
    while (message.more()) TRY(use(TRY(message.next())));
    return {};
  }

  Checked<void> known_domain(std::string_view domain) {
    if (std::ranges::find(kDomains, domain) != kDomains.end() || functions_.contains(domain)) return {};
    return fail("it uses operators of the domain " + shown(domain) + ", which the runtime does not bring: they would need a library");
  }

  Checked<void> note_function(std::string_view bytes) {
    return each(bytes, [&](const Field& field) -> Checked<void> {
      if (field.number == 10 && field.wire == Wire::bytes) functions_.insert(field.bytes);
      if (functions_.size() > kMaxFunctions) return fail(std::string("it has more than 1,000 domains of its own"));
      return {};
    });
  }

  Checked<void> operator_set(std::string_view bytes) {
    return each(bytes, [&](const Field& field) -> Checked<void> {
      return field.number == 1 && field.wire == Wire::bytes ? known_domain(field.bytes) : Checked<void>();
    });
  }

  Checked<void> function(std::string_view bytes) {
    return each(bytes, [&](const Field& field) -> Checked<void> {
      if (field.wire != Wire::bytes) return {};
      if (field.number == 7) return node(field.bytes, 0);
      if (field.number == 9) return operator_set(field.bytes);
      if (field.number == 11) return attribute(field.bytes, 0);
      return {};
    });
  }

  Checked<void> graph(std::string_view bytes, int depth) {
    if (depth > kMaxDepth) return fail("its graphs are nested more than " + std::to_string(kMaxDepth) + " deep");
    return each(bytes, [&](const Field& field) -> Checked<void> {
      if (field.wire != Wire::bytes) return {};
      if (field.number == 1) return node(field.bytes, depth);
      if (field.number == 5) return tensor(field.bytes);
      if (field.number == 15) return sparse_tensor(field.bytes);
      return {};
    });
  }

  Checked<void> node(std::string_view bytes, int depth) {
    return each(bytes, [&](const Field& field) -> Checked<void> {
      if (field.wire != Wire::bytes) return {};
      if (field.number == 5) return attribute(field.bytes, depth);
      if (field.number == 7) return known_domain(field.bytes);
      return {};
    });
  }

  Checked<void> attribute(std::string_view bytes, int depth) {
    return each(bytes, [&](const Field& field) -> Checked<void> {
      if (field.wire != Wire::bytes) return {};
      switch (field.number) {
        case 5:
        case 10: return tensor(field.bytes);
        case 6:
        case 11: return graph(field.bytes, depth + 1);
        case 22:
        case 23: return sparse_tensor(field.bytes);
        default: return {};
      }
    });
  }

  Checked<void> sparse_tensor(std::string_view bytes) {
    return each(bytes, [&](const Field& field) -> Checked<void> {
      return (field.number == 1 || field.number == 2) && field.wire == Wire::bytes ? tensor(field.bytes) : Checked<void>();
    });
  }

  Checked<void> tensor(std::string_view bytes) {
    std::uint64_t elements = 1, type = 0, raw_bytes = 0;
    std::size_t rank = 0;
    bool raw = false;
    const auto dimension = [&](std::uint64_t length) -> Checked<void> {
      if (++rank > kMaxRank) return fail(std::string("a tensor has more than 16 dimensions"));
      if (length > std::numeric_limits<std::int64_t>::max()) return fail(std::string("a tensor has a negative dimension"));
      if (multiply_overflows(elements, length, elements)) return fail(std::string("a tensor's dimensions multiply to more than 64 bits hold"));
      return {};
    };
    TRY(each(bytes, [&](const Field& field) -> Checked<void> {
      switch (field.number) {
        case 1: {
          if (field.wire == Wire::varint) return dimension(field.value);
          Message packed(field.bytes);
          while (packed.more()) TRY(dimension(TRY(packed.varint())));
          return {};
        }
        case 2: type = field.value; return {};
        case 9: raw = true, raw_bytes = field.bytes.size(); return {};
        case 13: return fail(std::string("its weights are in another file; models here are whole"));
        case 14: return field.value == 0 ? Checked<void>() : fail(std::string("its weights are in another file; models here are whole"));
        default: return {};
      }
    }));
    if (type >= kTypeBits.size()) return fail("a tensor has the unknown type " + std::to_string(type));
    if (!raw) return {};
    std::uint64_t bits = 0;
    if (kTypeBits[type] == 0) return fail(std::string("a tensor of texts or of no type has raw bytes"));
    if (multiply_overflows(elements, kTypeBits[type], bits) || bits > std::numeric_limits<std::uint64_t>::max() - 7 || (bits + 7) / 8 != raw_bytes)
      return fail("a tensor has " + std::to_string(raw_bytes) + " bytes, but not of its shape and type");
    return {};
  }

  std::uint64_t messages_ = 0;
  bool graph_seen_ = false;
  std::set<std::string_view> functions_;  // domains of the file's own functions
};

}  // namespace

Checked<void> check_onnx(std::string_view bytes) { return Walk().model(bytes); }

}  // namespace demarc::models::format
