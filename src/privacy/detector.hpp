// Detector: something that finds personal data or secrets in one text. Detectors is the table of those in use.
//
//   const Detectors detectors = Detectors::structured();
//   std::vector<Finding> found = detectors.find("mail ada@example.org");   // EMAIL_ADDRESS, bytes 5 to 20
//
// A detector is pure: the same text gives the same findings, in time that grows with the text's length only, with no I/O; any number of threads may
// call it at once. What needs I/O (a model in a worker) fills the same Findings beforehand and adds them to the Examination (examine.hpp).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/finding.hpp"

namespace demarc::privacy {

class Readings;

struct Text {
  std::string_view text;     // what is searched; findings count its bytes
  std::string_view label{};  // the name it stands under: the JSON key ("phone"), else empty. Serves as context only
};

class Detector {
 public:
  virtual ~Detector() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual std::vector<std::string_view> covers() const = 0;  // the types it may report
  virtual void find(const Text& text, std::vector<Finding>& out) const = 0;
};

class Detectors {
 public:
  Detectors() = default;
  static Detectors structured();  // those of all.cpp

  void add(std::unique_ptr<const Detector> detector);
  [[nodiscard]] bool covers(std::string_view type) const;
  [[nodiscard]] const std::vector<std::string_view>& types() const { return types_; }  // sorted, each once

  // All findings, sorted, none overlapping another (direct_first.hpp). The text is searched in every way that somebody could read it (readings.hpp):
  // disguises are undone; spans are those of the text as given. `only`: those types (a longer finding of another type hides none of them); empty:
  // all.
  [[nodiscard]] std::vector<Finding> find(const Text& text, std::span<const std::string> only = {}) const;
  [[nodiscard]] std::vector<Finding> find(std::string_view text, std::span<const std::string> only = {}) const { return find(Text{text}, only); }
  // As it stands there, only folded: for texts that come in pieces, since what a disguise hides may depend on bytes far behind.
  [[nodiscard]] std::vector<Finding> find_as_written(const Text& text, std::span<const std::string> only = {}) const;

 private:
  [[nodiscard]] std::vector<Finding> find_in(const Text& text, const Readings& readings, std::size_t i, std::span<const std::string> only) const;
  std::vector<std::unique_ptr<const Detector>> detectors_;
  std::vector<std::string_view> types_;  // their own names
};

}  // namespace demarc::privacy
