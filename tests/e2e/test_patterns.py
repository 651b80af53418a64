"""Patterns of one's own: loaded at start, held to their examples, read anew by a reload."""

import pytest

from conftest import POLICY, cloud_upstream
from harness import Gateway

PATTERNS = """patterns:
  - {type: PROJECT_NAME, terms_file: projects.txt, examples: ['the Nightjar board'], not: [nightjars]}
"""


@pytest.fixture()
def gateway(provider, ca):
    gateway = Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]) + "detectors: {patterns: [patterns.yaml]}\n", policy=POLICY)
    (gateway.folder / "patterns.yaml").write_text(PATTERNS)
    (gateway.folder / "projects.txt").write_text("Nightjar\n")
    yield gateway
    gateway.stop()


def found(gateway, text):
    return [f["type"] for f in gateway.post("/v1/redactions", {"input": [text], "mode": "detect"}).json["results"][0]["findings"]]


def test_a_reload_reads_the_terms_anew_and_a_failing_example_leaves_what_was(gateway):
    gateway.start()
    assert found(gateway, "nightjar and blue heron") == ["PROJECT_NAME"]
    (gateway.folder / "projects.txt").write_text("Nightjar\nBlue Heron\n")
    gateway.cli("reload")
    assert found(gateway, "nightjar and blue heron") == ["PROJECT_NAME", "PROJECT_NAME"]
    (gateway.folder / "projects.txt").write_text("Blue Heron\n")
    refused = gateway.cli("reload", check=False)
    assert refused.returncode == 1 and "patterns.yaml:2:" in refused.stderr
    assert found(gateway, "nightjar and blue heron") == ["PROJECT_NAME", "PROJECT_NAME"]
    checked = gateway.cli("policy", "check", check=False)
    assert checked.returncode == 1 and "this example of PROJECT_NAME is not found" in checked.stderr


def test_a_term_does_not_leave_where_the_policy_redacts(gateway):
    gateway.start()
    output = gateway.post("/v1/redactions", {"input": ["the Nightjar board"], "mode": "redact"}).json["results"][0]["output"]
    assert "Nightjar" not in output and "PROJECTNAME" in output
