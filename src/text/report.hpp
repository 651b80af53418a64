// The report of a training: as one page of HTML that needs nothing from elsewhere, and as JSON.
//
//   write(report_html(trained)); write(report_json(trained));
//
// Confusion matrix (the most confused labels first, 40 at most in HTML, all in JSON), reliability, coverage against accuracy. Holds labels, no texts.
// Pure; any thread.
#pragma once

#include <string>

#include "text/train.hpp"

namespace demarc::text {

std::string report_html(const Trained& trained);
std::string report_json(const Trained& trained);

}  // namespace demarc::text
