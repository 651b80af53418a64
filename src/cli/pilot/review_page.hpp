// ReviewPage: a page on this machine on which a person judges the pairs of a Review. Loopback only, on a port of its own; whoever asks needs the
// token that stands behind the # of its address, which no browser sends or logs. The page is one file and asks nothing of anybody else.
//
//   ReviewPage page(review);
//   TRY(page.open());
//   std::cerr << page.address();          // http://127.0.0.1:41234/#3f…
//   page.wait();                          // until Finish was pressed
//
//   GET /  the page      GET /pairs/N  one pair, blind      POST /pairs/N {"first": true, "second": false}      POST /finish
//
// One thread; the Review must outlive it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "planning/pilot/review.hpp"

namespace demarc::cli {

class ReviewPage {
 public:
  explicit ReviewPage(planning::Review& review);
  ~ReviewPage();
  ReviewPage(const ReviewPage&) = delete;
  ReviewPage& operator=(const ReviewPage&) = delete;

  Result<void, std::string> open();
  [[nodiscard]] std::string address() const;
  void wait();

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

std::string_view review_html();

// Shows an address in the browser of whoever sits at this machine, if there is a display and xdg-open; quietly nothing otherwise. By way of a file in
// `folder` that only its owner reads: the arguments of a program are everybody's.
void show_in_browser(const std::string& address, const std::string& folder);

}  // namespace demarc::cli
