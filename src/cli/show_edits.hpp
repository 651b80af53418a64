// What the second stage of a transcript did to it, for people: a line for each edit, and a last one that counts.
//
//   for (const std::string& line : lines_of_edits(tree.root())) progress.say(line);
//
//     0:01.2  "um" → nothing: filler
//     0:03.1  "five" stays, not "nine": number
//   2 edits, 1 reverted; a language model was asked about 1 of 12 pieces
//
// Of a json or verbose_json answer of ours; empty of any other. Pure.
#pragma once

#include <string>
#include <vector>

#include "dialect/json/tree.hpp"

namespace demarc::cli {

std::vector<std::string> lines_of_edits(dialect::JsonNode answer);

}  // namespace demarc::cli
