"""The redaction lane: POST /v1/redactions, Presidio's shapes, and `demarc redact` on files and folders."""

import json

import pytest

from conftest import POLICY, cloud_upstream
from harness import Gateway

CARD = "4111 1111 1111 1111"
MAIL = "ada@example.org"


@pytest.fixture(scope="module")
def gateway(provider, ca):
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]), policy=POLICY) as gateway:
        yield gateway


def test_what_is_detected_has_type_place_score_and_tier(gateway):
    reply = gateway.post("/v1/redactions", {"input": f"é {MAIL}", "mode": "detect"})
    assert reply.status == 200 and reply.json["id"].startswith("red_")
    finding, = reply.json["results"][0]["findings"]
    assert (finding["type"], finding["start"], finding["end"], finding["tier"]) == ("EMAIL_ADDRESS", 2, 2 + len(MAIL), "structured")


@pytest.mark.parametrize("operator", ["placeholder", "mask", "hash", "drop"])
def test_no_operator_leaves_the_value(gateway, operator):
    output = gateway.post("/v1/redactions", {"input": [f"card {CARD}, {MAIL}"], "mode": "redact", "operator": operator}).json["results"][0]["output"]
    assert "4111" not in output and "ada@" not in output


def test_a_conversation_gives_back_to_its_caller_alone_what_it_hid(gateway):
    hidden = gateway.post("/v1/redactions", {"input": [MAIL], "mode": "redact", "conversation": "c-1"}).json["results"][0]["output"]
    assert gateway.post("/v1/redactions", {"input": [f"to {hidden}!"], "mode": "restore", "conversation": "c-1"}).json["results"][0]["output"] == f"to {MAIL}!"
    assert gateway.post("/v1/redactions", {"input": [hidden], "mode": "restore", "conversation": "c-2"}).json["results"][0]["output"] == hidden


def test_a_json_value_keeps_its_shape(gateway):
    value = {"rows": [{"card": CARD, MAIL: 4111111111111111, "n": 3}]}
    result = gateway.post("/v1/redactions", {"input": [value], "mode": "redact", "operator": "mask"}).json["results"][0]
    row, = result["output"]["rows"]
    assert row["n"] == 3 and "4111" not in json.dumps(row) and MAIL not in json.dumps(row)
    assert {f["path"] for f in result["findings"]} >= {"/rows/0/card"}


def test_a_call_has_its_receipt_and_its_place_in_usage(gateway):
    reply = gateway.post("/v1/redactions", {"input": [MAIL], "mode": "redact"})
    receipt = gateway.receipt(reply)
    assert receipt["operation"] == "redaction" and receipt["tier"] == "local"
    assert receipt["findings"] == {"EMAIL_ADDRESS": 1} and receipt["redactions"] == {"EMAIL_ADDRESS": 1}
    assert any(r["model"] == "detectors" for r in json.loads(gateway.cli("usage", "--by", "model", "--json").stdout)["rows"])


@pytest.mark.parametrize("body,param", [({"input": [MAIL], "mode": "hide"}, "mode"), ({"input": [MAIL], "mode": "redact", "operator": "paint"}, "operator"), ({"mode": "redact"}, "input")])
def test_a_wrong_field_is_named(gateway, body, param):
    reply = gateway.post("/v1/redactions", body)
    assert reply.status == 400 and reply.json["error"]["param"] == param


def test_presidios_users_switch_by_url(gateway):
    found = gateway.post("/presidio/analyze", {"text": f"mail {MAIL}", "language": "en"}).json
    assert found == [{"entity_type": "EMAIL_ADDRESS", "start": 5, "end": 5 + len(MAIL), "score": found[0]["score"], "analysis_explanation": None}]
    done = gateway.post("/presidio/anonymize", {"text": f"mail {MAIL}", "analyzer_results": found, "anonymizers": {"DEFAULT": {"type": "replace", "new_value": "X"}}}).json
    assert done["text"] == "mail X" and done["items"] == [{"start": 5, "end": 6, "entity_type": "EMAIL_ADDRESS", "text": "X", "operator": "replace"}]
    assert "CREDIT_CARD" in gateway.get("/presidio/supportedentities?language=en").json


def test_the_command_redacts_a_folder_and_reports_without_contents(gateway, tmp_path):
    source, out, report = tmp_path / "in", tmp_path / "out", tmp_path / "report.csv"
    (source / "deep").mkdir(parents=True)
    (source / "a.txt").write_text(f"card {CARD}\n")
    (source / "deep" / "b.json").write_text(json.dumps({"mail": MAIL}))
    (source / "c.bin").write_bytes(b"\0\1\2")
    done = gateway.cli("redact", source, "-o", out, "--report", report, "--explain", check=False)
    assert done.returncode == 1 and "c.bin" in done.stderr  # what is no text is said, and the others are done
    assert "4111" not in (out / "a.txt").read_text() and MAIL not in (out / "deep" / "b.json").read_text()
    assert set(json.loads((out / "deep" / "b.json").read_text())) == {"mail"}
    assert "CREDIT_CARD" in report.read_text() and "4111" not in report.read_text() + done.stderr


def test_the_command_gives_back_what_it_hid(gateway, tmp_path):
    text = f"write to {MAIL} about {CARD}\n"
    hidden = gateway.cli("redact", "-c", "case 7", input=text).stdout
    assert MAIL not in hidden and "4111" not in hidden
    assert gateway.cli("redact", "-c", "case 7", "--restore", input=hidden).stdout == text
