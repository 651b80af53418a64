// Whether a text could be the name of a model, and how an error names the one that was asked for. A caller may have put anything into that field, and
// an upstream too: what could be a sentence is neither said back nor kept.
//
//   "The " + said_model("gpt-9") + " does not exist here."      // The model "gpt-9" does not exist here.
//
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace demarc {

bool could_be_model_name(std::string_view text);  // at most 128 letters, digits and . _ : / @ + -
std::string said_model(std::string_view name);    // without its name, if it could not be one

}  // namespace demarc
