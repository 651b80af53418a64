"""Hostile documents: each costs a bounded amount, gives its caller a clear error, and leaves the engine and everybody else's documents alone."""

import base64
import io
import json
import random
import struct
import time
import zlib

import pytest
from reportlab.lib import pdfencrypt
from reportlab.pdfgen import canvas

import documents as made
import hostile
from harness import ROOT, Gateway
from hostile import deep_page_tree, entity_bomb, mails_within_mails, office, page_with, pdf, picture_in_pdf, png, stream, tiff_of_pages, word
from test_local import wait_up

POLICY = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"
CONFIG = "upstreams:\n  - {name: documents, tier: local, engine: document, model: tesseract-eng}\nlimits: {body_mib: 64, document_page_s: 10}\n"
CODES = {"invalid_document", "document_encrypted", "document_too_large", "document_too_complex", "unsupported_document"}
CORPUS = ROOT / "tests" / "data" / "hostile"
LONGEST_S = 290  # ten seconds of a processor a page, on a machine that may be busy


@pytest.fixture(scope="module")
def gateway(models):
    with Gateway(CONFIG, POLICY, models=models) as running:
        wait_up(running, 1)
        yield running


def engine(gateway):
    status = json.loads(gateway.cli("status", "--json").stdout)
    return status["upstreams"][0]["engine"]


def ask(gateway, data):
    url = "data:application/octet-stream;base64," + base64.b64encode(data).decode()
    began = time.monotonic()
    reply = gateway.post("/v1/ocr", {"model": "auto", "document": {"type": "document_url", "document_url": url}}, timeout=300)
    assert time.monotonic() - began < LONGEST_S
    return reply


def many_pages():
    kids = b" ".join(b"3 0 R" for _ in range(200_000))
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [" + kids + b"] /Count 200000 >>", b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>"])


def pages_that_hold_themselves():
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 1000000 >>"])


def forms_within_forms():
    """Each draws the next one ten times, twelve deep."""
    forms = [stream(b"/F Do " * 10, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F %d 0 R >> >>" % (6 + i)) for i in range(12)]
    last = stream(b"0 0 1 1 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]")
    return page_with(b"/F Do", b"<< /XObject << /F 5 0 R >> >>", more=[*forms, last])


def zip_bomb():
    return office({"word/document.xml": b"<w:document>" + b" " * (300 << 20)})


def encrypted_pdf():
    out = io.BytesIO()
    drawn = canvas.Canvas(out, encrypt=pdfencrypt.StandardEncryption("secret", strength=128))
    drawn.drawString(100, 700, "hidden words")
    drawn.save()
    return out.getvalue()


def tiff_that_turns_in_circles():
    head = b"II*\0" + struct.pack("<I", 8)
    tags = [(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8), (279, 4, 1, 64)]
    return head + struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + struct.pack("<I", 8) + b"\0" * 64


REFUSED = {
    "pages: 200,000 of them": (many_pages, "document_too_large"),
    "pages that hold themselves": (pages_that_hold_themselves, None),
    "a page of 5 km": (lambda: page_with(b"", box=b"0 0 14400000 14400000"), None),
    "pixels: a PNG of 10^9": (lambda: png(31_000, 31_000), "document_too_large"),
    "an archive that unpacks to 300 MB": (zip_bomb, "document_too_large"),
    "encrypted PDF": (encrypted_pdf, "document_encrypted"),
    "a PDF of nothing": (lambda: b"%PDF-1.7\n" + b"\0" * 1000, "invalid_document"),
    "a program": (lambda: b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 40, "unsupported_document"),
    "half a PNG": (lambda: png(100, 100, b"\0" * 1400)[:60], None),
    "a TIFF that turns in circles": (tiff_that_turns_in_circles, None),
    "a TIFF of 100,000 pages": (lambda: tiff_of_pages(100_000), "document_too_large"),
}
BOUNDED = {
    "forms within forms, 10^12 of them": forms_within_forms,
    "entities: 10^12 letters": entity_bomb,
    "elements 100,000 deep": lambda: word("<w:sdt>" * 100_000),
    "HTML 200,000 deep": lambda: b"<html><body>" + b"<div>" * 200_000 + b"words",
    "JBIG2 of garbage": lambda: picture_in_pdf(b"/Width 30000 /Height 3000 /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /JBIG2Decode", bytes(random.Random(1).randbytes(4000))),
    "JPEG 2000 of garbage": lambda: picture_in_pdf(b"/Width 300 /Height 300 /Filter /JPXDecode", b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(random.Random(2).randbytes(4000))),
    "a picture of 10^9 pixels in a PDF": lambda: picture_in_pdf(b"/Width 32000 /Height 32000 /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /FlateDecode", zlib.compress(b"\0" * (4000 * 32000), 9)),
    "100,000 lines over each other": lambda: page_with(b"0 0 m 600 700 l S\n" * 100_000),
    "mails within mails, 20,000 deep": lambda: mails_within_mails(20_000),
    "a page tree 20,000 deep": lambda: deep_page_tree(20_000),
}


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused_with_a_clear_error(gateway, name):
    make, code = REFUSED[name]
    reply = ask(gateway, make())
    if code is None and reply.status == 200:
        return  # read as far as it goes, at a bounded cost
    assert reply.status in (400, 413), reply.text
    assert reply.json["error"]["code"] in ({code} if code else CODES), reply.text
    assert len(reply.json["error"]["message"]) > 20


@pytest.mark.parametrize("name", BOUNDED)
def test_costs_a_bounded_amount(gateway, name):
    reply = ask(gateway, BOUNDED[name]())
    assert reply.status == 200 or reply.json["error"]["code"] in CODES, reply.text
    assert len(reply.body) < 10 << 20


@pytest.mark.parametrize("name", sorted(path.name for path in CORPUS.iterdir() if path.suffix != ".md"))
def test_the_committed_corpus_costs_a_bounded_amount(gateway, name):
    reply = ask(gateway, (CORPUS / name).read_bytes())
    assert reply.status == 200 or reply.json["error"]["code"] in CODES, reply.text
    assert len(reply.body) < 10 << 20 and "Traceback" not in reply.text


def test_the_committed_corpus_is_what_its_maker_makes():
    """So that what is in a file can be read where it is made."""
    for name, make in hostile.CORPUS.items():
        if "packed" not in name and not name.endswith((".docx", ".xlsx", ".png")):  # whose bytes hang on the version of zlib
            assert (CORPUS / name).read_bytes() == make(), name
    assert {path.name for path in CORPUS.iterdir()} == {*hostile.CORPUS, "README.md"}


def test_spoiled_documents_are_read_or_refused(gateway, tmp_path):
    rng = random.Random(11)
    good = [made.make_pdf(tmp_path / "g.pdf", [[made.heading("Good"), made.text(made.prose(rng, 60))]]).read_bytes(), word("<w:p><w:r><w:t>good</w:t></w:r></w:p>"),
            b"From: a@b.c\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nwords\r\n--b--\r\n"]
    for _ in range(60):
        spoiled = bytearray(rng.choice(good))
        for _ in range(rng.randint(1, 20)):
            spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
        reply = ask(gateway, bytes(spoiled[:rng.randint(10, len(spoiled))] if rng.random() < 0.3 else spoiled))
        assert reply.status == 200 or reply.json["error"]["code"] in CODES, reply.text


def test_and_the_engine_was_never_harmed(gateway):
    """Last: it speaks of all before it in this file."""
    assert ask(gateway, b"good words").json["pages"][0]["markdown"] == "good words"
    assert engine(gateway)["restarts"] == 0
