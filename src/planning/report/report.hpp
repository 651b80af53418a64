// Report: the business case on pages that a finance partner reads: twelve questions, each with its picture, and a page that argues against the
// answer.
//
//   ReportData data = {…};
//   write(print_html(data));             // one file, no network: pictures and script are inside; prints as A4
//   write_workbook(data, "report.xlsx"); // every cell of the model as a live formula
//
// What is not known yet is said where it would stand, with the command that would tell it. Pure but for write_workbook; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planning/import/reconcile.hpp"
#include "planning/inventory/judgements.hpp"
#include "planning/model/build_model.hpp"
#include "planning/risk/vendor.hpp"
#include "planning/simulate/monte_carlo.hpp"
#include "planning/simulate/sensitivity.hpp"
#include "planning/size/replay.hpp"

namespace demarc::planning {

struct CapacityData {  // of one trace
  std::string trace, profile, source;
  Sizing sizing;
  int spares = 1;
  std::string target;  // "first token within 500 ms for 99 of 100"
};

struct ReportData {
  Plan plan;
  Model model;
  std::vector<Decimal> cells;
  Outcome outcome;
  std::vector<Bar> bars;
  std::optional<BreakEven> break_even;
  Surface surface;
  std::optional<Reconciliation> reconciliation;
  std::vector<Finding> findings;
  std::vector<Workload> inventory;
  std::vector<Classified> classes;
  std::optional<CapacityData> capacity;
  Retirements retirements;
  History history;
  std::string today;    // 2026-11-28
  std::string command;  // that makes it again
};

struct Page {
  std::string title, body;  // HTML
};
std::vector<Page> pages_of(const ReportData& data);
std::string print_html(const ReportData& data);
std::optional<std::string> write_workbook(const ReportData& data, const std::string& path);  // what went wrong
std::string print_csv(const ReportData& data);                                               // month by month
std::string print_focus(const ReportData& data);                                             // forecast in FOCUS's columns, marked as such

// What a month costs each workload in the cloud, by provider and model, in the plan's first month.
std::vector<Spend> spend_of(const ReportData& data);

// The files of the example company: plan.yaml, usage.csv, invoice.csv, requests.csv, profiles.yaml.
std::string_view example_file(std::string_view name);

}  // namespace demarc::planning
