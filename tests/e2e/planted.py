"""Invented values of every type, the disguises that people and programs put them in, and conversations that hold them.

    rng = random.Random(7)
    value = make("CREDIT_CARD", rng)              # Value(type, text "5412 7512 3456 7893", core "5412751234567893")
    seen = DISGUISES["base64"](value.text, rng)   # what is planted; None: this disguise does not fit the value
    talk = conversation(rng)                      # Talk: turns in no dialect yet, and the values in them

Check digits are computed here anew, so that a mistake in the detectors' own arithmetic shows. Nothing here knows how demarc finds values.
"""

import base64
import dataclasses
import hashlib
import json
import random
import string
import urllib.parse


@dataclasses.dataclass(frozen=True)
class Value:
    type: str
    text: str  # as it is written
    core: str  # what of it must not arrive anywhere: letters and digits, small

    @property
    def is_number(self):
        return self.core.isdigit()


# -- check digits

def luhn(body):
    total = sum(sum(divmod(int(d) * (1 + (i % 2 == 0)), 10)) for i, d in enumerate(reversed(body)))
    return body + str(-total % 10)


def weighted(body, weights, modulus):
    return sum(int(d) * w for d, w in zip(body, weights)) % modulus


def digits(rng, n, first="0123456789"):
    return rng.choice(first) + "".join(rng.choice(string.digits) for _ in range(n - 1))


def grouped(text, sizes, sign):
    out, at = [], 0
    for size in sizes:
        out.append(text[at:at + size])
        at += size
    return sign.join(out)


# -- values: NAME → (what stands before it in a sentence, how it is made)

def email(rng):
    first, last = rng.choice(["ada", "grace", "linus", "marie", "alan", "edsger"]), rng.choice(["byron", "hopper", "kestrel", "meitner", "moor", "rosing"])
    return f"{first}.{last}{rng.randrange(10, 9999)}@{rng.choice(['mail', 'post', 'office'])}.{rng.choice(['kestrel', 'harbour', 'lindenhof'])}-{rng.randrange(10, 99)}.{rng.choice(['com', 'org', 'de'])}"


def card(rng):
    prefix, size = rng.choice([("4", 16), ("51", 16), ("55", 16), ("37", 15)])
    number = luhn(prefix + digits(rng, size - len(prefix) - 1))
    return grouped(number, (4, 6, 5) if size == 15 else (4, 4, 4, 4), rng.choice([" ", "-", ""]))


def ssn(rng):
    return f"{rng.choice([n for n in range(101, 899) if n != 666]):03}-{rng.randrange(1, 99):02}-{rng.randrange(1, 9999):04}"


def phone(rng):
    return rng.choice([lambda: f"+49 30 {digits(rng, 4, '23456789')} {digits(rng, 4)}", lambda: f"({rng.randrange(212, 989)}) {rng.randrange(222, 989)}-{digits(rng, 4)}",
                       lambda: f"+44 20 7{digits(rng, 3)} {digits(rng, 4)}"])()


def iban(rng):
    country, bban = rng.choice([("DE", lambda: digits(rng, 18)), ("GB", lambda: "".join(rng.choice(string.ascii_uppercase) for _ in range(4)) + digits(rng, 14)),
                                ("FR", lambda: digits(rng, 23))])
    body = bban()
    number = "".join(str(int(c, 36)) for c in body + country + "00")
    whole = f"{country}{98 - int(number) % 97:02}{body}"
    return grouped(whole, [4] * 8, " ").strip() if rng.random() < 0.5 else whole


def ipv4(rng):
    return ".".join(str(n) for n in (rng.choice([101, 133, 178, 185, 203, 212]), rng.randrange(100, 255), rng.randrange(100, 255), rng.randrange(100, 255)))


def mac(rng):
    return ":".join(f"{n:02x}" for n in (0, 0x1b, rng.randrange(16, 255), rng.randrange(16, 255), rng.randrange(16, 255), rng.randrange(16, 255)))


def secret(rng):
    letters = string.ascii_letters + string.digits
    token = "".join(rng.choice(letters) for _ in range(34)) + "7q"
    return rng.choice(["AKIA" + "".join(rng.choice(string.ascii_uppercase + "234567") for _ in range(15)) + "7", "ghp_" + token, "sk-proj-" + token])


