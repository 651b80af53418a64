"""Values to plant: each drawn anew, well formed, with right check digits, and nobody's on purpose.

    values = Values(random.Random("seed"), split="heldout", language="en")
    values.of("CREDIT_CARD")     # "4539 1488 0343 6467"
    values.harmless("order")     # "ORD-24-183920"

Names, towns, companies and medical terms come from pools.json; which split a name belongs to is decided by a digest of the name, so the splits share none.
"""

import datetime
import hashlib
import json
import pathlib
import re
import string
import unicodedata

import checks

HERE = pathlib.Path(__file__).parent
FORMS, POOLS, WORDS = checks.FORMS, json.loads((HERE / "pools.json").read_text()), json.loads((HERE / "words.json").read_text())
MONTHS = {"en": "January February March April May June July August September October November December", "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
          "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre", "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"}
SIGNS = {"#": string.digits, "%": "123456789", "@": string.ascii_uppercase, "&": string.ascii_lowercase, "?": string.ascii_letters + string.digits, "~": "0123456789abcdef", "^": string.ascii_uppercase + string.digits}


def split_of(name):
    share = hashlib.sha256(name.encode()).digest()[0]
    return "train" if share < 140 else "dev" if share < 180 else "heldout"


def pool(kind, language, split):
    entry = POOLS[kind]
    entry = entry.get(language, "") if isinstance(entry, dict) else entry
    return [name for name in (entry.split("|") if "|" in entry else entry.split()) if split_of(name) == split]


def ascii_of(text):
    for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = text.replace(umlaut, plain)
    return re.sub("[^a-z]", "", unicodedata.normalize("NFD", text.lower()))


