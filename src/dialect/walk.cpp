#include "dialect/walk.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "dialect/json/reader.hpp"
#include "dialect/looks.hpp"

namespace demarc::dialect {
namespace {

constexpr std::size_t kPathDepth = 12;  // deeper steps of a path are left out: paths help people, and must not grow with the input
constexpr std::size_t kFirstPathBlock_bytes = 256, kMaxPathBlock_bytes = 4096;  // paths are kept in blocks, each twice as large as the last
constexpr std::size_t kLongNumber_digits = 7;                                   // a number of so many digits may be somebody's
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

constexpr Rule kInside{Place::any, "", Take::inside};
constexpr Rule kType{Place::any, "type", Take::type};  // of a schema, say: its known words are no parts anywhere

enum class BlockType : std::uint8_t { other, tool_result, thinking, base64 };

struct Frame {
  Place place = Place::any;
  PartKind kind = PartKind::text;
  Role role = Role::none;
  bool is_list = false;
  const Rule* rule = &kInside;  // of the key whose value comes next
  std::uint32_t index = 0;      // of the next element
  std::size_t path_bytes = 0;   // of the object or list itself
  std::size_t first_part = 0;
  // What the object says of itself, in any order among its members:
  Role own_role = Role::none;
  BlockType type = BlockType::other;
  std::string_view media_type;
  std::size_t data_part = kNone;
  bool is_signed = false;
};

BlockType type_of(std::string_view word) {
  if (word == "tool_result") return BlockType::tool_result;
  if (word == "thinking") return BlockType::thinking;
  if (word == "base64") return BlockType::base64;
  return BlockType::other;
}

class Walker final : public JsonSink {
 public:
  Walker(Request& request, std::span<const Rule> rules, std::span<const std::string_view> required, const ParseLimits& limits)
      : request_(request), rules_(rules), required_(required), limits_(limits) {}

  std::optional<ApiError> take_error() { return std::move(error_); }

  bool open_object(std::size_t at) override {
    here_ = at;
    if (const Rule& rule = begin_value(); rule.take != Take::inside && !wrong_type_is_fine(rule)) return false;
    if (!is_fine_as_object()) return false;
    return open(/*list=*/false), true;
  }

  bool close_object(std::size_t end) override {
    Frame frame = frames_.back();
    frames_.pop_back();
    if (frame.place == Place::message) settle_message(frame);
    if (frame.place == Place::block && frame.type == BlockType::tool_result) mark(frame, PartKind::tool, Role::tool);
    if (frame.place == Place::block && frame.type == BlockType::thinking && !frame.is_signed) request_.has_unsigned_reasoning = true;
    if (frame.place == Place::source && frame.type == BlockType::base64 && frame.data_part != kNone) settle_data(frame);
    if (frame.place == Place::audio && frame.data_part != kNone && !frame.media_type.empty())
      request_.parts[frame.data_part].media_type = request_.keep("audio/" + std::string(frame.media_type));
    if (frame.place == Place::stream_options) request_.stream_options_span.end = end;
    if (!frames_.empty()) return true;
    return has_required();
  }

  bool open_array(std::size_t at) override {
    (void)at;
    if (frames_.empty()) return stop("expected a JSON object");
    const bool in_messages = frames_.back().is_list && frames_.back().place == Place::message;
    if (const Rule& rule = begin_value(); rule.take != Take::inside && !wrong_type_is_fine(rule)) return false;
    if (in_messages || is_stream_options()) return stop("expected an object");
    return open(/*list=*/true), true;
  }

  bool close_array(std::size_t end) override {
    (void)end;
    frames_.pop_back();
    return true;
  }

  bool key(JsonText raw, std::string_view name) override {
    Frame& frame = frames_.back();
    path_.resize(frame.path_bytes);
    const auto rule = std::find_if(rules_.begin(), rules_.end(), [&](const Rule& r) { return r.at == frame.place && r.key == name; });
    const bool known = rule != rules_.end() || known_word(name);
    frame.rule = rule != rules_.end() ? &*rule : name == kType.key ? &kType : &kInside;
    if (frames_.size() <= kPathDepth) {
      if (!path_.empty()) path_ += '.';
      path_ += known ? name : std::string_view("*");
    }
    if (frames_.size() == 1) {
      for (std::size_t i = 0; i < required_.size(); ++i)
        if (required_[i] == name) found_required_ |= std::size_t{1} << i;
    }
    if (known) return true;
    return add({.kind = frame.kind,
                .role = frame.role,
                .encoding = Encoding::json_key,
                .span = raw.span,
                .text = raw.escaped ? request_.keep(std::string(name)) : name});
  }

