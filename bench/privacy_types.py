"""Recall, precision and F2 per type on labelled texts, per tier and combined, beside Presidio's pattern recognisers in the same run.

A labelled span is *found* if a finding that may stand for its type overlaps it, *covered* if every letter and digit of it lies inside findings of whatever
type: what redaction of all types hides. A finding is right if it overlaps a span that it may stand for. F2 weighs recall four times as much as precision.
Intervals are Wilson's, 95 %.
"""

import collections
import json
import math
import pathlib

import privacy_finders as finders

# other sets' labels, Presidio's and demarc's names for the same thing
SAME = {"EMAIL": "EMAIL_ADDRESS", "PHONE": "PHONE_NUMBER", "SSN": "US_SSN", "IBAN": "IBAN_CODE", "AADHAAR": "IN_AADHAAR", "PAN": "IN_PAN", "ACCOUNT": "BANK_ACCOUNT", "ACCOUNT_NUMBER": "BANK_ACCOUNT",
        "US_BANK_NUMBER": "BANK_ACCOUNT", "ROUTING_NUMBER": "US_ROUTING", "ABA_ROUTING_NUMBER": "US_ROUTING", "US_DRIVER_LICENSE": "DRIVER_LICENSE", "UK_DRIVING_LICENCE": "DRIVER_LICENSE",
        "IT_DRIVER_LICENSE": "DRIVER_LICENSE", "DE_FUEHRERSCHEIN": "DRIVER_LICENSE", "ZA_DRIVER_LICENSE": "DRIVER_LICENSE", "KR_DRIVER_LICENSE": "DRIVER_LICENSE", "GPE": "LOCATION", "ZIP_CODE": "STREET_ADDRESS",
        "US_HEALTH_INSURANCE_MEMBER_ID": "INSURANCE_ID", "DE_HEALTH_INSURANCE": "INSURANCE_ID", "PATIENT_ID": "MEDICAL_RECORD_NUMBER",
        **{f"{country}_PASSPORT": "PASSPORT" for country in ("US", "UK", "DE", "ES", "IN", "IT", "KR", "PH", "ZA")}}
NAMES = {"PERSON", "LOCATION", "STREET_ADDRESS", "ORGANIZATION", "MEDICAL_TERM"}
NATIONAL = {"US_SSN", "US_ITIN", "US_NPI", "MEDICAL_LICENSE", "UK_NHS", "UK_NINO", "IN_AADHAAR", "IN_PAN", "CA_SIN", "ZA_ID_NUMBER", "SE_PERSONNUMMER", "FI_PERSONAL_IDENTITY_CODE", "DE_TAX_ID", "ES_NIF", "ES_NIE",
            "IT_FISCAL_CODE", "PL_PESEL", "FR_NIR", "NL_BSN", "BE_NATIONAL_NUMBER", "BR_CPF", "BR_CNPJ", "SG_NRIC_FIN", "KR_RRN", "AU_TFN", "AU_ABN", "AU_MEDICARE"}
STRUCTURED = NATIONAL | {"EMAIL_ADDRESS", "CREDIT_CARD", "IBAN_CODE", "PHONE_NUMBER", "IP_ADDRESS", "MAC_ADDRESS", "SECRET", "US_ROUTING", "IMEI", "PASSPORT", "DRIVER_LICENSE", "BANK_ACCOUNT", "CRYPTO", "DATE_OF_BIRTH",
                         "MEDICAL_RECORD_NUMBER", "INSURANCE_ID"}
# what a finding may stand for besides its own type
ALSO = {"NATIONAL_ID": NATIONAL, "TAX_ID": NATIONAL, "LOCATION": {"STREET_ADDRESS"}, "STREET_ADDRESS": {"LOCATION"}, "DATE_TIME": {"DATE_OF_BIRTH"}, "BANK_ACCOUNT": {"US_ROUTING"}}
IGNORED = {"DATE_TIME"}  # too wide to be wrong


def same(kind):
    return SAME.get(kind, kind)


def stands_for(finding, span):
    kind, label = same(finding["type"]), same(span["type"])
    return (kind == label or label in ALSO.get(kind, ())) and finding["start"] < span["end"] and span["start"] < finding["end"]


def covered(text, span, findings):
    hidden = set()
    for finding in findings:
        hidden.update(range(finding["start"], finding["end"]))
    return all(i in hidden for i in range(span["start"], span["end"]) if text[i].isalnum())


def wilson(hits, n):
    if n == 0:
        return None
    z, p = 1.96, hits / n
    middle, half = (p + z * z / 2 / n) / (1 + z * z / n), z * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n) / (1 + z * z / n)
    return [round(p, 4), round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)]


def judge(rows, answers, show=0):
    """{type: {labelled, found, covered, reported, right}} and examples of what was missed and wrong."""
    scores, examples = collections.defaultdict(collections.Counter), collections.defaultdict(list)
    around = lambda text, a: " ".join((text[max(0, a["start"] - 30):a["start"]] + "[" + text[a["start"]:a["end"]] + "]" + text[a["end"]:a["end"] + 15]).split())  # noqa: E731
    for row, findings in zip(rows, answers, strict=True):
        for span in row["spans"]:
            score = scores[same(span["type"])]
            score["labelled"] += 1
            hit = any(stands_for(f, span) for f in findings)
            score["found"] += hit
            score["covered"] += covered(row["text"], span, findings)
            if not hit and len(examples[same(span["type"]), "missed"]) < show:
                examples[same(span["type"]), "missed"].append(around(row["text"], span))
        for finding in findings:
            kind = same(finding["type"])
            if kind in IGNORED:
                continue
            right = any(stands_for(finding, span) for span in row["spans"])
            scores[kind]["reported"] += 1
            scores[kind]["right"] += right
            scores[kind]["on_a_value"] += any(finding["start"] < span["end"] and span["start"] < finding["end"] for span in row["spans"])
            if not right and len(examples[kind, "wrong"]) < show:
                examples[kind, "wrong"].append(around(row["text"], finding))
    return scores, examples


