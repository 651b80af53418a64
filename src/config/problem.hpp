// ConfigProblem: one thing wrong with demarc.yaml, at its place. The loader reports all of them at once.
//
//   demarc.yaml:12:5: unknown key 'upstraems'; did you mean 'upstreams'?
//
// Messages name keys and places; they never hold a value that came from a variable or a secret's file. Pure value.
#pragma once

#include <string>
#include <vector>

namespace demarc::config {

struct ConfigProblem {
  std::string file;
  int line = 0;    // from 1; 0: the file as a whole
  int column = 0;  // from 1
  std::string message;
};

std::string to_string(const ConfigProblem& problem);                // one line
std::string to_string(const std::vector<ConfigProblem>& problems);  // one line each, '\n' between

}  // namespace demarc::config