  bool string(JsonText raw) override {
    const Rule& rule = begin_value();
    const Frame& frame = frames_.back();
    if (expects_object() || is_stream_options()) return stop("expected an object");
    text_ = std::string_view(request_.body).substr(raw.span.begin + 1, raw.span.size() - 2);
    if (raw.escaped) {
      std::string decoded;
      if (!unescape(text_, decoded)) return stop("malformed escape");
      text_ = request_.keep(std::move(decoded));
    }
    part_ = {.kind = rule.kind == PartKind::text ? frame.kind : rule.kind,
             .role = rule.role == Role::none ? frame.role : rule.role,
             .encoding = Encoding::json_string,
             .span = raw.span,
             .text = text_};
    return take(rule.take == Take::inside ? take_at(frame.is_list ? frame.place : rule.next) : rule.take);
  }

  bool number(Span span) override {
    const Rule& rule = begin_value();
    const Frame& frame = frames_.back();
    if (expects_object() || is_stream_options()) return stop("expected an object");
    const std::string_view digits = std::string_view(request_.body).substr(span.begin, span.size());
    if (rule.take == Take::max_tokens || (rule.take == Take::most_tokens && !digits.starts_with('-'))) return take_max_tokens(digits);
    if (rule.take == Take::most_tokens) return true;
    if (rule.take != Take::inside && !wrong_type_is_fine(rule)) return false;
    if ((frame.is_list ? frame.place : rule.next) == Place::prompt) note("token ids");
    const auto count = std::count_if(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (static_cast<std::size_t>(count) < kLongNumber_digits) return true;
    return add({.kind = frame.kind, .role = frame.role, .encoding = Encoding::json_number, .span = span, .text = digits});
  }

  bool literal(Span span) override {
    const Rule& rule = begin_value();
    if (expects_object() || (is_stream_options() && request_.body[span.begin] != 'n')) return stop("expected an object");
    const bool is_null = request_.body[span.begin] == 'n';
    const bool is_true = request_.body[span.begin] == 't';
    if (rule.take == Take::stream) return request_.stream = is_true, true;
    if (rule.take == Take::include_usage) {
      request_.include_usage = is_true;
      request_.include_usage_span = span;
      return true;
    }
    if (is_stream_options()) request_.stream_options_span = span;
    return is_null || rule.take == Take::inside || wrong_type_is_fine(rule);
  }

 private:
  bool stop(const std::string& what) {
    error_ = ApiError{.kind = ErrorKind::bad_request, .message = path_.empty() ? what : path_ + ": " + what, .param = path_};
    return false;
  }

  void note(std::string_view why) {
    if (std::find(request_.unreadable.begin(), request_.unreadable.end(), why) == request_.unreadable.end()) request_.unreadable.emplace_back(why);
  }

  // Every value begins here: says under which rule it stands, and brings the path up to date.
  const Rule& begin_value() {
    if (frames_.empty()) return kInside;
    Frame& frame = frames_.back();
    if (!frame.is_list) return *frame.rule;
    path_.resize(frame.path_bytes);
    if (frames_.size() <= kPathDepth) {
      std::array<char, 16> digits{};
      const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), frame.index).ptr;
      (path_ += '[').append(digits.data(), static_cast<std::size_t>(end - digits.data())) += ']';
    }
    ++frame.index;
    return kInside;
  }

  // What the gateway adds to must be an object, or there would be two of it.
  [[nodiscard]] bool is_stream_options() const { return frames_.size() == 1 && frames_.back().rule->next == Place::stream_options; }

  // messages: a list of objects.
  bool expects_object() const { return !frames_.empty() && ((frames_.back().is_list && frames_.back().place == Place::message) || is_messages()); }
  bool is_messages() const { return !frames_.back().is_list && frames_.back().rule->next == Place::message; }
  bool is_fine_as_object() {
    if (frames_.empty() || !is_messages()) return true;
    return stop("expected a list");
  }

