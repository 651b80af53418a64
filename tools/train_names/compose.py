#!/usr/bin/env python3
"""Texts with labels that the tagger of names (src/tensor/tagger) is trained on.

usage: tools/train_names/compose.py [--count N] [--more SET.jsonl …] [--prose] > TRAIN.jsonl

Fills templates.txt with made-up people, companies, places and addresses of many countries (Faker, pypi: faker==40.63.0, MIT), with invented words beside
them so that no list is learned by heart. --more adds labelled sets as they are ({"text", "spans"}, code points), --prose the sentences of the
standard library's docstrings (Python's licence) that have a capital at their beginning only: such hold no name. The output's offsets are bytes. The same arguments give the same bytes with PYTHONHASHSEED=0 (some of Faker's lists come from sets).
"""

import argparse
import ast
import datetime
import json
import pathlib
import random
import re
import string

from faker import Faker

HERE = pathlib.Path(__file__).parent
LOCALES = ["en_US"] * 8 + ["en_GB"] * 4 + ["en_IN", "en_AU", "en_CA", "de_DE", "de_AT", "fr_FR", "es_ES", "es_MX", "it_IT", "da_DK", "fi_FI", "sv_SE", "no_NO", "nl_NL", "pl_PL", "cs_CZ", "hu_HU", "pt_BR", "pt_PT",
                              "tr_TR", "hr_HR", "ro_RO", "sk_SK", "sl_SI", "et_EE", "lt_LT", "lv_LV", "id_ID", "fr_CA", "en_NZ"]
TYPES = {"P": "PERSON", "G": "PERSON", "S": "PERSON", "O": "ORGANIZATION", "L": "LOCATION", "A": "STREET_ADDRESS"}
PLAIN = """January March May August Monday Friday English German French Python Java Windows Linux Docker Excel Word Outlook Chrome Android Kubernetes Bluetooth Internet Wi-Fi Bible Quran Christmas Easter
Sales Manager|Director|Chief Executive|Head of Marketing|Engineer|Senior Developer|Vice President|Treasurer|Account Executive|Project Lead|Finance|Human Resources|Customer Care|Terms and Conditions|Privacy Policy
Annual Report|Release Notes|Main Menu|Settings|Table|Figure|Chapter|Section|Appendix|Invoice|Order|Total|Status|Subject|Notes|Summary|Project Falcon|World War II|Nobel Prize|Data Protection|Clean Air|Credit Card|Social Security
Premier League|Champions Cup|Battle of the Bands|Monopoly|Scrabble|Tetris|Sonata in C|Symphony No. 5|The Long Road|Silent Night|Republican|Democrat|Catholic|Muslim|Buddhist|Hindu|Swede|Dane|Italian|Canadian|Kurdish"""
SMALL = """order card phone window garden letter street money question answer bread water paper music river table summer winter yellow quick slow old new long short happy broken early read write open close carry
bring send take leave find lose watch listen play build clean paint walk run sleep drive travel teach learn pay sell buy number value key lock door house office market price list file server process queue message
report test code branch merge update install remove delete copy move change save load print search select insert join table column row field form button page screen error warning limit time day week month year""".split()
SUFFIXES = """Ltd Ltd. Limited Inc Inc. LLC plc Group Partners Holdings Corp Corp. Corporation Company Co. GmbH AG SE S.A. SARL S.p.A. B.V. AB Oy A/S Bank Insurance Hospital Clinic Pharmacy University College School Institute Foundation
Association Society Council Trust Club Church Museum Library Press Media Studios Records Airlines Airways Motors Foods Logistics Systems Software Technologies Solutions Consulting Energy Power Telecom Networks Labs Laboratories Pharma
Capital Ventures Securities Realty Properties Construction Engineering Industries Works Brewery Hotel Restaurant Cafe Stores Supermarkets Outfitters Services Agency Ministry Orchestra Theatre United FC""".split()
SYLLABLES = "ka lo mi ren tor vel dan sor bri mar lin quo zen ari no del fen gar hul isk jor kel lum mon nar oth per ral sta tri ul var wes xi yor bel cor dex fro gli".split()


