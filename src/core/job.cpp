#include "core/job.hpp"

namespace demarc {

std::string_view to_string(JobKind kind) {
  switch (kind) {
    case JobKind::batch: return "batch";
    case JobKind::transcription: return "transcription";
    case JobKind::ocr: return "ocr";
    case JobKind::image_classification: return "image_classification";
  }
  return "";
}

std::string_view to_string(JobState state) {
  switch (state) {
    case JobState::validating: return "validating";
    case JobState::in_progress: return "in_progress";
    case JobState::finalizing: return "finalizing";
    case JobState::completed: return "completed";
    case JobState::failed: return "failed";
    case JobState::expired: return "expired";
    case JobState::cancelling: return "cancelling";
    case JobState::cancelled: return "cancelled";
  }
  return "";
}

}  // namespace demarc