  // A value that the gateway itself acts on must have its type; anything else passes and is examined as it stands.
  bool wrong_type_is_fine(const Rule& rule) {
    switch (rule.take) {
      case Take::model: return stop("expected a string");
      case Take::stream:
      case Take::include_usage: return stop("expected true or false");
      case Take::max_tokens:
      case Take::most_tokens: return stop("expected a whole number");
      case Take::role: return stop("expected a string");
      case Take::media_url:
      case Take::media_data: note("unreadable medium"); return true;
      case Take::file_reference: note("file id"); return true;
      case Take::state_reference: note("state kept by the provider"); return true;
      case Take::encrypted: note("encrypted reasoning"); return true;
      case Take::inside:
      case Take::text:
      case Take::type:
      case Take::tool_name:
      case Take::identifier:
      case Take::arguments:
      case Take::media_type:
      case Take::thinking:
      case Take::signature:
      case Take::conversation:
      case Take::repository:
      case Take::path:
      case Take::also_path:
      case Take::suffix: return true;
    }
    return true;
  }

  void open(bool list) {
    Frame frame{.is_list = list, .path_bytes = path_.size(), .first_part = request_.parts.size()};
    if (frames_.empty()) {
      frame.place = Place::top;
    } else {
      const Frame& parent = frames_.back();
      frame.kind = parent.kind, frame.role = parent.role;
      if (parent.is_list) {
        frame.place = parent.place;
      } else {
        const Rule& rule = *parent.rule;
        frame.place = rule.next;
        if (rule.kind != PartKind::text) frame.kind = rule.kind;
        if (rule.role != Role::none) frame.role = rule.role;
        if (rule.next == Place::stream_options) request_.stream_options_span = {here_, here_};
        if (rule.next == Place::state) note("state kept by the provider");
      }
    }
    frames_.push_back(frame);
  }

  bool has_required() {
    path_.clear();
    for (std::size_t i = 0; i < required_.size(); ++i) {
      if ((found_required_ >> i & 1U) != 0) continue;
      path_ = required_[i];
      return stop("required");
    }
    return true;
  }

  static Take take_at(Place place) { return place == Place::image ? Take::media_url : place == Place::state ? Take::state_reference : Take::text; }

  bool take(Take what);
  bool take_max_tokens(std::string_view digits);
  bool take_media(Take what);
  bool add(Part part);
  std::string_view keep_path();

  void mark(const Frame& frame, PartKind kind, Role role) {
    for (std::size_t i = frame.first_part; i < request_.parts.size(); ++i) {
      Part& part = request_.parts[i];
      if (part.kind == PartKind::text) part.kind = kind;
      if (part.role == Role::none) part.role = role;
    }
  }
  void settle_message(const Frame& frame) { mark(frame, frame.own_role == Role::tool ? PartKind::tool : PartKind::text, frame.own_role); }
  void settle_data(const Frame& frame) {
    Part& part = request_.parts[frame.data_part];
    part.kind = kind_of_media(frame.media_type);
    part.media_type = frame.media_type;
    part.text = {};
  }

