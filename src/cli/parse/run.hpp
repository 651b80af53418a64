// What `demarc parse` was asked for, and doing it.
//
//   return run_parse(shared, order);      // an exit code
//
// A document that cannot be read does not keep the others from being read. Of a folder, what has a result that is newer is not read again, so that
// the command may be interrupted at any moment. Blocking; two documents at once.
#pragma once

#include <string>
#include <vector>

#include "cli/shared.hpp"

namespace demarc::cli {

struct ParseOrder {
  std::vector<std::string> files;
  std::string format = "markdown", pages, folder, model = "auto";
  std::string redact, op = "placeholder", conversation;  // redact: where the document without what is hidden goes; "": nothing is hidden
  std::vector<std::string> types;
  bool images = false, page_images = false, html_tables = false, json = false;
};

int run_parse(const Shared& shared, ParseOrder order);

}  // namespace demarc::cli
