"""Is a string a well-formed value of its type? Check digits and forms after the public standards named beside each.

    checks.valid("CREDIT_CARD", "4111 1111 1111 1111")   # True

The generator draws values until one is valid, and the test reads every labelled span with the same functions; published examples hold them
(tests/e2e/test_bench.py). Types without a rule of their own (names, towns) are valid if not empty.
"""

import hashlib
import ipaddress
import json
import pathlib
import re

FORMS = json.loads((pathlib.Path(__file__).parent / "forms.json").read_text())

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def digits(text):
    return [int(c) for c in text if c.isdigit()]


def weighted(numbers, weights):
    return sum(n * w for n, w in zip(numbers, weights))


def luhn(numbers):  # ISO/IEC 7812-1
    return sum(n if i % 2 == 0 else sum(divmod(2 * n, 10)) for i, n in enumerate(reversed(numbers))) % 10 == 0


def iban(text):  # ISO 13616
    text = text.replace(" ", "").upper()
    return len(FORMS["iban"].get(text[:2], "")) + 4 == len(text) and int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def verhoeff(numbers):  # Verhoeff 1969: the dihedral group D5 and a permutation applied by place
    def times(a, b):
        if a < 5:
            return (a + b) % 5 + (0 if b < 5 else 5) if b < 5 else 5 + (a + b - 5) % 5
        return 5 + (a - 5 - b) % 5 if b < 5 else (a - b) % 5
    permutation, check = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4], 0
    for place, n in enumerate(reversed(numbers)):
        for _ in range(place % 8):
            n = permutation[n]
        check = times(check, n)
    return check == 0


def mod11_10(numbers):  # ISO 7064
    product = 10
    for n in numbers[:-1]:
        product = ((product + n) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == numbers[-1]


def de_tax_id(numbers):  # Bundeszentralamt für Steuern: one digit of the first ten stands there two or three times, the others at most once
    counts = sorted(numbers[:10].count(d) for d in set(numbers[:10]))
    return len(numbers) == 11 and numbers[0] != 0 and counts[-1] in (2, 3) and counts[-2] == 1 and mod11_10(numbers)


ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]))


def it_fiscal_code(text):  # Decreto MEF 23 December 1976
    if not re.fullmatch(r"[A-Z]{6}\d{2}[ABCDEHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", text):
        return False
    total = sum(ODD[c] if i % 2 == 0 else (int(c) if c.isdigit() else ord(c) - 65) for i, c in enumerate(text[:15]))
    return chr(65 + total % 26) == text[15]


def es_letter(number):
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]


def cpf(numbers):  # Receita Federal
    return len(numbers) == 11 and len(set(numbers)) > 1 and all((weighted(numbers[:n], range(n + 1, 1, -1)) * 10 % 11) % 10 == numbers[n] for n in (9, 10))


def cnpj(numbers):
    weights = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]
    return len(numbers) == 14 and all((lambda r: 0 if r < 2 else 11 - r)(weighted(numbers[:n], weights[13 - n:]) % 11) == numbers[n] for n in (12, 13))


def sg_nric(text):
    letters = {"S": "JZIHGFEDCBA", "T": "GFEDCBAJZIH", "F": "XWUTRQPNMLK", "G": "RQPNMLKXWUT"}
    return bool(re.fullmatch(r"[STFG]\d{7}[A-Z]", text)) and letters[text[0]][weighted(digits(text), [2, 7, 6, 5, 4, 3, 2]) % 11] == text[8]


def base58check(text):
    number = 0
    for c in text:
        if c not in BASE58:
            return False
        number = number * 58 + BASE58.index(c)
    raw = number.to_bytes(25, "big") if number < 1 << 200 else b""
    return len(raw) == 25 and hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def bech32_polymod(values):  # BIP 173
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, g in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= g if top >> i & 1 else 0
    return check


def bech32(text):
    return text.startswith("bc1") and all(c in BECH32 for c in text[3:]) and bech32_polymod([3, 3, 0, 2, 3] + [BECH32.index(c) for c in text[3:]]) in (1, 0x2BC830A3)


