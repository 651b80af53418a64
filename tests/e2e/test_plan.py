"""demarc plan: the model against an independent one, imports that are wrong in every way, and the report of the example company."""

import csv
import io
import json
import os
import pathlib
import re
import subprocess

import pytest

import plan_model
from harness import BINARY, ROOT

EXAMPLE = ROOT / "src" / "planning" / "report" / "example"
GOLDEN = ROOT / "tests" / "golden" / "planning"
PRICES = {("openai/gpt-4.1", "input"): "2", ("openai/gpt-4.1", "cached_input"): "0.5", ("openai/gpt-4.1", "output"): "8", ("openai/gpt-4.1-mini", "input"): "0.4", ("openai/gpt-4.1-mini", "output"): "1.6",
          ("openai/gpt-5.4", "input"): "2.5", ("openai/gpt-5.4", "cached_input"): "0.25", ("openai/gpt-5.4", "output"): "15"}


def run(*arguments, folder, check=True, stdin=""):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=120, cwd=folder, input=stdin, env={"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "DEMARC_DATA": str(folder / "data")})
    if check:
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


# -- the model

WORKED = """
workloads:
  - {name: all, bucket: boring, cloud: {usd_per_month: 9000, price_change_percent_per_year: -30}, local: {cluster: room}}
clusters:
  - {name: room, nodes: 1, utilisation_percent: 35, usd_per_node: 30000, salvage_percent: 10, watts_idle: 120, watts_peak: 700, engineer: {share: 0.25}}
"""
GROWING = """
months: 60
volume_percent: 130
cloud: {commitment_usd_per_month: 15000, credits_usd: 40000, discount_percent: 5, compliance_usd_per_year: 12000, compliance_usd_per_million_tokens: 0.01, usd_per_egress_gb: 0.09}
workloads:
  - {name: a, requests_per_month: 900000, growth_percent_per_year: 80, tokens: {input: 2100, cached_input: 700, output: 130}, local: {cluster: one, share_percent: 85, weight: 1.7, rework_percent: 2, usd_per_rework: 0.03},
     cloud: {usd_per_million: {input: 2, cached_input: 0.5, output: 8}, batch_percent: 40, region_percent: 110, egress_gb_per_month: 300}}
  - {name: b, requests_per_month: 50000, tokens: {input: 9000, output: 900}, cloud: {usd_per_million: {input: 3, output: 15}, tier_percent: 180}}
  - {name: c, requests_per_month: 4000, units: {pages: 3.5, audio_minutes: 2, images: 1, calls: 1}, cloud: {usd_per_unit: {pages: 0.004, audio_minutes: 0.006, images: 0.04, calls: 0.002}, batch_percent: 10}}
clusters:
  - {name: one, capacity_requests_per_s: 1.3, peak_to_mean: 3.7, spare_nodes: 1, usd_per_node: 21000, network_usd: 4000, life_months: 24, salvage_percent: 15, capital_percent_per_year: 7, watts_idle: 200, watts_peak: 900,
     maintenance_percent_per_year: 6, ramp_up_months: 5, engineer: {share: 0.3, hiring_usd: 9000}, outage: {percent_per_month: 6, hours: 10}}
"""


@pytest.mark.parametrize("name,text", [("worked", WORKED), ("growing", GROWING), ("example", (EXAMPLE / "plan.yaml").read_text())])
def test_the_model_agrees_to_the_cent_with_one_written_independently(tmp_path, name, text):
    (tmp_path / "plan.yaml").write_text(text)
    told = json.loads(run("plan", "compare", "--json", folder=tmp_path).stdout)
    own = plan_model.compute(text, PRICES)
    for key in ("cloud_only_tco_usd", "hybrid_tco_usd", "investment_usd", "npv_usd", "cash_total_usd"):
        assert round(plan_model.D(told[key]), 2) == round(own[key], 2), key
    assert [round(plan_model.D(v), 2) for v in told["cumulative_usd"]] == [round(v, 2) for v in own["cumulative_usd"]]
    for key in ("payback_months", "discounted_payback_months"):
        assert (told[key] is None) == (own[key] is None) and (told[key] is None or abs(told[key] - float(own[key])) < 1e-9), key


def test_every_cell_says_where_it_comes_from(tmp_path):
    (tmp_path / "plan.yaml").write_text((EXAMPLE / "plan.yaml").read_text())
    why = json.loads(run("plan", "compare", "--why", "npv.usd", "--json", folder=tmp_path).stdout)
    assert why["formula"] and all(i["source"] and i["confidence"] for i in why["inputs"])
    wrong = run("plan", "compare", "--why", "npv.usdd", folder=tmp_path, check=False)
    assert wrong.returncode == 2 and "did you mean 'npv.usd'" in wrong.stderr


def test_the_same_seed_gives_the_same_draws(tmp_path):
    (tmp_path / "plan.yaml").write_text((EXAMPLE / "plan.yaml").read_text())
    told = [json.loads(run("plan", "simulate", "--json", "--draws", 20000, "--threads", t, folder=tmp_path).stdout)["simulation"]["npv_usd"] for t in (1, 2)]
    assert told[0] == told[1]


def test_a_wrong_plan_names_line_and_remedy(tmp_path):
    (tmp_path / "plan.yaml").write_text("workloads:\n  - name: a\n    tokens: {inptu: 5}\n")
    done = run("plan", "compare", folder=tmp_path, check=False)
    assert done.returncode == 1 and done.stdout == "" and "plan.yaml:3:" in done.stderr and "did you mean 'input'" in done.stderr


# -- imports

def test_malformed_lines_are_named_and_nothing_else_is_lost(tmp_path):
    told = json.loads(run("plan", "import", GOLDEN / "malformed.csv", GOLDEN / "malformed.jsonl", "--json", folder=tmp_path).stdout)
    assert [(pathlib.Path(f["file"]).name, f["line"]) for f in told["findings"]] == [("malformed.csv", n) for n in range(3, 8)] + [("malformed.jsonl", 2), ("malformed.jsonl", 4)]
    assert {f["kind"] for f in told["findings"]} == {"rejected"}


def test_usage_and_invoice_of_the_example_add_up(tmp_path):
    told = json.loads(run("plan", "import", EXAMPLE / "usage.csv", EXAMPLE / "invoice.csv", "--json", folder=tmp_path).stdout)["reconciliation"]
    assert told["unexplained_share"] <= 0.005
    assert sum(plan_model.D(c["usd"]) for c in told["causes"]) == plan_model.D(told["difference_usd"])
    assert [c["what"] for c in told["causes"] if c["cause"].startswith("not counted")] == ["web search tool calls"]


def test_a_file_that_is_imported_twice_is_refused_and_counted_once(tmp_path):
    run("plan", "import", GOLDEN / "focus.csv", folder=tmp_path)
    again = run("plan", "import", GOLDEN / "focus.csv", folder=tmp_path, check=False)
    assert again.returncode == 1 and "imported before" in again.stderr


@pytest.mark.parametrize("name,text,says", [("empty.csv", "", "is empty"), ("one.csv", "a,b\n1,2\n", "no known format"), ("binary.csv", "\x00\x01\x02\n\x00", "no known format"), ("object.json", '{"hello": 1}', "no known format"), ("cut.json", '{"data": [{"start_time": 1', "holds no rows")])
def test_what_is_no_export_is_said_to_be_none(tmp_path, name, text, says):
    (tmp_path / name).write_text(text)
    done = run("plan", "import", tmp_path / name, folder=tmp_path, check=False)
    assert done.returncode == 1 and says in done.stderr, done.stderr


def test_a_csv_of_ones_own_is_read_with_a_mapping(tmp_path):
    (tmp_path / "own.csv").write_text("Day,USD,Prompt Tokens,Completion Tokens,Model\n2026-03-01,1.50,2000,300,gpt-4.1\n")
    guessed = run("plan", "import", "own.csv", folder=tmp_path, check=False)
    assert guessed.returncode == 1 and (tmp_path / "own.csv.mapping.yaml").exists()
    run("plan", "import", "own.csv", "--mapping", "own.csv.mapping.yaml", folder=tmp_path)
    (workload,) = json.loads(run("plan", "inventory", "--json", folder=tmp_path).stdout)["workloads"]
    assert workload["model"] == "gpt-4.1"


def test_what_was_used_becomes_a_plan_that_is_compared(tmp_path):
    run("plan", "import", EXAMPLE / "usage.csv", folder=tmp_path)
    run("plan", "classify", "support-assistant", "--bucket", "strategic", "--who", "Ada", "--why", "answers go to customers", folder=tmp_path)
    classes = {w["name"]: w for w in json.loads(run("plan", "classify", "--json", folder=tmp_path).stdout)["workloads"]}
    assert classes["ticket-triage"]["bucket"] == "boring" and classes["contract-review"]["bucket"] == "strategic" and classes["support-assistant"]["corrected"]
    run("plan", "inventory", "--draft", "plan.yaml", folder=tmp_path)
    told = json.loads(run("plan", "compare", "--json", folder=tmp_path).stdout)
    assert {w["name"] for w in told["workloads"]} == set(classes)


def test_what_is_counted_beside_tokens_is_imported_priced_and_drafted(tmp_path):
    (tmp_path / "audio.json").write_text(json.dumps({"data": [{"start_time": 1772323200 + 86400 * day, "end_time": 1772409600 + 86400 * day, "results": [
        {"object": "organization.usage.audio_transcriptions.result", "seconds": 6000, "num_model_requests": 50, "model": "whisper-1", "project_id": "calls"}]} for day in range(7)]}))
    (tmp_path / "pages.csv").write_text("Day,What,Pages,Docs\n" + "".join(f"2026-03-0{day},mistral-ocr-2512,300,100\n" for day in range(1, 8)))
    (tmp_path / "own.yaml").write_text('formats: [{name: own, provider: azure, operation: ocr, kind: usage, needs: [Day, Pages], fields: {start: Day, model: What, pages: Pages, requests: Docs}}]\n')
    (tmp_path / "prices.yaml").write_text('version: 1\nprices: [{provider: azure, models: [mistral-ocr-2512], usd_per_million: {page: "0.002"}, source: a contract, date: 2026-03-01}]\n')
    run("plan", "import", "audio.json", folder=tmp_path)
    run("plan", "import", "pages.csv", "--mapping", "own.yaml", folder=tmp_path)
    found = {w["operation"]: w for w in json.loads(run("plan", "inventory", "--json", "--prices", "prices.yaml", folder=tmp_path).stdout)["workloads"]}
    assert found["transcription"]["units_per_request"]["audio_minutes"] == 2 and found["ocr"]["units_per_request"]["pages"] == 3
    assert found["transcription"]["usd_per_month"] == pytest.approx(700 * 0.006 / 7 * 30.42) and found["ocr"]["usd_per_month"] == pytest.approx(2100 * 0.002 / 7 * 30.42)
    run("plan", "inventory", "--draft", "plan.yaml", "--prices", "prices.yaml", folder=tmp_path)
    assert "units: {audio_minutes: 2.0000}" in (tmp_path / "plan.yaml").read_text()
    told = run("plan", "compare", "plan.yaml", "--prices", "prices.yaml", "--why", f"workload.{found['transcription']['name']}.usd_per_request", folder=tmp_path).stdout
    assert "0.006" in told and "a minute of audio" in told


def test_several_uses_of_one_key_are_found_explained_and_put_together_again(tmp_path):
    lines = ["request_id,request_created_at,request_model,provider,prompt_tokens,completion_tokens,cost,helicone_user_id"]
    lines += [f"s{i},2026-03-{1 + i % 28:02d}T{8 + i % 10:02d}:00:00Z,gpt-4.1-mini,openai,{500 + i * 7 % 300},{15 + i % 20},0.001,app" for i in range(1500)]
    lines += [f"l{i},2026-03-{1 + i % 28:02d}T{8 + i % 10:02d}:00:00Z,gpt-4.1-mini,openai,{9000 + i * 13 % 6000},{15 + i % 20},0.01,app" for i in range(500)]
    (tmp_path / "log.csv").write_text("\n".join(lines) + "\n")
    run("plan", "import", "log.csv", folder=tmp_path)
    found = {w["name"]: w for w in json.loads(run("plan", "inventory", "--json", folder=tmp_path).stdout)["workloads"]}
    assert {name: w["requests"] for name, w in found.items()} == {"app-short": 1500, "app-long": 500}
    assert found["app-long"]["part_of"] == "app" and re.fullmatch(r"prompts of more than [\d,]+ tokens", found["app-long"]["because"])
    assert "part of app: prompts of up to" in run("plan", "inventory", folder=tmp_path).stdout
    assert run("plan", "inventory", "--together", "app", folder=tmp_path, check=False).returncode == 2, "nobody said so"
    run("plan", "inventory", "--together", "app", "--who", "Ada", folder=tmp_path)
    assert [(w["name"], w["requests"]) for w in json.loads(run("plan", "inventory", "--json", folder=tmp_path).stdout)["workloads"]] == [("app", 2000)]


def test_code_that_speaks_to_a_model_is_found_without_a_word_of_it_being_kept(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("import anthropic\nSECRET = 'do-not-print'\n")
    done = run("plan", "inventory", "--code", tmp_path / "src", folder=tmp_path)
    assert "app.py:1 anthropic" in done.stdout and "do-not-print" not in done.stdout


# -- size

def test_machines_are_counted_by_replaying_a_trace(tmp_path):
    told = json.loads(run("plan", "size", EXAMPLE / "requests.csv", "--profile", EXAMPLE / "profiles.yaml", "--first-token-ms", 500, "--growth-percent", 400, "--json", folder=tmp_path).stdout)
    assert told["machines"] >= 1 and told["machines_after_growth"] > told["machines"] and told["first_token"]["p99_s"] <= 0.5 and 0 < told["utilisation"] < 1
    none = run("plan", "size", EXAMPLE / "requests.csv", "--profile", EXAMPLE / "profiles.yaml", "--total-ms", 1, folder=tmp_path, check=False)
    assert none.returncode == 1 and "no number of machines" in none.stderr


# -- the report

@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    run("plan", "report", "--example", "--formats", "html,xlsx,csv,focus", folder=folder)
    return folder / "report"


def test_the_example_report_has_every_page_and_is_marked_as_example(report):
    html = (report / "report.html").read_text()
    titles = [re.sub(r"<[^>]+>", "", t) for t in re.findall(r"<h1>(.*?)</h1>", html)]
    assert len(titles) == 13 and html.count("EXAMPLE: an invented company") == 13
    assert "12. What speaks against it" in titles


def test_the_report_needs_nothing_from_elsewhere(report):
    html = (report / "report.html").read_text()
    assert re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=", html) == [] and "url(" not in html and "@import" not in html
    assert html.count("<svg") >= 9 and html.count("<title>") > 100


def test_months_and_forecast_hold_the_models_numbers(report):
    rows = list(csv.DictReader(io.StringIO((report / "months.csv").read_text())))
    assert len(rows) == 37
    own = plan_model.compute((EXAMPLE / "plan.yaml").read_text(), PRICES)
    assert [round(plan_model.D(r["cumulative_cash_usd"]), 2) for r in rows] == [round(v, 2) for v in own["cumulative_usd"]]
    forecast = list(csv.DictReader(io.StringIO((report / "forecast-focus.csv").read_text())))
    assert {"BilledCost", "ChargePeriodStart", "EffectiveCost", "ProviderName", "ServiceCategory"} <= forecast[0].keys() and {r["x_Forecast"] for r in forecast} == {"true"}


def test_no_pdf_is_said_with_its_remedy_and_the_rest_is_there(tmp_path):
    (tmp_path / "bin").mkdir()
    done = subprocess.run([BINARY, "plan", "report", "--example"], capture_output=True, text=True, timeout=120, cwd=tmp_path, env={"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path), "DEMARC_DATA": str(tmp_path / "data")})
    assert done.returncode == 0 and "apt-get install weasyprint" in done.stderr and (tmp_path / "report" / "report.html").exists()


def test_the_pdf_is_made_of_the_same_pages(tmp_path):
    run("plan", "report", "--example", folder=tmp_path)
    assert (tmp_path / "report" / "report.pdf").read_bytes().startswith(b"%PDF")
