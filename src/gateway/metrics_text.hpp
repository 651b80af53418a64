// How Prometheus' text exposition format 0.0.4 writes a number, a label's value and a family's head. Pure.
#pragma once

#include <string>
#include <string_view>

namespace demarc::gateway {

std::string metric_number(double value);
std::string metric_label(std::string_view value);  // escaped, without quotes
void metric_head(std::string& out, std::string_view name, std::string_view type, std::string_view help);
void metric_line(std::string& out, std::string_view name, std::string_view labels, const std::string& value);

}  // namespace demarc::gateway
