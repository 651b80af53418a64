// What a caller asks for, out of the multipart form of OpenAI's POST /v1/audio/transcriptions.
//
//   Result<Form, std::string> form = read_form(request);      // the error is a sentence for the caller
//
// Unknown fields are passed over. The file's bytes stay in the request and are only viewed here. Pure.
#pragma once

#include <httplib.h>

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "speech/worker/print.hpp"
#include "speech/worker/transcribe.hpp"

namespace demarc::speech::worker {

enum class Delivery { whole, events };

struct Form {
  std::string_view file;
  Wish wish;
  Format format = Format::json;
  Delivery delivery = Delivery::whole;
};

Result<Form, std::string> read_form(const httplib::Request& request);

}  // namespace demarc::speech::worker
