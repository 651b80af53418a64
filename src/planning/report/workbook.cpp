#include <xlsxwriter.h>

#include <map>
#include <memory>

#include "planning/model/why.hpp"
#include "planning/report/report.hpp"
#include "planning/report/words.hpp"

namespace demarc::planning {
namespace {

std::string column(int at) {  // 0 is A
  std::string out;
  for (++at; at > 0; at = (at - 1) / 26) out.insert(out.begin(), static_cast<char>('A' + (at - 1) % 26));
  return out;
}

// Where inputs and cells stand: inputs a row each, cells of months a row each with a column a month, single cells a row each.
class Places final : public FormulaNames {
 public:
  explicit Places(const Sheet& sheet) : sheet_(sheet) {
    for (const Cell& cell : sheet.cells()) {
      if (cell.month == kNoMonth)
        single_.emplace(cell.name, static_cast<int>(single_.size()) + 1);
      else if (monthly_.emplace(cell.name, static_cast<int>(monthly_.size()) + 1).second)
        order_.push_back(&cell);
    }
  }
  std::string input(std::uint32_t index) const override { return "Inputs!$C$" + std::to_string(index + 2); }
  std::string cell(std::uint32_t index) const override {
    const Cell& cell = sheet_.cells()[index];
    return cell.month == kNoMonth ? "Results!$C$" + std::to_string(single_.at(cell.name) + 1)
                                  : "Months!" + column(kFirstMonth + cell.month) + std::to_string(monthly_.at(cell.name) + 1);
  }
  int single_row(const Cell& cell) const { return single_.at(cell.name); }
  int monthly_row(const Cell& cell) const { return monthly_.at(cell.name); }
  const std::vector<const Cell*>& monthly() const { return order_; }
  static constexpr int kFirstMonth = 3;  // column D is month 0

