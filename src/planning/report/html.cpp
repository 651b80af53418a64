#include "planning/report/svg.hpp"
#include "planning/report/words.hpp"

namespace demarc::planning {
namespace {

constexpr std::string_view kStyle = R"css(
@page { size: A4; margin: 14mm 16mm 16mm 16mm; @bottom-right { content: counter(page) " / " counter(pages); font: 9px "DejaVu Sans", sans-serif; color: #718096; } }
* { box-sizing: border-box; }
body { font: 12px/1.45 "DejaVu Sans", Verdana, sans-serif; color: #1a202c; margin: 0 auto; max-width: 178mm; }
section { page-break-before: always; padding-top: 4px; }
section:first-of-type { page-break-before: avoid; }
header.top { display: flex; justify-content: space-between; color: #718096; font-size: 10px; border-bottom: 1px solid #e2e8f0; padding-bottom: 3px; }
h1 { font-size: 19px; margin: 10px 0 6px; } h3 { font-size: 12.5px; margin: 12px 0 3px; }
p { margin: 5px 0 8px; } p.small { font-size: 8.5px; color: #4a5568; word-break: break-word; } p.missing { background: #fffaf0; border-left: 3px solid #dd6b20; padding: 8px 10px; }
p.answer { font-size: 16px; font-weight: bold; padding: 10px 12px; margin: 8px 0; } .good { background: #e6f4ea; } .fair { background: #fdf1e6; } .bad { background: #fde8e8; }
.figures { display: flex; gap: 8px; margin: 8px 0; } .figures div { flex: 1; border: 1px solid #e2e8f0; padding: 8px; } .figures b { display: block; font-size: 16px; } .figures span { font-size: 10px; color: #4a5568; }
table { border-collapse: collapse; width: 100%; font-size: 10px; margin: 6px 0; } th { text-align: left; border-bottom: 1.5px solid #718096; } th, td { padding: 2.5px 6px 2.5px 0; vertical-align: top; }
td { border-bottom: 1px solid #e2e8f0; } td.n, th.n { text-align: right; white-space: nowrap; } tr { page-break-inside: avoid; } code { font-size: 9px; word-break: break-all; } .register table { font-size: 8px; } .register code { font-size: 7.5px; } .register td { padding: 1.2px 5px 1.2px 0; }
li { margin: 7px 0; } .example { background: #b7791f; color: #fff; padding: 1px 6px; font-weight: bold; }
#tip { position: fixed; display: none; background: #1a202c; color: #fff; padding: 4px 8px; font-size: 11px; max-width: 320px; pointer-events: none; z-index: 9; }
@media print { #tip { display: none !important; } }
@media screen { section { border-bottom: 1px solid #e2e8f0; padding-bottom: 24px; margin-bottom: 12px; } }
)css";

// The pointer rests on a mark: its title, at once and readable. Without the script the browser shows the same titles, later.
constexpr std::string_view kScript = R"js(
(function () {
  var tip = document.getElementById("tip");
  document.addEventListener("mousemove", function (event) {
    var mark = event.target.closest ? event.target.closest("svg *") : null, title = mark && mark.querySelector(":scope > title");
    if (title && !mark.dataset.says) { mark.dataset.says = title.textContent; title.remove(); }
    var says = mark && mark.dataset.says;
    tip.style.display = says ? "block" : "none";
    if (!says) return;
    tip.textContent = says;
    tip.style.left = Math.min(event.clientX + 14, innerWidth - 340) + "px";
    tip.style.top = event.clientY + 16 + "px";
  });
})();
)js";

}  // namespace

std::vector<Page> pages_of(const ReportData& d) {
  return {decision_page(d), reconciliation_page(d), inventory_page(d),     cash_page(d),     cost_page(d),    tornado_page(d), break_even_page(d),
          capacity_page(d), quality_page(d),        concentration_page(d), calendar_page(d), against_page(d), register_page(d)};
}

std::string print_html(const ReportData& d) {
  const std::string name = escaped(d.plan.name);
  std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + name + ": business case</title><style>" +
                    std::string(kStyle) + "</style></head><body>\n<div id=\"tip\"></div>\n";
  int number = 0;
  for (const Page& page : pages_of(d))
    out += "<section><header class=\"top\"><span>" + name + (d.plan.example ? " <span class=\"example\">EXAMPLE: an invented company</span>" : "") +
           "</span><span>" + d.today + " · <code>" + escaped(d.command) + "</code></span></header>\n<h1>" + std::to_string(++number) + ". " +
           escaped(page.title) + "</h1>\n" + page.body + "</section>\n";
  return out + "<script>" + std::string(kScript) + "</script></body></html>\n";
}

}  // namespace demarc::planning
