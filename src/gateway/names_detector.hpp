// NamesDetector: the model that reads texts for names, as one Snapshot has it, and how a request asks it.
//
//   privacy::NamesWork work = detector.names->begin(request, limits);
//   co_await ask_names(detector, work, {…});                           // on failure work.why says so: findings stay unknown
//   detector.names->finish(std::move(work), examination);
//
// Its engine is a child like every other (Fleet), so nothing leaves the building and no INTENT is needed. Immutable; any thread may read.
#pragma once

#include <memory>
#include <string_view>

#include "core/io/http.hpp"
#include "gateway/engine_unit.hpp"
#include "privacy/names.hpp"

namespace demarc::gateway {

struct NamesDetector {
  // What its engine is called in logs, sockets and status; no upstream can be named so.
  static constexpr std::string_view kName = "detector:names";

  std::shared_ptr<EngineUnit> engine;
  Origin origin;
  std::shared_ptr<const privacy::Names> names;  // with its cache: kept over a reload that changes nothing about it
};

struct NamesCall {
  Loop& loop;
  HttpClient& http;
  Cancellation& cancellation;
  Deadline deadline;
  std::string_view request_id;
  WorkClass work_class = WorkClass::normal;  // of the request that it is for
};

struct RequestContext;
// For one of a request's texts, on its loop.
NamesCall names_call(RequestContext& context, Deadline deadline);

// Has every text of `work` answered, or sets work.why. On the caller's loop.
Task<void> ask_names(const NamesDetector& detector, privacy::NamesWork& work, NamesCall call);

}  // namespace demarc::gateway