  Request& request_;
  std::span<const Rule> rules_;
  std::span<const std::string_view> required_;
  const ParseLimits& limits_;
  std::vector<Frame> frames_;
  std::string path_;
  std::string_view kept_path_;
  std::string* path_block_ = nullptr;
  std::size_t found_required_ = 0;
  std::size_t here_ = 0;
  std::string_view text_;  // of the string at hand, decoded
  Part part_;              // which it would be
  std::optional<ApiError> error_;
};

bool Walker::take(Take what) {
  Frame& frame = frames_.back();
  switch (what) {
    case Take::inside:
    case Take::text: return add(part_);
    case Take::model:
      if (text_.size() > limits_.name_bytes) return stop("longer than a name can be");
      request_.model = text_.empty() ? "auto" : text_;
      request_.model_span = part_.span;
      return true;
    case Take::stream:
    case Take::include_usage: return stop("expected true or false");
    case Take::max_tokens:
    case Take::most_tokens: return stop("expected a whole number");
    case Take::role: frame.own_role = role_of(text_); return frame.own_role != Role::none || add(part_);
    case Take::type: frame.type = type_of(text_); return known_word(text_) || add(part_);
    case Take::tool_name:
      if (text_.size() > limits_.name_bytes) return stop("longer than a name can be");
      request_.tool_names.emplace_back(text_);
      return add(part_);
    case Take::thinking: request_.shows_reasoning = text_ == "enabled" || text_ == "adaptive"; return known_word(text_) || add(part_);
    case Take::identifier:
      if (is_identifier(text_)) return true;
      part_.text.remove_prefix(identifier_prefix(part_.text).size());  // what is glued to it would not stand free
      return add(part_);
    case Take::arguments: part_.encoding = Encoding::json_document; return add(part_);
    case Take::media_url:
    case Take::media_data: return take_media(what);
    case Take::media_type: frame.media_type = text_; return add(part_);
    case Take::file_reference: note("file id"); return add(part_);
    case Take::state_reference: note(frame.rule->key == "id" || frame.is_list ? "state kept by the provider" : frame.rule->key); return add(part_);
    case Take::signature:
      frame.is_signed = !text_.empty();
      if (is_base64(text_)) part_.kind = PartKind::opaque;
      return add(part_);
    case Take::encrypted:
      note("encrypted reasoning");
      part_.kind = PartKind::opaque;
      return add(part_);
    case Take::conversation:
      if (request_.conversation.empty()) request_.conversation = text_.substr(0, limits_.name_bytes);
      return add(part_);
    case Take::repository:
      if (request_.repository.empty()) request_.repository = text_;
      return add(part_);
    case Take::path:
      if (request_.path.empty()) request_.path = text_;
      return add(part_);
    case Take::also_path: request_.also_paths.emplace_back(text_); return add(part_);
    case Take::suffix:
      if (!text_.empty()) request_.operation = Operation::fim;
      return add(part_);
  }
  return add(part_);
}

// In the place of a medium everything is a medium, even if it does not look like one: so it counts as unexamined, never as clean text. Only the text
// form of Anthropic's source is text, until its type says base64.
bool Walker::take_media(Take what) {
  Frame& frame = frames_.back();
  if (frame.place == Place::source && what == Take::media_data) {
    const std::size_t index = request_.parts.size();
    if (!add(part_)) return false;
    frame.data_part = index;
    return true;
  }
  const auto uri = parse_data_uri(text_);
  part_.kind = frame.place == Place::audio ? PartKind::audio : frame.place == Place::file ? PartKind::file : PartKind::image;
  if (uri) {
    part_.kind = uri->kind;
    part_.media_type = uri->media_type;
  } else if (what == Take::media_url && (text_.starts_with("http://") || text_.starts_with("https://"))) {
    part_.remote = true;
    note("remote url");
  } else if (what == Take::media_url) {
    note("remote url");  // gs://, s3://, a bare path: somebody else would read it
    part_.remote = true;
  }
  part_.text = {};
  frame.data_part = request_.parts.size();
  return add(part_);
}

bool Walker::take_max_tokens(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value < 0) return stop("expected a whole number");
  request_.max_output_tokens = std::max(value, request_.max_output_tokens.value_or(0));
  return true;
}

bool Walker::add(Part part) {
  if (request_.parts.size() >= limits_.parts) return stop("more than " + std::to_string(limits_.parts) + " texts in one request");
  part.path = keep_path();
  request_.parts.push_back(part);
  return true;
}

std::string_view Walker::keep_path() {
  if (kept_path_ == path_ && !kept_path_.empty()) return kept_path_;
  if (path_block_ == nullptr || path_block_->capacity() - path_block_->size() < path_.size()) {
    const std::size_t block = path_block_ == nullptr ? kFirstPathBlock_bytes : std::min(2 * path_block_->capacity(), kMaxPathBlock_bytes);
    path_block_ = &request_.arena.emplace_back();
    path_block_->reserve(std::max(block, path_.size()));
  }
  const std::size_t begin = path_block_->size();
  *path_block_ += path_;
  return kept_path_ = std::string_view(*path_block_).substr(begin);
}

}  // namespace

Result<void, ApiError> walk_request(Request& request, std::span<const Rule> rules, std::span<const std::string_view> required,
                                    const ParseLimits& limits) {
  Walker walker(request, rules, required, limits);
  const auto result = read_json(request.body, {.depth = limits.depth, .values = limits.values}, walker);
  if (result) return {};
  if (auto error = walker.take_error()) return fail(*std::move(error));
  return fail(
      ApiError{.kind = ErrorKind::bad_request, .message = "invalid JSON at byte " + std::to_string(result.error().at) + ": " + result.error().what});
}

}  // namespace demarc::dialect
