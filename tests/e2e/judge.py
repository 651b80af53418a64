"""An independent reader of what a provider received: is a planted value in it, in whatever form?

    record = Record([request.body for request in received])
    record.holds(value)        # True: some way of reading the bytes gives the value

It undoes every layer it can think of, again and again, and compares letters and digits only. It knows nothing of how demarc reads; where it sees more than a
provider would, that is for the better.
"""

import base64
import binascii
import html
import json
import quopri
import re
import unicodedata
import urllib.parse

WORDS = dict(zip(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], "0123456789"))
LOOK_ALIKES = str.maketrans("аеорсухіјѕ", "aeopcyxijs")
FRAME = {"role", "type", "id", "model", "name", "tool_call_id", "tool_use_id", "index"}
DEPTH, MOST = 5, 3000


def strings_of(node, path=()):
    """(key, string) of every string, number and key of a JSON value, in order."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield "", key
            yield from strings_of(value, (*path, key))
    elif isinstance(node, list):
        for value in node:
            yield from strings_of(value, path)
    elif isinstance(node, (str, int, float)) and not isinstance(node, bool):
        yield (path[-1] if path else ""), str(node)


def decoded(text):
    """What the text becomes when one layer is taken off, in every way that fits."""
    yield html.unescape(text)
    if "%" in text:
        yield urllib.parse.unquote(text)
        yield re.sub(r"%u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
    if "<" in text:
        yield re.sub(r"<[^<>]{1,80}>", "", text)
    if "\\" in text:
        yield re.sub(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})", lambda m: chr(int(m[1] or m[2], 16)), text)
        yield re.sub(r"\\([0-3][0-7]{2})", lambda m: chr(int(m[1], 8)), text)
        yield text.replace("\\", "")
    if "=" in text:
        yield quopri.decodestring(text.encode(errors="replace")).decode(errors="replace")
    for run in re.findall(r"[A-Za-z0-9+/_\-\n]{12,}", text):
        plain = run.replace("\n", "").replace("-", "+").replace("_", "/").rstrip("=")
        for data in {plain, plain[:len(plain) // 4 * 4]}:
            try:
                yield from texts(base64.b64decode(data + "=" * (-len(data) % 4), validate=True))
            except (binascii.Error, ValueError):
                pass
    for run in re.findall(r"(?:[0-9a-fA-F]{2}[\s:]?){8,}", text):
        data = re.sub(r"[^0-9a-fA-F]", "", run)
        yield from texts(bytes.fromhex(data[:len(data) // 2 * 2]))
    try:
        node = json.loads(text)
    except ValueError:
        return
    if isinstance(node, (dict, list)):
        leaves = list(strings_of(node))
        yield from (leaf for _, leaf in leaves)
        yield "".join(leaf for _, leaf in leaves)
        yield "".join(leaf for key, leaf in leaves if key not in FRAME)


def texts(data):
    """What the bytes say in the encodings of texts: UTF-16 where some are zero, Latin-1 where they are no UTF-8."""
    for encoding in ["utf-8", *(["utf-16-le", "utf-16-be"] if b"\0" in data else []), *(["latin-1"] if "\ufffd" in data.decode(errors="replace") else [])]:
        text = data.decode(encoding, errors="replace")
        if sum(c.isprintable() for c in text) * 2 > len(text):
            yield text


def cores(text):
    """The text as letters and digits: as it is, and with words for signs and digits read."""
    plain = unicodedata.normalize("NFKD", text).translate(LOOK_ALIKES)
    plain = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in plain if unicodedata.category(c) not in ("Cf", "Mn")).lower()
    yield "".join(c for c in plain if c.isascii() and c.isalnum())
    signs = re.sub(r"[\[({ ]+(?:at|dot)[\])} ]+", "", plain)
    yield "".join(c for c in signs if c.isascii() and c.isalnum())
    if any(word in plain for word in WORDS):
        spelled = re.sub("|".join(WORDS), lambda m: WORDS[m[0]], plain)
        yield "".join(c for c in spelled if c.isascii() and c.isalnum())


class Record:
    def __init__(self, bodies):
        seen, front = set(), [body.decode(errors="replace") for body in bodies]
        for _ in range(DEPTH):
            front = [text for text in dict.fromkeys(front) if text not in seen][:MOST]
            seen.update(front)
            front = [new for text in front for new in decoded(text) if new and new != text]
        self.cores = {core for text in seen for core in cores(text)}
        self.digits = {"".join(c for c in core if c.isdigit()) for core in self.cores}

    def holds(self, value):
        return any(value.core in text for text in (self.digits if value.is_number else self.cores))
