// demarc classify --image: pictures from files and folders, or as they come into a folder (--watch), a line each as a table, CSV or JSON.
#pragma once

#include <string>
#include <vector>

#include "cli/connection.hpp"
#include "cli/shared.hpp"

namespace demarc::cli {

struct ImageOrder {
  std::vector<std::string> files;
  std::string examples;    // a folder with a folder of pictures for each label
  std::string model, out;  // out: a .csv or .jsonl that grows; "": standard output
  double threshold = -1;
  bool json = false, watch = false;
  int until_s = 0;  // watching ends after so many seconds without a new picture; 0: with Ctrl-C
};

int classify_images(Connection& connection, const ImageOrder& order);

}  // namespace demarc::cli