class Pools:
    def __init__(self, rng):
        self.rng = rng
        self.fakers = {locale: Faker(locale) for locale in sorted(set(LOCALES))}
        for i, faker in enumerate(self.fakers.values()):
            faker.seed_instance(rng.randrange(1 << 30) + i)
        plain = [piece for line in PLAIN.split("\n") for piece in (line.split("|") if "|" in line else line.split())]
        self.plain = plain

    def faker(self):
        return self.fakers[self.rng.choice(LOCALES)]

    def invented(self):
        return "".join(self.rng.choice(SYLLABLES) for _ in range(self.rng.choice([2, 2, 3]))).capitalize()

    def given(self):
        return self.invented() if self.rng.random() < 0.08 else self.faker().first_name()

    def surname(self):
        name = self.invented() if self.rng.random() < 0.1 else self.faker().last_name()
        return f"{name}-{self.faker().last_name()}" if self.rng.random() < 0.04 else name

    def person(self):
        faker, r = self.faker(), self.rng.random()
        given, surname = faker.first_name(), faker.last_name()
        if r < 0.08:
            return f"{given} {self.rng.choice(string.ascii_uppercase)}. {surname}"
        if r < 0.14:
            return f"{given} {self.rng.choice(string.ascii_uppercase)} {surname}"
        if r < 0.2:
            return f"{given[0]}. {surname}"
        if r < 0.24:
            return f"{given} {faker.first_name()} {surname}"
        if r < 0.32:
            return f"{self.given()} {self.surname()}"
        return f"{given} {surname}"

    def place(self):
        faker, r = self.faker(), self.rng.random()
        if r < 0.42:
            return self.fakers["en_US"].country().split(" (")[0]
        if r < 0.52:
            return self.fakers["en_US"].state() if r < 0.49 else self.fakers["en_US"].state_abbr()
        if r < 0.56:
            return self.invented()
        if r < 0.60:
            return f"{self.fakers['en_US'].city()}, {self.fakers['en_US'].state_abbr()}"
        return self.fakers["en_GB"].city() if r < 0.64 else faker.city()

    def organization(self):
        r, pick = self.rng.random(), self.rng.choice
        word = self.invented() if self.rng.random() < 0.5 else self.faker().last_name()
        if r < 0.30:
            return f"{word} {pick(SUFFIXES)}"
        if r < 0.38:
            return f"{word} {pick(SUFFIXES)} {pick(SUFFIXES[:20])}"
        if r < 0.53:
            return self.faker().company()
        if r < 0.62:
            return self.invented()
        if r < 0.67:
            return "".join(pick(string.ascii_uppercase) for _ in range(pick([3, 3, 4])))
        if r < 0.73:
            return f"{word} {pick(['&', 'and', '-'])} {self.faker().last_name()}".replace(" - ", "-")
        if r < 0.78:
            return f"{word}, {self.faker().last_name()} and {self.faker().last_name()}"
        if r < 0.84:
            return f"{pick(['University', 'Bank', 'City', 'Museum', 'Ministry of Health', 'Port', 'Government', 'Church'])} of {self.place()}"
        if r < 0.89:
            return f"{self.place()} {pick(SUFFIXES[25:])}"
        if r < 0.93:
            return self.invented() + pick([".com", ".io", "Soft", "Tech", "Net", "Bank", "Pay", "Labs"])
        if r < 0.97:
            return f"{pick(['First', 'National', 'Royal', 'Global', 'United', 'Pacific', 'Northern', 'General', 'Blue', 'Green', 'Golden', 'Red'])} {pick(['River', 'Star', 'Horizon', 'Union', 'Valley', 'Lion', 'Health', 'Data', 'Steel', 'Mutual'])} {pick(SUFFIXES)}"
        return f"{word}'s {pick(SUFFIXES)}"

    def address(self):
        faker, r = self.faker(), self.rng.random()
        text = faker.street_address() if r < 0.55 else faker.address()
        if r < 0.2:
            text = f"{self.fakers['en_US'].street_address()}, {self.fakers['en_US'].city()}, {self.fakers['en_US'].state_abbr()} {self.fakers['en_US'].postcode()}"
        return text if self.rng.random() < 0.5 else text.replace("\n", ", ")

    def small(self):
        return self.rng.choice(SMALL)

    def day(self, form):
        return (datetime.date(1970, 1, 1) + datetime.timedelta(days=self.rng.randrange(22000))).strftime(form)

    def value(self, slot):
        rng, us = self.rng, self.fakers["en_US"]
        make = {"P": self.person, "G": self.given, "S": self.surname, "O": self.organization, "L": self.place, "A": self.address, "w": self.small, "c": lambda: rng.choice(self.plain),
                "T": lambda: rng.choice(["Mr", "Mr.", "Mrs", "Mrs.", "Ms", "Ms.", "Miss", "Dr", "Dr.", "Prof.", "Sir", "Herr", "Frau", "Madame", "Señor"]),
                "d": lambda: rng.choice([self.day("%d %B %Y"), self.day("%Y-%m-%d"), self.day("%m/%d/%Y"), self.day("%B %d"), self.day("%A"), self.day("%B"), "Monday", "Tuesday"]),
                "t": lambda: rng.choice([f"{rng.randrange(24):02}:{rng.randrange(60):02}", f"{rng.randrange(1, 12)} pm"]), "n": lambda: str(rng.choice([rng.randrange(99), rng.randrange(1900, 2030), rng.randrange(10**6)])),
                "m": lambda: rng.choice(["$", "£", "€", "EUR ", "USD "]) + f"{rng.randrange(1, 10**5):,}", "e": us.email, "u": us.url, "f": us.phone_number}[slot]
        return " ".join(make().split(" "))