class Values:
    def __init__(self, rng, split, language, turns=None):
        """turns: {language: count}, kept over many texts, so that every identifier has its turn."""
        self.rng, self.split, self.language, self.last_name, self.turns = rng, split, language, None, {} if turns is None else turns

    def below(self, n):  # of random's methods only random() is promised to stay the same over versions of Python
        return int(self.rng.random() * n)

    def pick(self, choices):
        return choices[self.below(len(choices))]

    def shape(self, form):
        form = re.sub(r"(.)\{(\d+)\}", lambda m: m[1] * int(m[2]), form)
        return "".join(self.pick(SIGNS[c]) if c in SIGNS else c for c in form)

    def named(self, kind):
        language = self.language
        return self.pick(pool(kind, language, self.split) or pool(kind, "en", self.split))

    def of(self, kind):
        make = getattr(self, kind.lower(), None)
        for _ in range(100000):
            value = make() if make else self.shape(self.pick(FORMS["id"][kind]))
            if checks.valid(kind, value):
                return value
        raise ValueError(f"no valid {kind}")

    def harmless(self, kind):
        make = getattr(self, "plain_" + kind, None)
        return make() if make else self.shape(self.pick(FORMS["harmless"][kind]))

    def word_and_type(self):
        kinds, turn = sorted(WORDS[self.language]), self.turns.get(self.language, 0)
        self.turns[self.language] = turn + 1
        kind = kinds[turn % len(kinds)]
        return self.pick(WORDS[self.language][kind]), kind

    # people, places
    def person(self):
        given, surname = self.named("given"), self.named("surname")
        self.last_name = (given, surname)
        return self.pick([f"{given} {surname}"] * 6 + [f"{given} {self.pick(string.ascii_uppercase[:23])}. {surname}", f"{surname}, {given}", f"{given[0]}. {surname}"])

    def given(self):
        return self.named("given")

    def surname(self):
        return self.named("surname")

    def location(self):
        return self.named("town")

    def organization(self):
        return f"{self.pick(pool('company', '', self.split))} {self.pick(POOLS['suffix'][self.language].split('|'))}"

    def medical_term(self):
        return self.named("medical")

    def street_address(self):
        street, town, number = self.named("street"), self.named("town"), str(1 + self.below(240))
        if self.language == "de":
            return self.pick([f"{street}straße {number}", f"{street}weg {number}", f"{street}str. {number}", f"{street}allee {number}, {self.shape('%####')} {town}"])
        if self.language == "fr":
            return self.pick([f"{number} rue {street}", f"{number} bis, avenue {street}", f"{number} rue {street}, {self.shape('%####')} {town}"])
        if self.language == "es":
            return self.pick([f"Calle {street} {number}", f"C/ {street}, {number}, {self.pick('1234')}º {self.pick('ABCD')}", f"Avenida {street} {number}, {self.shape('%####')} {town}"])
        kind = self.pick(["Street", "Road", "Avenue", "Lane", "Drive", "St", "Rd", "Ave", "Close", "Court", "Blvd", "Way"])
        return self.pick([f"{number} {street} {kind}", f"{number}{self.shape('##')} {street} {kind}, Apt {self.pick('123456')}{self.pick('ABC')}", f"Flat {self.pick('123456789')}, {number} {street} {kind}",
                          f"{number} {street} {kind}, {town}, {self.pick(['CA', 'TX', 'NY', 'OH', 'WA', 'IL'])} {self.shape('%####')}", f"{number} {street} {kind}, {town} {self.shape('@@% %')}{self.pick('ABDEFGHJ')}{self.pick('LNPQRST')}"])

    # numbers
    def credit_card(self):
        number = self.shape(self.pick(FORMS["card"]))
        number = next(number[:-1] + d for d in string.digits if checks.luhn(checks.digits(number[:-1] + d)))
        groups = (4, 6, 5) if len(number) == 15 else (4, 6, 4) if len(number) == 14 else (4, 4, 4, 4)
        parts, at = [], 0
        for size in groups:
            parts.append(number[at:at + size])
            at += size
        return self.pick([number, " ".join(parts), " ".join(parts), "-".join(parts)])

    def iban_code(self):
        country = self.pick(sorted(FORMS["iban"]))
        bban = self.shape(FORMS["iban"][country])
        check = 98 - int("".join(str(int(c, 36)) for c in bban + country + "00")) % 97
        whole = f"{country}{check:02}{bban}"
        return self.pick([whole, " ".join(whole[i:i + 4] for i in range(0, len(whole), 4))])

    def phone_number(self):
        return self.shape(self.pick(FORMS["phone"][self.language]))

    def email_address(self):
        given, surname = (ascii_of(part) for part in (self.last_name or (self.named("given"), self.named("surname"))))
        local = self.pick([f"{given}.{surname}", f"{given[0]}{surname}", f"{given}_{surname}{self.shape('##')}", f"{surname}.{given[0]}", f"{given}+{self.pick(['news', 'shop', 'work'])}", f"{given.title()}.{surname.title()}"])
        return local + "@" + self.pick(POOLS["domain"].split("|") + [ascii_of(self.pick(pool("company", "", self.split))) + self.pick([".example", "-group.example", ".co.example"])])

    def ip_address(self):
        if self.below(3) == 0:
            return self.pick([self.shape("2001:db8:~~~~:%~~~::%~"), self.shape("2a02:%~~:%~~~::%"), self.shape("fe80::%~~~:%~ff:fe~~:%~~~"), self.shape("fd%~:%~~~:%~~~::%")])
        network = self.pick(["10", "172.16", "192.168", "203.0.113", "198.51.100", "81.2", "45.33"]).split(".")
        return ".".join((network + [str(1 + self.below(254)) for _ in range(3)])[:4])

    def mac_address(self):
        pairs = [self.shape("~~") for _ in range(6)]
        return self.pick([":".join(pairs), "-".join(pairs).upper(), ":".join(pairs).upper()])

    def secret(self):
        if self.below(9) == 0:
            return self.shape("eyJhbGciOiJIUzI1NiJ9.eyJ?{40}.?{43}")
        return self.shape(self.pick(FORMS["secret"]))

    def pem(self):
        return "-----BEGIN PRIVATE KEY-----\n" + self.shape("MC4CAQAwBQYDK2VwBCIEI?{42}=") + "\n-----END PRIVATE KEY-----"

    def password(self):
        return self.shape(self.pick(FORMS["password"]))

    def date(self, first, last):
        return datetime.date(first, 1, 1) + datetime.timedelta(days=self.below((last - first) * 365))

    def write(self, date):
        month = MONTHS[self.language].split()[date.month - 1]
        forms = {"en": [f"{date:%m/%d/%Y}", f"{date.day} {month} {date.year}", f"{month} {date.day}, {date.year}", date.isoformat(), f"{date:%d/%m/%Y}", f"{date.day} {month[:3]} {date.year}"],
                 "de": [f"{date:%d.%m.%Y}", f"{date.day}. {month} {date.year}", f"{date.day}.{date.month}.{date.year}"], "fr": [f"{date:%d/%m/%Y}", f"{date.day} {month} {date.year}"], "es": [f"{date:%d/%m/%Y}", f"{date.day} de {month} de {date.year}", f"{date:%d-%m-%Y}"]}
        return self.pick(forms[self.language])

    def date_of_birth(self):
        return self.write(self.date(1935, 2006))

    def crypto(self):
        kind = self.below(4)
        if kind == 0:
            low = self.shape("~{40}")
            return "0x" + "".join(c.upper() if int(h, 16) >= 8 else c for c, h in zip(low, checks.keccak256(low.encode()).hex()))
        if kind == 1:
            data = [self.below(2)] + [self.below(32) for _ in range(51)] + [self.below(2) * 16]  # version, then 32 bytes in fives of bits
            constant = 1 if data[0] == 0 else 0x2BC830A3
            mod = checks.bech32_polymod([3, 3, 0, 2, 3] + data + [0] * 6) ^ constant
            return "bc1" + "".join(checks.BECH32[v] for v in data + [mod >> 5 * (5 - i) & 31 for i in range(6)])
        raw = bytes([self.pick([0, 5])]) + bytes(self.below(256) for _ in range(20))
        raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
        number, text = int.from_bytes(raw, "big"), ""
        while number:
            number, rest = divmod(number, 58)
            text = checks.BASE58[rest] + text
        return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text

    def birth_digits(self):
        return f"{self.date(1940, 1999):%y%m%d}"

    def pl_pesel(self):
        return self.birth_digits() + self.shape("#####")

    def se_personnummer(self):
        day = self.birth_digits()
        return self.pick(["", "19"]) + day + "-" + self.shape("####")

    def fi_personal_identity_code(self):
        return f"{self.date(1940, 1999):%d%m%y}-" + self.shape("###^")

    def za_id_number(self):
        return self.birth_digits() + self.shape("####08#")

    def kr_rrn(self):
        return self.birth_digits() + "-" + self.pick("12") + self.shape("######")

    def be_national_number(self):
        day = self.date(1940, 1999)
        number = f"{day:%y%m%d}" + self.shape("###")
        return f"{day:%y.%m.%d}-{number[6:]}.{97 - int(number) % 97:02}"

    def fr_nir(self):
        number = self.pick("12") + f"{self.date(1940, 1999):%y%m}" + f"{1 + self.below(94):02}" + self.shape("######")
        number += f"{97 - int(number) % 97:02}"
        return self.pick([number, " ".join([number[0], number[1:3], number[3:5], number[5:7], number[7:10], number[10:13], number[13:]])])

    def it_fiscal_code(self):
        consonants = [self.pick("BCDFGLMNPRSTV") for _ in range(6)]
        day = self.date(1940, 1999)
        body = "".join(consonants) + f"{day:%y}" + "ABCDEHLMPRST"[day.month - 1] + f"{day.day + self.pick([0, 40]):02}" + self.pick(["H501", "F205", "L219", "D612", "G273"])
        return next(body + c for c in string.ascii_uppercase if checks.it_fiscal_code(body + c))

    # harmless
    def plain_date(self):
        return self.write(self.date(2015, 2026))

    def plain_time(self):
        return f"{self.date(2018, 2026).isoformat()}T{self.below(24):02}:{self.below(60):02}:{self.below(60):02}Z"

    def plain_epoch(self):
        return str(1600000000 + self.below(180000000))

    def plain_isbn(self):
        number = "978" + self.shape("#########")
        return number + str(-sum(n * (1, 3)[i % 2] for i, n in enumerate(checks.digits(number))) % 10)
