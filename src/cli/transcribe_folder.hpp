// transcribe_folder(): every recording of a folder through jobs of the gateway, results beside them or in a folder of their own.
//
//   return transcribe_folder(connection, {.folder = "calls", .out = "texts", .extension = ".txt", .options = R"({"model":"auto"})"}, say_json);
//
// What is there already and newer than its recording is not done again, and a job that an earlier run of the same command left behind is taken up:
// so the command may be interrupted, and the gateway killed, at any moment. Blocking; one thread.
#pragma once

#include <string>

#include "cli/connection.hpp"

namespace demarc::cli {

struct FolderOrder {
  std::string folder, out;  // out "": beside the recordings
  std::string extension;    // of results: ".txt"
  std::string options;      // the form's fields besides the file, a JSON object
};

int transcribe_folder(Connection& connection, const FolderOrder& order, bool json);  // an exit code

}  // namespace demarc::cli