def fill(template, pools):
    template = re.sub(r"\[([^\[\]]*)\]", lambda m: pools.rng.choice(m[1].split("|")), template.replace("\\n", "\n"))
    text, spans = "", []
    for piece in re.split(r"(\{[A-Za-z]\})", template):
        slot = piece[1] if re.fullmatch(r"\{[A-Za-z]\}", piece) else None
        value = pools.value(slot) if slot else piece
        if slot in TYPES:
            spans.append([len(text), len(text) + len(value), TYPES[slot]])
        text += value
    return text, spans


def recased(text, rng):
    """Chats in small letters and forms in capitals are read too."""
    r = rng.random()
    other = text.lower() if r < 0.10 else text.upper() if r < 0.13 else text
    return other if len(other) == len(text) else text


def in_bytes(text, spans):
    at = lambda i: len(text[:i].encode())  # noqa: E731
    return json.dumps({"text": text, "spans": [{"start": at(a), "end": at(b), "type": t} for a, b, t in spans]}, ensure_ascii=False)


def prose():
    for path in sorted(pathlib.Path(ast.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                yield ast.get_docstring(node) or ""


def sentences():
    seen = set()
    for text in prose():
        for paragraph in text.split("\n\n"):
            for sentence in re.split(r"(?<=[.!?:])\s+", " ".join(paragraph.split())):
                if 20 < len(sentence) < 300 and sentence[0].isupper() and not re.search("[A-Z_=<>]", sentence[1:]) and sentence not in seen:
                    seen.add(sentence)
                    yield sentence


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=24000)
    parser.add_argument("--more", type=pathlib.Path, action="append", default=[])
    parser.add_argument("--prose", action="store_true")
    arguments = parser.parse_args()
    rng = random.Random(1128)
    pools = Pools(rng)
    templates = [line for line in (HERE / "templates.txt").read_text().splitlines() if line and not line.startswith("#")]
    for i in range(arguments.count):
        text, spans = fill(templates[i % len(templates)], pools)
        while rng.random() < 0.25:  # a text of several sentences
            more, its = fill(rng.choice(templates), pools)
            text, spans = text + rng.choice([" ", "\n"]) + more, spans + [[len(text) + 1 + a, len(text) + 1 + b, t] for a, b, t in its]
        print(in_bytes(recased(text, rng), spans))
    for path in arguments.more:
        for line in path.read_text().splitlines():
            row = json.loads(line)
            print(in_bytes(row["text"], [(s["start"], s["end"], s["type"]) for s in row["spans"]]))
    for sentence in sentences() if arguments.prose else []:
        print(in_bytes(sentence, []))


if __name__ == "__main__":
    main()
