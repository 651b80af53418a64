"""demarc risk: what a plan hangs on, and stress through the router that serves requests."""

import csv
import io
import json

import pytest

from conftest import POLICY, cloud_upstream
from harness import Gateway

PLAN = """
workloads:
  - {name: triage, requests_per_month: 2628000, tokens: {input: 100, output: 10}, cloud: {model: openai/gpt-4o}}
  - {name: copilot, requests_per_month: 26280, tokens: {input: 9000, output: 900}, cloud: {model: anthropic/claude-opus-4-1-20250805, usd_per_million: {input: 15, output: 75}}}
clusters: [{name: room, capacity_requests_per_s: 5, peak_to_mean: 4, usd_per_node: 30000}]
"""


@pytest.fixture(scope="module")
def gateway(provider, ca):
    config = "upstreams:\n" + cloud_upstream(provider, ca[0], models=["gpt-4o"]) + cloud_upstream(provider, ca[0], name="second", models=["gpt-4.1"]) + "substitutes: {gpt-4o: [second]}\nworkloads: [{name: triage, operation: chat}]\n"
    gateway = Gateway(config, policy=POLICY.replace("{at_most: internal}}", "{at_most: internal}}", 1))
    (gateway.folder / "plan.yaml").write_text(PLAN)
    return gateway


def test_what_a_plan_hangs_on_has_sources(gateway):
    told = json.loads(gateway.cli("risk", "show", "plan.yaml", "--json").stdout)
    by = {c["by"]: c for c in told["concentration"]}
    assert 5000 < by["provider"]["hhi"] < 10000 and abs(sum(s["share"] for s in by["model"]["shares"]) - 1) < 1e-9
    (opus,) = [r for r in told["retirements"] if r["workload"] == "copilot"]
    assert opus["retired"] == "2026-08-05" and opus["source"].startswith("https://")


def test_a_watch_fails_when_a_model_in_use_is_gone(gateway):
    done = gateway.cli("risk", "watch", "plan.yaml", check=False)
    assert done.returncode == 1 and "claude-opus-4-1-20250805 was retired on 2026-08-05" in done.stdout


def test_a_model_that_is_gone_is_stood_in_for_by_the_router(gateway):
    (scenario,) = json.loads(gateway.cli("risk", "stress", "plan.yaml", "--model-gone", "gpt-4o", "--json").stdout)["scenarios"]
    fate = {w["workload"]: w for w in scenario["workloads"]}
    assert fate["triage"]["change"] == "moves to another cloud model" and fate["triage"]["after"]["upstream"] == "second"
    # 100 tokens in, 10 out: $2.50 and $10 a million at gpt-4o, $2 and $8 at gpt-4.1.
    assert float(fate["triage"]["cloud_usd_before"]) == pytest.approx(919.8) and float(fate["triage"]["cloud_usd_after"]) == pytest.approx(735.84)
    assert float(scenario["cloud_month_after_usd"]) - float(scenario["cloud_month_before_usd"]) == pytest.approx(735.84 - 919.8)


def test_without_the_cloud_everything_fails_where_nothing_is_local(gateway):
    (scenario,) = json.loads(gateway.cli("risk", "stress", "plan.yaml", "--cloud-down", "--hours", 8, "--json").stdout)["scenarios"]
    assert scenario["failing_share"] == 1 and scenario["hours"] == 8


def test_a_price_is_played_through_the_plan(gateway):
    (scenario,) = json.loads(gateway.cli("risk", "stress", "plan.yaml", "--price", 2, "--json").stdout)["scenarios"]
    assert float(scenario["cloud_month_after_usd"]) == pytest.approx(2 * float(scenario["cloud_month_before_usd"])) and scenario["npv_after_usd"] is not None


def test_a_price_of_one_model_is_paid_by_its_workloads_alone(gateway):
    (scenario,) = json.loads(gateway.cli("risk", "stress", "plan.yaml", "--price", 3, "--price-of", "gpt-4o", "--json").stdout)["scenarios"]
    fate = {w["workload"]: w for w in scenario["workloads"]}
    assert float(fate["triage"]["cloud_usd_after"]) == pytest.approx(3 * 919.8) and fate["triage"]["change"] == "as before"


def test_what_nobody_knows_and_nothing_asked_are_errors(gateway):
    assert gateway.cli("risk", "stress", "plan.yaml", check=False).returncode == 2
    wrong = gateway.cli("risk", "stress", "plan.yaml", "--model-gone", "nope", check=False)
    assert wrong.returncode == 1 and "knows no model 'nope'" in wrong.stderr


def column(row, code):
    return next(value for name, value in row.items() if name.startswith(code))


def test_the_register_is_filled_from_plan_configuration_and_policy(gateway):
    rows = {r["provider"]: r for r in csv.DictReader(io.StringIO(gateway.cli("risk", "register", "plan.yaml").stdout))}
    assert set(rows) == {"openai", "anthropic"} and all(column(r, "B_02.02.0060") == "S19" for r in rows.values())
    openai, anthropic = rows["openai"], rows["anthropic"]
    assert column(openai, "B_02.01.0050") == "11037.60" and column(openai, "B_02.02.0160") == "us" and column(openai, "B_02.02.0140") == "no"
    assert column(openai, "B_02.02.0170") == "high", "what is confidential goes there, redacted"
    assert column(openai, "B_02.02.0180") == "full reliance" and column(openai, "B_07.01.0110") == "no", "both upstreams are of one provider"
    assert column(openai, "B_02.01.0010") == "" and column(anthropic, "B_02.02.0160") == "", "nobody said"


def test_what_nobody_can_know_is_asked_and_an_answer_wins(gateway):
    asked = gateway.folder / "register.yaml"
    done = gateway.cli("risk", "register", "plan.yaml", "--answers", asked)
    assert "fields that only you can fill" in done.stderr
    text = asked.read_text()
    assert "B_02.01.0010" in text and "B_02.01.0050" not in text
    asked.write_text(text.replace('B_02.01.0010: ""', 'B_02.01.0010: "MSA-17"', 1))
    told = json.loads(gateway.cli("risk", "register", "plan.yaml", "--answers", asked, "--json").stdout)["register"]
    first = told[0]
    assert first["B_02.01.0010"] == {"name": "reference of the contract", "value": "MSA-17", "from": "answers", "because": None}
    assert first["B_02.02.0060"]["from"] == "plan" and first["B_07.01.0080"]["value"] is None
    asked.write_text("openai: {B_99: x}\n")
    wrong = gateway.cli("risk", "register", "plan.yaml", "--answers", asked, check=False)
    assert wrong.returncode == 1 and "register.yaml:1: there is no field 'B_99' here" in wrong.stderr
