"""Recall of the structured detectors by type and disguise: the same values, hidden as people and programs hide them.

    DISGUISES["spaced digits"]("4111 1111")     # "4 1 1 1  1 1 1 1"

A value stands in a sentence with the word that its type is called by. A disguise of the value changes only the value; one of the text encodes the sentence,
as a file or a tool's result comes encoded. Found, in a value's disguise: a finding of the type lies there, and every letter and digit lies inside findings;
else: the request, read as the gateway reads it, counts one of the type. Where a disguise leaves a value as it is, no figure.
"""

import base64
import html
import json
import quopri
import random
import re
import urllib.parse

import privacy_finders as finders
from privacy_types import covered, same, wilson, ALSO

TYPES = {"EMAIL_ADDRESS": "e-mail", "CREDIT_CARD": "credit card", "IBAN_CODE": "IBAN", "US_SSN": "social security number", "PHONE_NUMBER": "phone", "IP_ADDRESS": "server address", "MAC_ADDRESS": "MAC address",
         "SECRET": "token", "UK_NHS": "NHS number", "DE_TAX_ID": "Steuer-ID", "IT_FISCAL_CODE": "codice fiscale", "PASSPORT": "passport number", "DATE_OF_BIRTH": "date of birth", "CRYPTO": "wallet"}
SHORT = ["e-mail", "card", "IBAN", "SSN", "phone", "IP", "MAC", "secret", "NHS", "DE tax", "IT code", "passport", "birth", "wallet"]
LOOK_ALIKE = str.maketrans("aceopxyiABCEHIKMOPTX", "асеорхуіАВСЕНІКМОРТХ")  # Cyrillic
WORDS = "zero one two three four five six seven eight nine".split()


def per_char(change):
    return lambda value: "".join(change(c) for c in value)


def wide(c):
    return chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c


def bold(c):
    if c.isascii() and c.isdigit():
        return chr(0x1D7CE + int(c))
    if c.isascii() and c.isalpha():
        return chr((0x1D400 if c.isupper() else 0x1D41A) + ord(c.lower()) - 97)
    return c


def digits_apart(mark):
    def change(value):
        out = ""
        for a, b in zip(value, value[1:] + " "):
            out += a + (mark if a.isdigit() and b.isdigit() else "")
        return out
    return change


def digit_words(value):
    return " ".join(" ".join(WORDS[int(c)] if c.isascii() and c.isdigit() else c for c in value).split()) if sum(c.isdigit() for c in value) > 6 else value