def figures(score):
    recall, precision = wilson(score["found"], score["labelled"]), wilson(score["right"], score["reported"])
    f2 = None
    if recall and precision:
        p, r = precision[0], recall[0]
        f2 = round(5 * p * r / (4 * p + r), 4) if p + r else 0.0
    return {**{k: score[k] for k in ("labelled", "found", "covered", "reported", "right", "on_a_value")}, "recall": recall, "cover": wilson(score["covered"], score["labelled"]), "precision": precision, "f2": f2}


def total(scores, types):
    out = collections.Counter()
    for kind in types:
        out.update(scores.get(kind, {}))
    return out


def load(name):
    if name in ("train", "dev", "heldout"):
        import generate
        return generate.checked(name)
    return [json.loads(line) for line in pathlib.Path(name).read_text().splitlines()]


def run(names, model, data, show):
    """Every set by every finder: {set: {finder: {type or total: figures}}}."""
    out = {}
    for name in names:
        rows = load(name)
        labels = {same(span["type"]) for row in rows for span in row["spans"]} & (STRUCTURED | NAMES)
        for row in rows:
            row["spans"] = [span for span in row["spans"] if same(span["type"]) in labels]
        both = finders.gateway(rows, model, data)
        answers = {"structured": finders.structured(rows), "model": [[f for f in fs if f["tier"] == "model"] for fs in both], "together": both, "presidio": finders.presidio(rows)}
        sets = {}
        for who, found in answers.items():
            scores, examples = judge(rows, found, show if who in ("structured", "together") else 0)
            known = {kind: score for kind, score in scores.items() if kind in labels or (kind in STRUCTURED | NAMES | set(ALSO))}
            sets[who] = {kind: figures(score) for kind, score in sorted(known.items())}
            sets[who]["ALL"] = figures(total(known, known))
            sets[who]["ALL STRUCTURED"] = figures(total(known, (STRUCTURED | set(ALSO)) - NAMES))
            sets[who]["ALL NAMES"] = figures(total(known, NAMES))
            sets[who]["ALL NATIONAL"] = figures(total(known, NATIONAL | {"NATIONAL_ID", "TAX_ID"}))
            for (kind, what), texts in examples.items():
                for text in texts:
                    print(f"  {who:<10} {kind:<22} {what}: {text}")
        out[pathlib.Path(name).stem] = {"texts": len(rows), "bytes": sum(len(row["text"].encode()) for row in rows), "by": sets}
    return out


def cell(value):
    return "–" if value is None else f"{value[0]:.3f} ({value[1]:.2f}-{value[2]:.2f})" if isinstance(value, list) else f"{value:.3f}"


def rows_of(by):
    """(title, types) of a table's rows: sums first, national numbers as one, then by how many there are."""
    kinds = sorted((k for k in by["together"] if not k.startswith("ALL") and by["together"][k]["labelled"]), key=lambda k: -by["together"][k]["labelled"])
    national = [k for k in kinds if k in NATIONAL]
    rows = [("**all**", "ALL"), ("**all structured**", "ALL STRUCTURED"), ("**all names**", "ALL NAMES")]
    rows += [(f"{len(national)} kinds of national numbers", "ALL NATIONAL")] if len(national) > 3 else [(f"`{k}`", k) for k in national]
    return rows + [(f"`{k}`", k) for k in kinds if k not in NATIONAL]


def markdown(result):
    out = []
    for name, entry in result.items():
        by, empty = entry["by"], figures(collections.Counter())
        out += [f"**{name}**, {entry['texts']} texts, {entry['bytes'] // 1024} KiB:", "",
                "| type | labelled | structured: recall | precision | both tiers: recall | precision | F2 | covered | Presidio's patterns: recall | precision |", "| --- " * 10 + "|"]
        for title, kind in rows_of(by):
            s, t, p = (by[who].get(kind, empty) for who in ("structured", "together", "presidio"))
            out.append(f"| {title} | {t['labelled']} | {cell(s['recall'])} | {cell(s['precision'])} | {cell(t['recall'])} | {cell(t['precision'])} | {cell(t['f2'])} | "
                       f"{cell(t['cover'] and t['cover'][0])} | {cell(p['recall'])} | {cell(p['precision'])} |")
        m, p, t = by["model"]["ALL NAMES"], by["presidio"]["ALL STRUCTURED"], by["together"]["ALL"]
        out += ["", f"Whatever the type: {cell(t['cover'])} of the values are hidden whole, {cell(wilson(t['on_a_value'], t['reported']))} of the findings lie on a value. "
                f"The model's tier alone, names: recall {cell(m['recall'])}, precision {cell(m['precision'])}, F2 {cell(m['f2'])}. Presidio's patterns, structured types: F2 {cell(p['f2'])}.", ""]
    return "\n".join(out)
