#include "document/worker/office_xml.hpp"

#include <charconv>

#include "base/strings.hpp"

namespace demarc::document::worker {

int number(std::string_view text, int otherwise) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : otherwise;
}

std::map<std::string, std::string, std::less<>> relations(const Members& members, std::string_view member) {
  const std::size_t slash = member.rfind('/');
  const std::string folder(member.substr(0, slash == std::string_view::npos ? 0 : slash + 1));
  const Xml xml(members, folder + "_rels/" + std::string(member.substr(slash == std::string_view::npos ? 0 : slash + 1)) + ".rels");
  std::map<std::string, std::string, std::less<>> out;
  for (const pugi::xml_node relation : children(xml.root(), "Relationship")) {
    const std::string_view target = attribute(relation, "Target");
    std::vector<std::string_view> steps;
    const std::string path = target.starts_with('/') ? std::string(target.substr(1)) : folder + std::string(target);
    for (const std::string_view step : split(path, '/')) {
      if (step == ".." && !steps.empty())
        steps.pop_back();
      else if (step != "." && step != "..")
        steps.push_back(step);
    }
    std::string whole;
    for (const std::string_view step : steps) (whole += whole.empty() ? "" : "/") += step;
    out.emplace(attribute(relation, "Id"), std::move(whole));
  }
  return out;
}

}  // namespace demarc::document::worker
