"""bench/pii makes the texts that privacy's figures rest on: always the same ones, labelled rightly, the splits apart. And bench/privacy.py counts rightly."""

import hashlib
import json
import pathlib
import subprocess
import sys

import pytest

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"
sys.path[:0] = [str(BENCH), str(BENCH / "pii")]
import checks  # noqa: E402
import generate  # noqa: E402
import privacy_disguise  # noqa: E402
import privacy_types  # noqa: E402
import values  # noqa: E402

SPLITS = ["train", "dev", "heldout"]
PUBLISHED = [  # examples of the standards and of their publishers
    ("CREDIT_CARD", "4111 1111 1111 1111"), ("CREDIT_CARD", "378282246310005"), ("IBAN_CODE", "GB82 WEST 1234 5698 7654 32"), ("IBAN_CODE", "DE89370400440532013000"), ("US_NPI", "1234567893"),
    ("UK_NHS", "943 476 5919"), ("IN_AADHAAR", "2341 2341 2346"), ("CA_SIN", "046 454 286"), ("SE_PERSONNUMMER", "811228-9874"), ("FI_PERSONAL_IDENTITY_CODE", "131052-308T"), ("DE_TAX_ID", "86095742719"),
    ("ES_NIF", "12345678Z"), ("ES_NIE", "X1234567L"), ("IT_FISCAL_CODE", "RSSMRA85T10A562S"), ("PL_PESEL", "44051401359"), ("FR_NIR", "2 55 08 14 168 025 38"), ("NL_BSN", "111222333"), ("BE_NATIONAL_NUMBER", "93.05.18-223.61"),
    ("BR_CPF", "111.444.777-35"), ("BR_CNPJ", "11.222.333/0001-81"), ("SG_NRIC_FIN", "S1234567D"), ("AU_TFN", "123 456 782"), ("AU_ABN", "51 824 753 556"), ("AU_MEDICARE", "2123 45670 1"), ("US_ROUTING", "021000021"),
    ("IMEI", "490154203237518"), ("CRYPTO", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), ("CRYPTO", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), ("CRYPTO", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    ("PASSPORT", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"), ("ZA_ID_NUMBER", "8001015009087"), ("MEDICAL_LICENSE", "BB1388568"),
]


@pytest.mark.parametrize("kind, text", PUBLISHED)
def test_a_published_example_is_valid_and_with_another_digit_it_is_not(kind, text):
    assert checks.valid(kind, text)
    place = next(i for i, c in reversed(list(enumerate(text))) if c.isdigit() and (kind != "AU_MEDICARE" or i < 10))
    assert not checks.valid(kind, text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1:])


@pytest.mark.parametrize("split", SPLITS)
def test_every_label_stands_on_a_valid_value(split):
    kinds = set()
    for row in generate.rows(split):
        for span in row["spans"]:
            kinds.add(span["type"])
            assert checks.valid(span["type"], row["text"][span["start"]:span["end"]]), (span, row["text"])
        assert "{{" not in row["text"] and "[[" not in row["text"]
    assert kinds >= privacy_types.STRUCTURED | privacy_types.NAMES


def test_the_same_texts_come_out_each_time_and_the_held_out_ones_are_those_committed():
    assert generate.lines("dev") == generate.lines("dev")
    assert hashlib.sha256(generate.lines("heldout").encode()).hexdigest() == (BENCH / "pii" / "heldout.sha256").read_text().strip()


def test_splits_share_no_family_no_template_and_no_name():
    seen = {}
    for split in SPLITS:
        for family, (_, lines) in generate.families(split).items():
            for thing in [family, *lines]:
                assert seen.setdefault(thing, split) == split, thing
    for kind in ("given", "surname", "town", "street", "medical"):
        for language in ("en", "de", "fr", "es"):
            everyone = [name for split in SPLITS for name in set(values.pool(kind, language, split))]
            assert len(everyone) == len(set(everyone))


def test_a_changed_template_makes_the_bench_refuse(monkeypatch):
    monkeypatch.setitem(generate.COUNTS, "heldout", 1999)
    with pytest.raises(SystemExit, match="digest"):
        generate.checked("heldout")


def test_findings_are_judged_by_type_and_place():
    row = {"text": "mail ada@example.org or 192.0.2.7", "spans": [{"start": 5, "end": 20, "type": "EMAIL"}, {"start": 24, "end": 33, "type": "IP_ADDRESS"}]}
    scores, _ = privacy_types.judge([row], [[{"type": "EMAIL_ADDRESS", "start": 9, "end": 20}, {"type": "PHONE_NUMBER", "start": 24, "end": 33}]])
    mail, address, phone = (privacy_types.figures(scores[kind]) for kind in ("EMAIL_ADDRESS", "IP_ADDRESS", "PHONE_NUMBER"))
    assert (mail["found"], mail["covered"], mail["right"]) == (1, 0, 1)
    assert (address["found"], address["covered"]) == (0, 1) and (phone["reported"], phone["right"]) == (1, 0)
    assert privacy_types.wilson(8, 10) == [0.8, 0.4902, 0.9433]


def test_each_disguise_hides_the_value_and_loses_nothing():
    card = "4111 1111 1111 1111"
    for name, change in {**privacy_disguise.VALUE, **privacy_disguise.TEXT}.items():
        assert (card in change(card)) == (name in ("none", "look-alike letters", "Markdown escapes", "(at), (dot)")), name
    assert privacy_disguise.VALUE["Markdown escapes"]("a_b@c.example") == r"a\_b\@c\.example"
    assert privacy_disguise.VALUE["(at), (dot)"]("a.b@c.example") == "a (dot) b (at) c (dot) example"
    assert privacy_disguise.TEXT["base64 twice"]("x") == "ZUE9PQ=="


def test_the_bench_finds_through_the_real_detectors_what_is_not_disguised(tmp_path):
    subprocess.run([sys.executable, BENCH / "privacy.py", "disguise", "--count", "3", "--json", tmp_path / "figures.json"], check=True, capture_output=True, timeout=60)
    figures = json.loads((tmp_path / "figures.json").read_text())["disguise"]["result"]
    assert set(figures) == {*privacy_disguise.VALUE, *privacy_disguise.TEXT, *privacy_disguise.REQUEST}
    assert figures["none"]["EMAIL_ADDRESS"] == figures["none"]["CREDIT_CARD"] == figures["over two messages"]["EMAIL_ADDRESS"] == [3, 3]
