"""Each limit of `limits:` that speaks of documents: one that is met is an error, or a note beside what was read, which names it."""

import base64
import concurrent.futures
import json
import zlib

import pytest

from harness import Gateway, wait_for
from hostile import office, page_with, pdf, png, stream, word
from test_local import wait_up

POLICY = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"
UPSTREAM = "upstreams:\n  - {name: documents, tier: local, engine: document, model: tesseract-eng}\n"
SMALL = ("limits: {document_mib: 1, document_pages: 3, document_mpixels: 1, document_side_px: 2000, document_page_s: 1, document_answer_mib: 1,"
         " document_words: 100, document_unpacked_mib: 1, document_members: 10, document_depth: 8, document_cells: 100, document_columns: 5, document_mails: 1,"
         " document_attachments: 2, document_mail_parts: 6}\n")
OTHERS = "limits: {document_s: 1, document_ratio: 50}\n"
LITTLE_MEMORY = "limits: {document_memory_mib: 256}\n"
SMALL_PAGE = b"0 0 200 200"


@pytest.fixture(scope="module")
def gateway(models):
    with Gateway(UPSTREAM + SMALL, POLICY, models=models) as running:
        wait_up(running, 1)
        yield running


def ask(gateway, data):
    url = "data:application/octet-stream;base64," + base64.b64encode(data).decode()
    return gateway.post("/v1/ocr", {"model": "auto", "document": {"type": "document_url", "document_url": url}}, timeout=300)


def packed_page(content):
    return page_with(b"", box=SMALL_PAGE, packed=zlib.compress(content, 9))