def crypto(rng):
    payload = b"\0" + rng.randbytes(20)
    payload += hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, out = int.from_bytes(payload, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        out = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[rest] + out
    return "1" * (len(payload) - len(payload.lstrip(b"\0"))) + out


def nhs(rng):
    while True:
        body = digits(rng, 9, "4679")
        check = 11 - weighted(body, range(10, 1, -1), 11)
        if check != 10:
            return grouped(body + str(check % 11), (3, 3, 4), " ")


def aadhaar(rng):  # Verhoeff
    d = [[((i + j) % 5 + 5 * (j > 4)) if i < 5 else ((i - j) % 5 + 5 * (j < 5)) for j in range(10)] for i in range(10)]
    p = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
    for _ in range(6):
        p.append([p[1][x] for x in p[-1]])
    body, state = digits(rng, 11, "23456789"), 0
    for i, c in enumerate(reversed(body)):
        state = d[state][p[(i + 1) % 8][int(c)]]
    return grouped(body + str([0, 4, 3, 2, 1, 5, 6, 7, 8, 9][state]), (4, 4, 4), " ")


def pesel(rng):
    body = f"{rng.randrange(40, 99):02}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}{digits(rng, 4)}"
    return body + str(-weighted(body, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3), 10) % 10)


def cpf(rng):
    body = digits(rng, 9)
    for size in (9, 10):
        rest = weighted(body, range(size + 1, 1, -1), 11)
        body += str(0 if rest < 2 else 11 - rest)
    return f"{body[:3]}.{body[3:6]}.{body[6:9]}-{body[9:]}"


def nif(rng):
    number = digits(rng, 8, "12345678")
    return number + "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23]


def de_tax(rng):  # ISO 7064 mod 11,10; exactly one digit stands twice among the first ten
    first = rng.sample("123456789", 1) + rng.sample("0123456789", 9)
    while len(set(first)) != 9:
        first = rng.sample("123456789", 1) + rng.sample("0123456789", 9)
    product = 10
    for c in first:
        total = (int(c) + product) % 10 or 10
        product = total * 2 % 11
    return "".join(first) + str((11 - product) % 10)


def birth(rng):
    return rng.choice(["{2:04}-{1:02}-{0:02}", "{0:02}.{1:02}.{2:04}"]).format(rng.randrange(13, 28), rng.randrange(1, 12), rng.randrange(1935, 2004))


TYPES = {
    "EMAIL_ADDRESS": ("write to", email),
    "CREDIT_CARD": ("my card number is", card),
    "US_SSN": ("her SSN is", ssn),
    "PHONE_NUMBER": ("call me, phone", phone),
    "IBAN_CODE": ("the IBAN is", iban),
    "IP_ADDRESS": ("the host has the address", ipv4),
    "MAC_ADDRESS": ("the card's MAC is", mac),
    "SECRET": ("use the key", secret),
    "CRYPTO": ("pay to the bitcoin wallet", crypto),
    "UK_NHS": ("his NHS number is", nhs),
    "IN_AADHAAR": ("her aadhaar number is", aadhaar),
    "PL_PESEL": ("numer PESEL", pesel),
    "BR_CPF": ("meu CPF", cpf),
    "ES_NIF": ("mi NIF es", nif),
    "DE_TAX_ID": ("Steuer-ID", de_tax),
    "CA_SIN": ("my SIN (social insurance number) is", lambda rng: grouped(luhn(digits(rng, 8, "124567")), (3, 3, 3), " ")),
    "US_NPI": ("the provider's NPI is", lambda rng: luhn("80840" + digits(rng, 9, "12"))[5:]),
    "DATE_OF_BIRTH": ("date of birth:", birth),
}


STAND_ALONE = {"EMAIL_ADDRESS", "CREDIT_CARD", "US_SSN", "PHONE_NUMBER", "IBAN_CODE", "IP_ADDRESS", "MAC_ADDRESS", "SECRET", "CRYPTO"}


def core_of(text):
    return "".join(c for c in text.lower() if c.isascii() and c.isalnum())


