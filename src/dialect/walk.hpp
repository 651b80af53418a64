// The one walk over a JSON request. A dialect says in a table which keys mean something where; everything else becomes Parts, so nothing that a
// dialect forgot can leave unexamined.
//
//   constexpr Rule kRules[] = {
//       {Place::top, "model", Take::model},
//       {Place::top, "messages", Take::inside, Place::message},
//       {Place::message, "content", Take::inside, Place::block},
//   };
//   TRY(walk_request(*request, kRules, limits));
//
// The safe way round: a string whose meaning is not certain is a text part. A key or value is left out of the parts only if it is one of a fixed list
// of words (known_word in looks.hpp), and a medium is taken for one only if it looks like one to the letter.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "core/error.hpp"
#include "core/request.hpp"
#include "dialect/dialect.hpp"

namespace demarc::dialect {

enum class Place : std::uint8_t {
  any,  // no key means anything here
  top,
  message,
  block,     // a part of a message's content; also the content itself
  tool,      // a tool's declaration
  function,  // its inner object, OpenAI
  call,      // a tool call of an assistant's message
  call_function,
  image,   // OpenAI's image_url
  audio,   // OpenAI's input_audio
  file,    // OpenAI's file
  source,  // Anthropic's source of an image or document
  prompt,  // strings, or token numbers that nobody here can read
  extra,   // a piece of another file, llama.cpp
  stream_options,
  metadata,
  thinking,  // Anthropic's settings for reasoning
  state,     // something that the provider keeps: an object with an id
};

enum class Take : std::uint8_t {
  inside,  // the value, whatever it is, at Rule::next
  text,    // string without further meaning
  model,   // string
  stream,  // bool
  include_usage,
  max_tokens,       // integer
  most_tokens,      // integer; below 0: as many as there is room for
  role,             // string
  type,             // string: what kind of block this object is
  tool_name,        // string
  identifier,       // string: a tool call's id; no part if it looks like one
  arguments,        // string that is JSON
  media_url,        // data URI or URL
  media_data,       // base64, or plain text if the object's type does not say base64
  media_type,       // string
  file_reference,   // string: the id of a file that the provider holds
  state_reference,  // string: the id of another thing that the provider holds
  thinking,         // string: whether the client asked to see reasoning
  signature,        // string: of reasoning whose text stands beside it
  encrypted,        // string: reasoning or results that only the provider can read
  conversation,
  repository,
  path,
  also_path,  // of a file beside the one at hand; strings that are also texts
  suffix,     // string that is also a text; not empty: fill in the middle
};

struct Rule {
  Place at;
  std::string_view key;
  Take take;
  Place next = Place::any;
  PartKind kind = PartKind::text;  // of what stands inside; text leaves it as it is
  Role role = Role::none;          // likewise
};

// Fills in `request` from its body. A key of `required` that is missing at the top is an error.
Result<void, ApiError> walk_request(Request& request, std::span<const Rule> rules, std::span<const std::string_view> required,
                                    const ParseLimits& limits);

}  // namespace demarc::dialect