def forms_within_forms():
    """Each of eight draws the next one ten times: small, and drawn for hours."""
    forms = [stream(b"/F Do " * 10, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F %d 0 R >> >>" % (6 + i)) for i in range(8)]
    return page_with(b"/F Do", b"<< /XObject << /F 5 0 R >> >>", SMALL_PAGE, more=[*forms, stream(b"0 0 1 1 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]")])


def pages(count):
    kids = b" ".join(b"3 0 R" for _ in range(count))
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count), b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"])


def sheet(cells):
    rows = "".join(f'<row r="{i + 1}"><c r="A{i + 1}" t="inlineStr"><is><t>x</t></is></c></row>' for i in range(cells))
    return office({"xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
                   "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
                   "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>"})


def text_page(words):
    lines = b"".join(b"BT /F 4 Tf 5 %d Td (%s) Tj ET\n" % (195 - 4 * (i // 10), b"words " * 10) for i in range(0, words, 10))
    return page_with(lines, b"<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>", SMALL_PAGE)


def mail(inner, kind="multipart/mixed; boundary=b"):
    return b"From: a@b.c\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: " + kind.encode() + b"\r\n\r\n" + inner


def parts(count, head="Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt"):
    return b"".join(b"--b\r\n" + head.encode() + b"\r\n\r\nwords\r\n" for _ in range(count)) + b"--b--\r\n"


REFUSED = {
    "document_mib": (lambda: b"words " * 200_000, 413),
    "document_pages": (lambda: pages(4), 413),
    "document_mpixels": (lambda: png(1100, 1100), 413),
    "document_side_px": (lambda: png(2100, 10), 413),
    "document_page_s": (forms_within_forms, 400),
    "document_answer_mib": (lambda: b'"words" ' * 120_000, 413),
    "document_unpacked_mib": (lambda: word("<w:p/>" + " " * 1_500_000), 413),
    "document_members": (lambda: office({"word/document.xml": "<w/>"} | {f"word/{i}.bin": "x" for i in range(12)}), 413),
    "document_cells": (lambda: sheet(101), 413),
}
NOTED = {
    "document_words": lambda: text_page(300),
    "document_depth": lambda: b"<html><body><p>seen</p>" + b"<div>" * 12 + b"words",
    "document_columns": lambda: b"<html><body><table><tr>" + b"<td>seen</td>" * 7 + b"</tr></table>",
    "document_mails": lambda: mail(mail(mail(b"words", "text/plain"), "message/rfc822"), "message/rfc822"),
    "document_attachments": lambda: mail(parts(4)),
    "document_mail_parts": lambda: mail(parts(8, "Content-Type: text/plain")),
}


@pytest.mark.parametrize("limit", REFUSED)
def test_a_document_past_a_limit_is_refused_with_its_name(gateway, limit):
    make, status = REFUSED[limit]
    reply = ask(gateway, make())
    assert reply.status == status, reply.text
    assert f"limits.{limit})" in reply.json["error"]["message"], reply.text


@pytest.mark.parametrize("limit", NOTED)
def test_what_is_left_out_for_a_limit_is_noted_with_its_name(gateway, limit):
    reply = ask(gateway, NOTED[limit]())
    assert reply.status == 200, reply.text
    assert any(f"limits.{limit})" in note for note in reply.json["notes"]), reply.json["notes"]


def test_within_its_limits_a_document_is_read_without_a_note(gateway):
    for document in (b"good words", pages(3), sheet(99), mail(parts(2)), text_page(90)):
        reply = ask(gateway, document)
        assert reply.status == 200 and not reply.json.get("notes"), reply.text


def test_a_document_that_needs_more_memory_than_its_reader_has_is_refused_with_the_limits_name(models):
    with Gateway(UPSTREAM + LITTLE_MEMORY, POLICY, models=models) as running:
        wait_up(running, 1)
        reply = ask(running, packed_page(b"0 0 m 190 190 l S\n" * 3_000_000))  # as many lines to hold at once
        assert reply.status == 400 and "limits.document_memory_mib)" in reply.json["error"]["message"], reply.text
        assert ask(running, text_page(90)).status == 200


def test_a_changed_limit_holds_after_a_reload(models):
    with Gateway(UPSTREAM + OTHERS, POLICY, models=models) as running:
        wait_up(running, 1)
        reply = ask(running, forms_within_forms())
        assert reply.status == 400 and "limits.document_s)" in reply.json["error"]["message"], reply.text
        reply = ask(running, word("<w:p/>" + " " * 20_000_000))
        assert reply.status == 413 and "limits.document_ratio)" in reply.json["error"]["message"], reply.text
        running.config_file.write_text(running.config_file.read_text().replace(OTHERS, "limits: {document_pages: 2}\n"))
        assert running.cli("reload").returncode == 0
        reply = ask(running, pages(3))
        assert reply.status == 413 and "at most 2 (limits.document_pages)" in reply.json["error"]["message"], reply.text


def test_as_many_are_read_at_once_as_there_is_memory_for(models):
    """Each counts with 256 MiB and three times 10 for its request, before it begins."""
    one, all_mib = 286, 900
    config = UPSTREAM.replace("model:", "slots: 6, model:") + f"memory: {{limit_mib: {all_mib}}}\nlimits: {{document_memory_mib: 256, document_mib: 10, document_page_s: 2}}\n"
    with Gateway(config, POLICY, models=models) as running:
        wait_up(running, 1)

        def engine():
            return json.loads(running.cli("status", "--json").stdout)["upstreams"][0]["engine"]

        alone = engine()["memory"]["ledger_bytes"]
        assert one << 20 < alone < all_mib << 20
        room = 1 + ((all_mib << 20) - alone) // (one << 20)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            replies = [pool.submit(ask, running, forms_within_forms()) for _ in range(8)]
            seen = []
            while not all(reply.done() for reply in replies):
                seen.append(engine())
        assert 1 < max(state["in_use"] for state in seen) <= room < 6, [state["in_use"] for state in seen]
        assert max(state["memory"]["ledger_bytes"] for state in seen) <= all_mib << 20
        assert max(state["waiting"] for state in seen) > 0
        assert {reply.result().status for reply in replies} == {400} and engine()["restarts"] == 0
        wait_for(lambda: engine()["memory"]["ledger_bytes"] == alone)  # given back