VALUE = {
    "none": lambda v: v,
    "full-width": per_char(wide),
    "mathematical letters": per_char(bold),
    "look-alike letters": lambda v: v.translate(LOOK_ALIKE),
    "zero-width characters": lambda v: "\u200b".join(v),
    "soft hyphens": lambda v: "\u00ad".join(v),
    "digits spaced": digits_apart(" "),
    "digits dotted": digits_apart("."),
    "digits in words": digit_words,
    "line break in it": lambda v: v[:len(v) // 2] + "\n" + v[len(v) // 2:],
    "Markdown escapes": lambda v: re.sub(r"([-_@.+/:()])", r"\\\1", v),
    "tags in it": lambda v: f"{v[:len(v) // 3]}<b>{v[len(v) // 3:2 * len(v) // 3]}</b>{v[2 * len(v) // 3:]}",
    "(at), (dot)": lambda v: v.replace("@", " (at) ").replace(".", " (dot) ") if "@" in v else v,
}
TEXT = {
    "HTML entities": lambda t: "".join(f"&#{ord(c)};" if not c.isalpha() else html.escape(c) for c in t),
    "URL-coded": lambda t: "q=" + urllib.parse.quote_plus(t, safe="").replace("-", "%2D").replace(".", "%2E"),
    "base64": lambda t: base64.b64encode(t.encode()).decode(),
    "base64 twice": lambda t: base64.b64encode(base64.b64encode(t.encode())).decode(),
    "base64 of UTF-16": lambda t: base64.b64encode(t.encode("utf-16")).decode(),
    "base64 of Latin-1": lambda t: base64.b64encode(f"Müller: {t}".encode("latin-1")).decode(),
    "hexadecimal": lambda t: t.encode().hex(),
    "JSON escapes": lambda t: json.dumps({"m": t}).replace(t, "".join(f"\\u{ord(c):04x}" for c in t)),
    "quoted-printable": lambda t: quopri.encodestring("".join(f"={b:02X}" if not chr(b).isalpha() else chr(b) for b in t.encode()).encode()).decode().replace("=3D", "="),
}


def chat(*texts):
    return {"model": "m", "messages": [{"role": "user", "content": text} for text in texts]}


REQUEST = {
    "over two messages": lambda before, v, after: chat(before + v[:len(v) // 2], v[len(v) // 2:] + after),
    "over content parts": lambda before, v, after: {"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": before + v[:len(v) // 2]}, {"type": "text", "text": v[len(v) // 2:] + after}]}]},
    "over fields of JSON": lambda before, v, after: chat(json.dumps({"note": before.strip(), "value_1": v[:len(v) // 2], "value_2": v[len(v) // 2:]})),
    "over tool arguments": lambda before, v, after: {"model": "m", "messages": [{"role": "user", "content": before}, {"role": "assistant", "content": None, "tool_calls": [
        {"id": "c1", "type": "function", "function": {"name": "save", "arguments": json.dumps({"a": before + v[:len(v) // 2], "b": v[len(v) // 2:]})}}]}]},
}


def planted(count):
    from values import Values
    for kind, word in TYPES.items():
        values = Values(random.Random(f"disguise {kind}"), "heldout", "en")
        for i in range(count):
            value = values.of(kind)
            before, after = values.pick([f"The {word} is ", f"Please note my {word}: ", f"{word} "]), values.pick([".", ", thank you.", " as agreed."])
            yield kind, before, value, after


def right_type(kind, found):
    return any(same(k) == kind or kind in ALSO.get(same(k), ()) for k in found)


def run(count):
    """{disguise: {type: [found, of]}}"""
    values, out = list(planted(count)), {}

    def note(disguise, hits):
        row = out.setdefault(disguise, {})
        for kind, hit in hits:
            entry = row.setdefault(kind, [0, 0])
            entry[0] += hit
            entry[1] += 1

    for name, change in VALUE.items():
        jobs = [(kind, before, change(v), after) for kind, before, v, after in values if name == "none" or change(v) != v]
        texts = [before + v + after for _, before, v, after in jobs]
        for (kind, before, v, _), text, findings in zip(jobs, texts, finders.structured([{"text": text} for text in texts]), strict=True):
            span = {"start": len(before), "end": len(before) + len(v)}
            inside = [f for f in findings if f["start"] < span["end"] and span["start"] < f["end"]]
            note(name, [(kind, right_type(kind, [f["type"] for f in inside]) and covered(text, span, inside))])
    requests = {**{name: (lambda before, v, after, change=change: chat(change(before + v + after))) for name, change in TEXT.items()}, **REQUEST}
    for name, request in requests.items():
        counted = finders.counts([request(before, v, after) for _, before, v, after in values])
        note(name, [(kind, right_type(kind, found)) for (kind, *_), found in zip(values, counted, strict=True)])
    return out


def markdown(result):
    count = max(n for row in result.values() for _, n in row.values())
    out = [f"Structured tier, recall of up to {count} values a cell.", "", "| disguise | all | " + " | ".join(SHORT) + " |", "| --- " * (len(SHORT) + 2) + "|"]
    for name, row in result.items():
        hits, n = sum(h for h, _ in row.values()), sum(n for _, n in row.values())
        out.append(f"| {name} | {wilson(hits, n)[0]:.2f} | " + " | ".join(f"{row[k][0] / row[k][1]:.2f}" if k in row else "–" for k in TYPES) + " |")
    return "\n".join(out) + "\n"
