#include "policy/vocabulary.hpp"

#include <array>

namespace demarc::policy {
namespace {

struct FieldRow {
  Field field;
  std::string_view name;
  ValueKind kind;
};

constexpr std::array kFields = {
    FieldRow{Field::caller_key, "caller.key", ValueKind::text},
    FieldRow{Field::caller_team, "caller.team", ValueKind::text},
    FieldRow{Field::caller_role, "caller.role", ValueKind::text},
    FieldRow{Field::workload, "workload", ValueKind::text},
    FieldRow{Field::operation, "operation", ValueKind::operation},
    FieldRow{Field::dialect, "dialect", ValueKind::text},
    FieldRow{Field::declared, "declared", ValueKind::sensitivity},
    FieldRow{Field::sensitivity, "sensitivity", ValueKind::sensitivity},
    FieldRow{Field::findings, "findings", ValueKind::findings},
    FieldRow{Field::finding_type, "findings.TYPE", ValueKind::count},
    FieldRow{Field::context_tokens, "context_tokens", ValueKind::count},
    FieldRow{Field::output_tokens, "output_tokens", ValueKind::count},
    FieldRow{Field::tools, "tools", ValueKind::count},
    FieldRow{Field::tool_names, "tool_names", ValueKind::texts},
    FieldRow{Field::stream, "stream", ValueKind::flag},
    FieldRow{Field::batch, "batch", ValueKind::flag},
    FieldRow{Field::media, "media", ValueKind::media},
    FieldRow{Field::model, "model", ValueKind::text},
    FieldRow{Field::repository, "repository", ValueKind::texts},
    FieldRow{Field::path, "path", ValueKind::texts},
    FieldRow{Field::budget_left, "budget.left_usd", ValueKind::money},
    FieldRow{Field::time, "time", ValueKind::time},
    FieldRow{Field::upstream_name, "upstream.name", ValueKind::text},
    FieldRow{Field::upstream_model, "upstream.model", ValueKind::text},
    FieldRow{Field::upstream_tier, "upstream.tier", ValueKind::tier},
    FieldRow{Field::upstream_region, "upstream.region", ValueKind::text},
    FieldRow{Field::upstream_provider, "upstream.provider", ValueKind::provider},
    FieldRow{Field::upstream_healthy, "upstream.healthy", ValueKind::flag},
    FieldRow{Field::upstream_queue_ms, "upstream.queue_ms", ValueKind::count},
    FieldRow{Field::upstream_pinned, "upstream.pinned", ValueKind::flag},
    FieldRow{Field::upstream_no_store, "upstream.no_store", ValueKind::flag},
    FieldRow{Field::upstream_quality_percent, "upstream.quality_percent", ValueKind::count},
};

constexpr bool rows_stand_in_order() {
  for (std::size_t i = 0; i < kFields.size(); ++i)
    if (kFields[i].field != static_cast<Field>(i)) return false;
  return true;
}
static_assert(rows_stand_in_order());

const FieldRow& row(Field field) { return kFields[static_cast<std::size_t>(field)]; }

}  // namespace

std::string_view to_string(Field field) { return row(field).name; }
ValueKind kind_of(Field field) { return row(field).kind; }
bool is_per_candidate(Field field) { return field >= Field::upstream_name; }

std::optional<Field> parse_field(std::string_view name) {
  constexpr std::string_view kPrefix = "findings.";
  if (name.starts_with(kPrefix)) return name.size() > kPrefix.size() ? std::optional(Field::finding_type) : std::nullopt;
  for (const FieldRow& r : kFields)
    if (r.name == name) return r.field;
  return {};
}

const std::vector<std::string>& field_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const FieldRow& r : kFields) all.emplace_back(r.name);
    return all;
  }();
  return names;
}

// Presidio's supported entities (https://microsoft.github.io/presidio/supported_entities/, read November 2026) and demarc's own: SECRET,
// MEDICAL_RECORD_NUMBER, AGE, TITLE, MAC_ADDRESS.
const FindingTypes& known_finding_types() {
  static const FindingTypes types = {
      "AGE",
      "AU_ABN",
      "AU_ACN",
      "AU_MEDICARE",
      "AU_TFN",
      "CA_SIN",
      "CREDIT_CARD",
      "CRYPTO",
      "DATE_TIME",
      "DE_TAX_ID",
      "EMAIL_ADDRESS",
      "ES_NIE",
      "ES_NIF",
      "FI_PERSONAL_IDENTITY_CODE",
      "FR_NIR",
      "IBAN_CODE",
      "IN_AADHAAR",
      "IN_GSTIN",
      "IN_PAN",
      "IN_PASSPORT",
      "IN_VEHICLE_REGISTRATION",
      "IN_VOTER",
      "IP_ADDRESS",
      "IT_DRIVER_LICENSE",
      "IT_FISCAL_CODE",
      "IT_IDENTITY_CARD",
      "IT_PASSPORT",
      "IT_VAT_CODE",
      "KR_RRN",
      "LOCATION",
      "MAC_ADDRESS",
      "MEDICAL_LICENSE",
      "MEDICAL_RECORD_NUMBER",
      "NRP",
      "ORGANIZATION",
      "PASSPORT_MRZ",
      "PERSON",
      "PHONE_NUMBER",
      "PL_PESEL",
      "SECRET",
      "SE_PERSONNUMMER",
      "SG_NRIC_FIN",
      "SG_UEN",
      "TH_TNIN",
      "TITLE",
      "UK_NHS",
      "UK_NINO",
      "URL",
      "US_BANK_NUMBER",
      "US_DRIVER_LICENSE",
      "US_ITIN",
      "US_MBI",
      "US_NPI",
      "US_PASSPORT",
      "US_SSN",
      "ZA_ID_NUMBER",
  };
  return types;
}

}  // namespace demarc::policy