def make(type_name, rng):
    text = TYPES[type_name][1](rng)
    return Value(type_name, text, core_of(text))


# -- disguises: each takes what is written and gives what is planted; None where it does not fit

def mapped(table):
    return lambda text, rng: "".join(table.get(c, c) for c in text) if any(c in table for c in text) else None


def span_of(first, alphabet):
    return {c: chr(first + i) for i, c in enumerate(alphabet)}


def between(sign, only_digits=True):
    def disguise(text, rng):
        plain = [c for c in text if c.isalnum()] if only_digits else list(text)
        if only_digits and not all(c.isdigit() for c in plain):
            return None
        return sign.join(plain)
    return disguise


def number_words(text, rng):
    words = dict(zip(string.digits, ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]))
    plain = [c for c in text if c.isalnum()]
    return " ".join(words[c] for c in plain) if all(c.isdigit() for c in plain) else None


def at_and_dot(text, rng):
    return text.replace("@", rng.choice([" (at) ", " [at] "])).replace(".", rng.choice([" (dot) ", " [dot] "])) if "@" in text else None


def broken(text, rng):
    at = rng.randrange(len(text) // 3, 2 * len(text) // 3 + 1)
    return text[:at] + "\n" + text[at:]


def tagged(text, rng):
    begin, end = sorted(rng.sample(range(1, len(text)), 2))
    tag = rng.choice(["b", "em", "span"])
    return f"{text[:begin]}<{tag}>{text[begin:end]}</{tag}>{text[end:]}"


def base64_of(text, rng, encode=base64.b64encode):
    return encode((rng.choice(["", "value: ", "id="]) + text + rng.choice(["", " ok"])).encode()).decode()


DIGITS, LETTERS = string.digits, string.ascii_lowercase
DISGUISES = {
    "plain": lambda text, rng: text,
    "full width": mapped(span_of(0xFF01, "".join(map(chr, range(0x21, 0x7F))))),
    "mathematical": mapped({**span_of(0x1D7CE, DIGITS), **span_of(0x1D41A, LETTERS), **span_of(0x1D400, string.ascii_uppercase)}),
    "Arabic digits": mapped(span_of(0x0660, DIGITS)),
    "superscript": mapped(dict(zip(DIGITS, "⁰¹²³⁴⁵⁶⁷⁸⁹"))),
    "circled": mapped({"0": "⓪", **span_of(0x2460, "123456789"), **span_of(0x24D0, LETTERS)}),
    "look-alikes": mapped(dict(zip("aeopcyxijs", "аеорсухіјѕ"))),
    "underlined": lambda text, rng: "".join(c + "\u0332" if c.isalnum() else c for c in text),
    "zero width": lambda text, rng: rng.choice(["\u200b", "\u200d", "\u2060", "\u00ad"]).join(text),
    "odd spaces": lambda text, rng: text.replace(" ", rng.choice(["\u00a0", "\u2009", "\u3000"])).replace("-", "\u2011") if " " in text or "-" in text else None,
    "spaced": between(" "),
    "dotted": between("."),
    "dashed": between("-"),
    "slashed": between(" / "),
    "a line each": between("\n"),
    "digit words": number_words,
    "at and dot": at_and_dot,
    "line break": broken,
    "HTML decimal": lambda text, rng: "".join(f"&#{ord(c)};" for c in text),
    "HTML hex": lambda text, rng: "".join(f"&#x{ord(c):x};" for c in text),
    "URL": lambda text, rng: "".join(f"%{b:02X}" for b in text.encode()),
    "URL, some": lambda text, rng: urllib.parse.quote(text, safe="") if urllib.parse.quote(text, safe="") != text else None,
    "base64": base64_of,
    "base64url": lambda text, rng: base64_of(text, rng, base64.urlsafe_b64encode).rstrip("="),
    "base64 of UTF-16": lambda text, rng: base64.b64encode(("Grüße, " + text).encode(rng.choice(["utf-16", "utf-16-le", "utf-16-be"]))).decode(),
    "base64 of Latin-1": lambda text, rng: base64.b64encode(("Grüße, " + text).encode("latin-1")).decode(),
    "base64, wrapped": lambda text, rng: "\n".join((lambda b: [b[i:i + 12] for i in range(0, len(b), 12)])(base64_of(text, rng))),
    "hex": lambda text, rng: (text + " " * max(0, 16 - len(text))).encode().hex(),
    "hex pairs": lambda text, rng: (text + " " * max(0, 16 - len(text))).encode().hex(" "),
    "escapes": lambda text, rng: "".join(f"\\u{ord(c):04x}" for c in text),
    "percent escapes": lambda text, rng: "".join(f"%u{ord(c):04x}" for c in text),
    "octal": lambda text, rng: "".join(f"\\{b:03o}" for b in text.encode()),
    "Markdown": lambda text, rng: mapped({c: "\\" + c for c in "_@.-+/:()"})(text, rng),
    "tags": tagged,
    "C escapes": lambda text, rng: "".join(f"\\x{b:02x}" for b in text.encode()),
    "quoted-printable": lambda text, rng: "".join(f"={b:02X}" for b in text.encode()),
    "URL in base64": lambda text, rng: base64_of("".join(f"%{b:02X}" for b in text.encode()), rng),
    "base64 in HTML": lambda text, rng: "".join(f"&#{ord(c)};" for c in base64_of(text, rng)),
    "base64 twice": lambda text, rng: base64_of(base64_of(text, rng), rng),
}

# Where a value lies in several strings of one request: turn them into the pieces.
SPLITS = ["content parts", "messages", "arguments", "JSON leaves"]


# -- conversations

@dataclasses.dataclass
class Turn:
    texts: list  # of the user, one content part each
    call: dict = None  # an assistant's call before it: arguments of a tool
    result: str = None  # what the tool gave


@dataclasses.dataclass
class Talk:
    system: str
    turns: list
    values: list  # (Value, disguise)


FILLER = ["Thanks for looking into this so quickly.", "The weather has been kind to us all week.", "Please keep the tone friendly and short.", "We spoke about the garden and the new fence.",
          "Nothing else has changed since then.", "Could you put this into two sentences?", "Es grüßt herzlich das ganze Team.", "def f(x): return x * 2", "- apples\n- pears\n- plums"]


def sentence(value, shown):
    return f"{TYPES[value.type][0]} {shown} ."


def plant(rng, types, disguises, missing):
    """One value in one disguise that fits it and is not among the missing."""
    while True:
        name = rng.choice(types)
        value, disguise = make(name, rng), rng.choice(disguises)
        if (name, disguise) in missing or disguise in missing:
            continue
        shown = DISGUISES[disguise](value.text, rng)
        if shown is not None:
            return value, disguise, shown


KEYS = {"CREDIT_CARD": "card_number", "US_SSN": "ssn", "PHONE_NUMBER": "phone"}  # names of members that hold a value by itself


def in_json(rng, value, shown):
    key = KEYS.get(value.type, "note")
    alone = value.type in STAND_ALONE and rng.random() < 0.5
    return {"rows": [{key: sentence(value, shown), "n": rng.randrange(1000)}, json.dumps({"in": {key: shown if alone else sentence(value, shown)}})]}


def conversation(rng, types, disguises, missing=()):
    values = []

    def text():
        parts = [rng.choice(FILLER)]
        for _ in range(rng.choice([0, 1, 1, 2])):
            value, disguise, shown = plant(rng, types, disguises, missing)
            values.append((value, disguise))
            parts.append(sentence(value, shown))
        parts.append(rng.choice(FILLER))
        rng.shuffle(parts)
        return "\n".join(parts)

    def document():
        value, disguise, shown = plant(rng, types, disguises, missing)
        values.append((value, disguise))
        return in_json(rng, value, shown)

    turns = []
    for _ in range(rng.choice([1, 2, 3])):
        turn = Turn([text() for _ in range(rng.choice([1, 1, 2]))])
        if rng.random() < 0.4:
            turn.call, turn.result = document(), json.dumps(document()) if rng.random() < 0.5 else text()
        turns.append(turn)
    return Talk(text() if rng.random() < 0.5 else "Be brief.", turns, values)
