// Small helpers that pages share: numbers in words, tables. Pure.
#pragma once

#include <string>
#include <vector>

#include "planning/report/report.hpp"

namespace demarc::planning {

std::string usd(Decimal value);        // $1,234 without cents
std::string usd_cents(Decimal value);  // $1,234.56
std::string percent_of(double share);  // 42 %
std::string months_of(Decimal value);  // "25.0 months", "never"
std::string months_of(double value);
std::string number(double value, int places);
std::string paragraph(const std::string& html);
std::string missing(const std::string& what, const std::string& command);  // "Not known yet: … `command`"
// Cells are HTML; columns after the first align right where they look like numbers.
std::string table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows);

// One function a page.
Page decision_page(const ReportData& data);
Page against_page(const ReportData& data);
Page reconciliation_page(const ReportData& data);
Page inventory_page(const ReportData& data);
Page cash_page(const ReportData& data);
Page cost_page(const ReportData& data);
Page tornado_page(const ReportData& data);
Page break_even_page(const ReportData& data);
Page capacity_page(const ReportData& data);
Page quality_page(const ReportData& data);
Page concentration_page(const ReportData& data);
Page calendar_page(const ReportData& data);
Page register_page(const ReportData& data);

}  // namespace demarc::planning
