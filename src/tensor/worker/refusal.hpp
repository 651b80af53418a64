// Refusal: why a request cannot be served as it is, for whoever sent it. Holds no contents.
#pragma once

#include <string>
#include <string_view>

namespace demarc::tensor::worker {

struct Refusal {
  std::string message;
  std::string param;  // "input[3]"
  std::string_view code = "invalid_request";
  int status = 400;
};

}  // namespace demarc::tensor::worker