 private:
  const Sheet& sheet_;
  std::map<std::string, int> single_, monthly_;
  std::vector<const Cell*> order_;
};

}  // namespace

std::optional<std::string> write_workbook(const ReportData& d, const std::string& path) {
  lxw_workbook_options options{};
  options.constant_memory = LXW_FALSE;
  lxw_workbook* book = workbook_new_opt(path.c_str(), &options);
  if (book == nullptr) return path + ": cannot be written";
  lxw_format* bold = workbook_add_format(book);
  format_set_bold(bold);
  lxw_format* cents = workbook_add_format(book);
  format_set_num_format(cents, "#,##0.00");
  lxw_format* plain = workbook_add_format(book);
  format_set_num_format(plain, "#,##0.########");
  lxw_format* input_format = workbook_add_format(book);
  format_set_num_format(input_format, "#,##0.########"), format_set_bg_color(input_format, 0xFFFAF0),
      format_set_border(input_format, LXW_BORDER_HAIR);

  lxw_worksheet* summary = workbook_add_worksheet(book, "Summary");
  lxw_worksheet* inputs = workbook_add_worksheet(book, "Inputs");
  lxw_worksheet* results = workbook_add_worksheet(book, "Results");
  lxw_worksheet* months = workbook_add_worksheet(book, "Months");
  const Sheet& sheet = d.model.sheet;
  const Places places(sheet);
  const auto text = [&](lxw_worksheet* on, int row, int col, const std::string& what, lxw_format* format = nullptr) {
    worksheet_write_string(on, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(col), what.c_str(), format);
  };

  const std::vector<std::string> input_head = {"Input", "What it is", "Value", "Unit", "Low", "High", "Spread", "Source", "Date", "Confidence"};
  for (std::size_t i = 0; i < input_head.size(); ++i) text(inputs, 0, static_cast<int>(i), input_head[i], bold);
  worksheet_set_column(inputs, 0, 1, 46, nullptr), worksheet_set_column(inputs, 2, 2, 18, nullptr), worksheet_set_column(inputs, 7, 7, 50, nullptr);
  worksheet_freeze_panes(inputs, 1, 1);
  for (std::uint32_t i = 0; i < sheet.inputs().size(); ++i) {
    const Input& in = sheet.inputs()[i];
    const int row = static_cast<int>(i) + 1;
    text(inputs, row, 0, in.name), text(inputs, row, 1, in.label);
    worksheet_write_number(inputs, static_cast<lxw_row_t>(row), 2, in.quantity.value.to_double(), input_format);
    text(inputs, row, 3, std::string(to_string(in.unit)));
    if (in.quantity.low)
      worksheet_write_number(inputs, static_cast<lxw_row_t>(row), 4, in.quantity.low->to_double(), plain),
          worksheet_write_number(inputs, static_cast<lxw_row_t>(row), 5, in.quantity.high->to_double(), plain),
          text(inputs, row, 6, std::string(to_string(in.quantity.spread)));
    text(inputs, row, 7, in.quantity.source), text(inputs, row, 8, in.quantity.date),
        text(inputs, row, 9, std::string(to_string(in.quantity.confidence)));
  }

  text(results, 0, 0, "Cell", bold), text(results, 0, 1, "What it is", bold), text(results, 0, 2, "Value", bold), text(results, 0, 3, "Unit", bold);
  worksheet_set_column(results, 0, 1, 52, nullptr), worksheet_set_column(results, 2, 2, 20, nullptr), worksheet_freeze_panes(results, 1, 1);
  text(months, 0, 0, "Cell", bold), text(months, 0, 1, "What it is", bold), text(months, 0, 2, "Unit", bold);
  worksheet_set_column(months, 0, 0, 44, nullptr), worksheet_set_column(months, 1, 1, 36, nullptr),
      worksheet_set_column(months, Places::kFirstMonth, static_cast<lxw_col_t>(Places::kFirstMonth + d.plan.months), 14, nullptr);
  worksheet_freeze_panes(months, 1, Places::kFirstMonth);
  for (int k = 0; k <= d.plan.months; ++k) worksheet_write_number(months, 0, static_cast<lxw_col_t>(Places::kFirstMonth + k), k, bold);
  for (const Cell* cell : places.monthly())
    text(months, places.monthly_row(*cell), 0, cell->name), text(months, places.monthly_row(*cell), 1, cell->label),
        text(months, places.monthly_row(*cell), 2, std::string(to_string(cell->unit)));
  for (std::uint32_t i = 0; i < sheet.cells().size(); ++i) {
    const Cell& cell = sheet.cells()[i];
    const std::string formula = "=" + print_formula(sheet, cell.formula, places);
    lxw_format* format = cell.unit == Unit::usd && !cell.name.ends_with("usd_per_request") ? cents : plain;
    const double value = d.cells[i].to_double();
    if (cell.month == kNoMonth) {
      const int row = places.single_row(cell);
      text(results, row, 0, cell.name), text(results, row, 1, cell.label), text(results, row, 3, std::string(to_string(cell.unit)));
      worksheet_write_formula_num(results, static_cast<lxw_row_t>(row), 2, formula.c_str(), format, value);
    } else {
      worksheet_write_formula_num(months, static_cast<lxw_row_t>(places.monthly_row(cell)), static_cast<lxw_col_t>(Places::kFirstMonth + cell.month),
                                  formula.c_str(), format, value);
    }
  }

  worksheet_set_column(summary, 0, 0, 44, nullptr), worksheet_set_column(summary, 1, 1, 22, nullptr),
      worksheet_set_column(summary, 2, 2, 60, nullptr);
  text(summary, 0, 0, d.plan.name + (d.plan.example ? " (EXAMPLE: an invented company)" : ""), bold), text(summary, 1, 0, d.today + ", " + d.command);
  text(summary, 2, 0,
       "Change a value on the sheet Inputs and everything here follows. The machines' life and the number of months are part of the shape and do "
       "not.");
  const Outputs& o = d.model.out;
  int row = 4;
  for (const auto& [label, cell] :
       {std::pair("Everything in the cloud, USD", o.cloud_only_tco), std::pair("Cloud and local together, USD", o.hybrid_tco),
        std::pair("Paid before the first month, USD", o.investment), std::pair("Net present value, USD", o.npv)}) {
    text(summary, row, 0, label), text(summary, row, 2, name_of(sheet.cells()[cell]));
    worksheet_write_formula_num(summary, static_cast<lxw_row_t>(row++), 1, ("=ROUND(" + places.cell(cell) + ",2)").c_str(), cents,
                                d.cells[cell].to_double());
  }
  for (const auto& [label, cell] :
       {std::pair("Payback, months", o.payback_months), std::pair("Payback in today's money, months", o.discounted_payback_months)}) {
    text(summary, row, 0, label), text(summary, row, 2, name_of(sheet.cells()[cell]));
    const std::string formula = "=IF(" + places.cell(cell) + ">=" + std::to_string(kNeverMonths) + ",\"never\",ROUND(" + places.cell(cell) + ",2))";
    if (d.cells[cell] >= Decimal::of(kNeverMonths))
      worksheet_write_formula_str(summary, static_cast<lxw_row_t>(row++), 1, formula.c_str(), nullptr, "never");
    else
      worksheet_write_formula_num(summary, static_cast<lxw_row_t>(row++), 1, formula.c_str(), plain, d.cells[cell].to_double());
  }
  const lxw_error error = workbook_close(book);
  return error == LXW_NO_ERROR ? std::nullopt : std::optional(path + ": " + lxw_strerror(error));
}

}  // namespace demarc::planning
