#include "document/worker/order.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "base/encode.hpp"
#include "base/strings.hpp"
#include "document/worker/limits.hpp"

namespace demarc::document::worker {
namespace {

namespace dom = simdjson::dom;
using Element = simdjson::simdjson_result<dom::element>;

constexpr int kMaxPageNumber = 1'000'000;

std::size_t most_pages() { return static_cast<std::size_t>(limits().document_pages); }

Failure<Refusal> refuse(std::string message) { return fail(Refusal{"invalid_request", std::move(message)}); }

std::optional<std::string_view> text_of(const Element& element) {
  std::string_view text;
  return element.get(text) == simdjson::SUCCESS ? std::optional(text) : std::nullopt;
}
bool flag_of(const Element& element) {
  bool flag = false;
  return element.get(flag) == simdjson::SUCCESS && flag;
}
int number_of(const Element& element, int otherwise) {
  std::int64_t number = 0;
  return element.get(number) == simdjson::SUCCESS && number >= 0 && number <= kMaxPageNumber ? static_cast<int>(number) : otherwise;
}

// document_url is a string, image_url a string or {"url": …}.
std::optional<std::string_view> url_of(const dom::element& document) {
  for (const char* field : {"document_url", "image_url"}) {
    if (const auto url = text_of(document[field])) return url;
    if (const auto url = text_of(document[field]["url"])) return url;
  }
  return {};
}

Result<std::string, Refusal> bytes_of(std::string_view url) {
  constexpr std::string_view kMark = ";base64,";
  if (!url.starts_with("data:"))
    return refuse("The document must be in the request, as a data: URL or an uploaded file's file_id; an address elsewhere is not fetched.");
  const std::size_t at = url.substr(0, 512).find(kMark);
  if (at == std::string_view::npos) return refuse("The data: URL must be base64: data:application/pdf;base64,…");
  auto bytes = from_base64(url.substr(at + kMark.size()));
  if (!bytes) return refuse("The document's base64 is damaged.");
  if (bytes->empty()) return refuse("The document is empty.");
  if (bytes->size() > mib(limits().document_mib)) return fail(Refusal{"document_too_large", too_large_words()});
  return *std::move(bytes);
}

Result<std::vector<int>, Refusal> pages_of(const Element& element) {
  dom::element given;
  if (element.get(given) != simdjson::SUCCESS || given.is_null()) return std::vector<int>{};
  const auto expected = [] {
    return refuse("pages must be a list of page numbers from 0, like [0, 2], or a text like \"0-3,7\"; " +
                  limit_words("document_pages", limits().document_pages) + ".");
  };
  if (const auto text = text_of(element)) {
    auto pages = parse_pages(*text);
    return pages ? Result<std::vector<int>, Refusal>(*std::move(pages)) : expected();
  }
  dom::array list;
  if (given.get(list) != simdjson::SUCCESS) return expected();
  std::vector<int> pages;
  for (const dom::element item : list) {
    std::int64_t page = 0;
    if (item.get(page) != simdjson::SUCCESS || page < 0 || page > kMaxPageNumber || pages.size() >= most_pages()) return expected();
    pages.push_back(static_cast<int>(page));
  }
  std::ranges::sort(pages);
  pages.erase(std::unique(pages.begin(), pages.end()), pages.end());
  return pages;
}

}  // namespace

std::optional<std::vector<int>> parse_pages(std::string_view text) {
  std::vector<int> pages;
  const auto number = [](std::string_view digits) -> std::optional<int> {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || value < 0 || value > kMaxPageNumber) return {};
    return value;
  };
  for (const std::string_view piece : split(text, ',')) {
    const std::string_view range = trim(piece);
    const std::size_t dash = range.find('-');
    const auto first = number(trim(range.substr(0, dash)));
    const auto last = dash == std::string_view::npos ? first : number(trim(range.substr(dash + 1)));
    if (!first || !last || *last < *first || *last - *first >= limits().document_pages) return {};
    for (int page = *first; page <= *last; ++page) pages.push_back(page);
    if (pages.size() > 2 * most_pages()) return {};
  }
  std::ranges::sort(pages);
  pages.erase(std::unique(pages.begin(), pages.end()), pages.end());
  if (pages.size() > most_pages()) return {};
  return pages;
}

Result<Order, Refusal> read_order(std::string_view body) {
  dom::parser parser(most_body_bytes());
  dom::element root;
  if (parser.allocate(std::max<std::size_t>(body.size(), 64), 32) != simdjson::SUCCESS ||
      parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
    return refuse("The body is not JSON.");
  dom::element document;
  if (root["document"].get(document) != simdjson::SUCCESS || !document.is_object())
    return refuse("The field document is missing: {\"type\": \"document_url\", \"document_url\": \"data:…\"}.");
  const auto url = url_of(document);
  if (!url) return refuse("document has neither a document_url nor an image_url.");
  Order order{.bytes = TRY(bytes_of(*url)), .name = std::string(text_of(document["document_name"]).value_or(""))};
  order.pages = TRY(pages_of(root["pages"]));
  order.from_page = number_of(root["demarc_from_page"], 0);
  order.part_pages = std::min(number_of(root["demarc_pages"], 0), static_cast<int>(most_pages()));
  order.first_figure = number_of(root["demarc_first_image"], 0);
  order.figures = flag_of(root["include_image_base64"]);
  order.most_figures = number_of(root["image_limit"], order.most_figures);
  order.smallest_figure_px = number_of(root["image_min_size"], 0);
  order.page_images = flag_of(root["page_images"]);
  order.read_pictures = flag_of(root["read_pictures"]);
  order.words = flag_of(root["include_words"]) || text_of(root["confidence_scores_granularity"]) == "word";
  return order;
}

}  // namespace demarc::document::worker
