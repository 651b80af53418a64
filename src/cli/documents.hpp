// What `demarc index` and `demarc ask --index` share: where indexes are, and embeddings asked of the gateway like any others.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/connection.hpp"
#include "cli/job_client.hpp"
#include "core/io/http.hpp"
#include "core/operation.hpp"

namespace demarc::cli {

// DATA/indexes/NAME.sqlite. A name of letters, digits, '.', '_', '-' that does not begin with a dot; nullopt: it is none.
std::optional<std::string> index_file(const std::string& data, const std::string& name);

struct Asking {  // with every request of a command
  std::string sensitivity, workload;
};
Headers headers_of(const Asking& asking, std::optional<Sensitivity> at_least);

struct Embedded {
  std::string model;                        // that answered
  std::vector<std::vector<float>> vectors;  // of length 1
  std::string request;                      // its id
};
Result<Embedded, JobFault> embed(Connection& connection, const std::vector<std::string>& texts, const std::string& model, const Headers& headers);

}  // namespace demarc::cli