def keccak256(data):  # as Ethereum uses it: the padding of the submission, not of SHA-3
    rate, mask = 136, (1 << 64) - 1
    data = bytearray(data) + b"\x01" + bytes(rate - len(data) % rate - 1)
    data[-1] |= 0x80
    lanes = [0] * 25
    turn = lambda v, n: (v << n | v >> (64 - n)) & mask if n else v  # noqa: E731
    for at in range(0, len(data), rate):
        for i in range(rate // 8):
            lanes[i] ^= int.from_bytes(data[at + 8 * i:at + 8 * i + 8], "little")
        lfsr = 1
        for _ in range(24):
            columns = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
            lanes = [lane ^ columns[(i % 5 - 1) % 5] ^ turn(columns[(i % 5 + 1) % 5], 1) for i, lane in enumerate(lanes)]
            x, y, current = 1, 0, lanes[1]
            for t in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                current, lanes[x + 5 * y] = lanes[x + 5 * y], turn(current, (t + 1) * (t + 2) // 2 % 64)
            for row in range(0, 25, 5):
                five = lanes[row:row + 5]
                for i in range(5):
                    lanes[row + i] = five[i] ^ (~five[(i + 1) % 5] & mask & five[(i + 2) % 5])
            for j in range(7):
                if lfsr & 1:
                    lanes[0] ^= 1 << ((1 << j) - 1)
                lfsr = lfsr << 1 ^ (0x171 if lfsr & 0x80 else 0)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def eip55(address):
    low = address[2:].lower()
    mixed = "".join(c.upper() if int(h, 16) >= 8 else c for c, h in zip(low, keccak256(low.encode()).hex()))
    return bool(re.fullmatch("0x[0-9a-fA-F]{40}", address)) and address[2:] in (low, mixed)


def mrz(text):  # ICAO 9303, second line of a passport: weights 7, 3, 1
    def check(part):
        return str(sum((0 if c == "<" else int(c, 36)) * (7, 3, 1)[i % 3] for i, c in enumerate(part)) % 10)
    return (len(text) == 44 and text[9] == check(text[:9]) and text[19] == check(text[13:19]) and text[27] == check(text[21:27]) and
            text[43] == check(text[:10] + text[13:20] + text[21:43]))


def ssn(text):  # Social Security Administration: never given out
    area, group, serial = (lambda d: (d[:3], d[3:5], d[5:]))("".join(map(str, digits(text))))
    return len(serial) == 4 and area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


RULES = {
    "CREDIT_CARD": lambda t: 12 <= len(digits(t)) <= 19 and luhn(digits(t)),
    "IBAN_CODE": iban,
    "US_SSN": ssn,
    "US_ITIN": lambda t: digits(t)[0] == 9 and 50 <= int("".join(map(str, digits(t)[3:5]))) <= 99 and len(digits(t)) == 9,
    "US_NPI": lambda t: len(digits(t)) == 10 and luhn([8, 0, 8, 4, 0] + digits(t)),
    "MEDICAL_LICENSE": lambda t: (lambda d: (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6])(digits(t[2:])),
    "UK_NHS": lambda t: len(digits(t)) == 10 and weighted(digits(t), range(10, 0, -1)) % 11 == 0,
    "UK_NINO": lambda t: bool(re.fullmatch(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]", t)) and t[:2] not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"),
    "IN_AADHAAR": lambda t: len(digits(t)) == 12 and digits(t)[0] > 1 and verhoeff(digits(t)),
    "IN_PAN": lambda t: bool(re.fullmatch(r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]", t)),
    "CA_SIN": lambda t: len(digits(t)) == 9 and luhn(digits(t)),
    "ZA_ID_NUMBER": lambda t: len(digits(t)) == 13 and luhn(digits(t)),
    "SE_PERSONNUMMER": lambda t: luhn(digits(t)[-10:]),
    "FI_PERSONAL_IDENTITY_CODE": lambda t: "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(t[:6] + t[7:10]) % 31] == t[10],
    "DE_TAX_ID": lambda t: de_tax_id(digits(t)),
    "ES_NIF": lambda t: es_letter(int("".join(map(str, digits(t))))) == t[-1],
    "ES_NIE": lambda t: es_letter(int(str("XYZ".index(t[0])) + "".join(map(str, digits(t))))) == t[-1],
    "IT_FISCAL_CODE": it_fiscal_code,
    "PL_PESEL": lambda t: len(digits(t)) == 11 and weighted(digits(t), [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0,
    "FR_NIR": lambda t: (lambda n: len(n) == 15 and 97 - int(n[:13]) % 97 == int(n[13:]))(t.replace(" ", "")),
    "NL_BSN": lambda t: len(digits(t)) == 9 and weighted(digits(t), [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0,
    "BE_NATIONAL_NUMBER": lambda t: (lambda n: len(n) == 11 and int(n[9:]) in (97 - int(n[:9]) % 97, 97 - int("2" + n[:9]) % 97))("".join(map(str, digits(t)))),
    "BR_CPF": lambda t: cpf(digits(t)),
    "BR_CNPJ": lambda t: cnpj(digits(t)),
    "SG_NRIC_FIN": sg_nric,
    "KR_RRN": lambda t: (11 - weighted(digits(t), [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10 == digits(t)[12],
    "AU_TFN": lambda t: len(digits(t)) == 9 and weighted(digits(t), [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 == 0,
    "AU_ABN": lambda t: (lambda d: len(d) == 11 and d[0] > 0 and weighted([d[0] - 1] + d[1:], [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) % 89 == 0)(digits(t)),
    "AU_MEDICARE": lambda t: (lambda d: 2 <= d[0] <= 6 and weighted(d, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 == d[8])(digits(t)),
    "US_ROUTING": lambda t: len(digits(t)) == 9 and weighted(digits(t), [3, 7, 1] * 3) % 10 == 0,
    "IMEI": lambda t: len(digits(t)) == 15 and luhn(digits(t)),
    "CRYPTO": lambda t: eip55(t) if t.startswith("0x") else bech32(t) if t.startswith("bc1") else base58check(t),
    "PASSPORT": lambda t: mrz(t) if "<" in t else bool(re.fullmatch(r"[A-Z0-9]{8,9}", t)),
    "IP_ADDRESS": lambda t: bool(ipaddress.ip_address(t)),
    "MAC_ADDRESS": lambda t: bool(re.fullmatch(r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}|[0-9a-f]{4}(\.[0-9a-f]{4}){2}", t)),
    "EMAIL_ADDRESS": lambda t: bool(re.fullmatch(r"[\w.+'-]+@[\w-]+(\.[\w-]+)+", t)),
    "PHONE_NUMBER": lambda t: 7 <= len(digits(t)) <= 17,
}


def valid(kind, text):
    return bool(text.strip()) and text == text.strip() and RULES.get(kind, lambda _: True)(text)
