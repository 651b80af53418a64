"""demarc plan pilot and plan start: pairs through a real gateway, judged by check, by people and by a model; resumed; and ninety days read from the data."""

import contextlib
import http.client
import json
import os
import re
import subprocess
import urllib.parse

import pytest

from conftest import POLICY, cloud_upstream
from harness import BINARY, ROOT, Gateway

GOLDEN = ROOT / "tests" / "golden" / "planning"


@pytest.fixture(scope="module")
def gateway(provider, ca):
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]), policy=POLICY) as gateway:
        yield gateway


def pilot(gateway, folder, *more, candidate="echo", requests=None, stdin="", check=True):
    lines = requests or [{"id": f"r{i}", "messages": [{"role": "user", "content": f"question {i} " + "word " * (i % 9)}], "reference": (f"question {i} " + "word " * (i % 9)).strip()} for i in range(40)]
    (folder / "requests.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return gateway.cli("plan", "pilot", folder / "requests.jsonl", "--present", "echo", "--candidate", candidate, "-o", folder / "pilot", "--json", *more, check=check, input=stdin)


def test_equal_models_are_as_good_within_a_wide_margin(gateway, tmp_path):
    told = json.loads(pilot(gateway, tmp_path, "--margin-points", 20, "--sample", 40).stdout)
    assert told["pairs"] == 40 and told["judged"]["check"] == 40 and told["present"]["accepted"] == 40 == told["candidate"]["accepted"]
    assert told["verdict"].startswith("as good") and told["present"]["p50_ms"] > 0 and told["token_ratio"] == 1
    assert [s["taken"] for s in told["strata"]] == [10, 10, 10, 10]
    assert oct((tmp_path / "pilot" / "rows.jsonl").stat().st_mode & 0o777) == "0o600"


def test_a_candidate_that_answers_something_else_is_worse(gateway, tmp_path):
    told = json.loads(pilot(gateway, tmp_path, "--sample", 40, candidate="json", requests=[{"messages": [{"role": "user", "content": f"only the echo says {i}"}], "reference": f"only the echo says {i}"} for i in range(40)]).stdout)
    assert told["candidate"]["model"] == "json" and told["verdict"].startswith("worse") and told["pairs_by_outcome"]["only_present"] == 40


def test_too_few_pairs_are_said_beforehand_and_leave_the_answer_open(gateway, tmp_path):
    done = pilot(gateway, tmp_path, "--sample", 8)
    assert "needs about 873 pairs" in done.stderr and json.loads(done.stdout)["verdict"].startswith("not shown")


def test_an_interrupted_run_goes_on_where_it_stood(gateway, tmp_path):
    pilot(gateway, tmp_path, "--sample", 20)
    rows = (tmp_path / "pilot" / "rows.jsonl").read_text().splitlines()
    assert len(rows) == 40
    (tmp_path / "pilot" / "rows.jsonl").write_text("\n".join(rows[:25]) + "\n" + rows[25][:30])  # killed while it wrote
    told = json.loads(pilot(gateway, tmp_path, "--sample", 20).stdout)
    lines = (tmp_path / "pilot" / "rows.jsonl").read_text().splitlines()
    assert lines[:26] == [*rows[:25], rows[25][:30]] and len(lines) == 41, "what was answered is not asked again"
    again = [json.loads(line) for line in lines[26:]]
    assert told["pairs"] == 20 and {(r["id"], r["side"]) for r in again} == {(json.loads(r)["id"], json.loads(r)["side"]) for r in rows[25:]}


def test_people_judge_blind_pairs(gateway, tmp_path):
    requests = [{"id": f"p{i}", "messages": [{"role": "user", "content": f"say {i}"}]} for i in range(6)]
    told = json.loads(pilot(gateway, tmp_path, "--sample", 6, "--review", "--terminal", requests=requests, stdin="b\nb\nn\nb\ns\nq\n").stdout)
    assert told["judged"] == {"check": 0, "people": 4, "model": 0, "not_yet": 2} and told["pairs_by_outcome"] == {"both": 3, "only_present": 0, "only_candidate": 0, "neither": 1}


class Page:
    """The review's page, spoken to as its script does."""

    def __init__(self, process, address):
        url = urllib.parse.urlsplit(address)
        self.process, self.host, self.token = process, url.netloc, url.fragment

    def ask(self, method, path, body=None, token=None, host=None):
        connection = http.client.HTTPConnection(self.host, timeout=20)
        connection.request(method, path, body if body is None or isinstance(body, str) else json.dumps(body),
                           {"authorization": f"Bearer {self.token if token is None else token}", **({"host": host} if host else {})})
        reply = connection.getresponse()
        return reply, reply.read()

    def pair(self, n):
        return json.loads(self.ask("GET", f"/pairs/{n}")[1])

    def judge(self, n, first, second):
        reply, told = self.ask("POST", f"/pairs/{n}", {"first": first, "second": second})
        assert reply.status == 200, told
        return json.loads(told)

    def finish(self):
        assert self.ask("POST", "/finish", {})[0].status == 200
        out, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0
        return json.loads(out)


@contextlib.contextmanager
def reviewing(gateway, folder, *more, url=None):
    """`plan pilot --review` on the answers that are there, with its page open."""
    environment = {**gateway.env, "DEMARC_CONFIG": str(gateway.config_file), "DEMARC_DATA": str(gateway.data), "DEMARC_URL": url or gateway.url}
    process = subprocess.Popen([BINARY, "plan", "pilot", folder / "requests.jsonl", "--present", "echo", "--candidate", "json", "-o", folder / "pilot", "--sample", "6", "--json", "--review", *more],
                               env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if found := re.search(r"http://\S+", line):
                break
        yield Page(process, found[0])
    finally:
        process.kill()
        process.wait()
        process.stdout.close(), process.stderr.close()


@pytest.fixture
def answered(gateway, tmp_path):
    requests = [{"id": f"p{i}", "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": f"say {i} <b>&amp;</b>"}]} for i in range(6)]
    pilot(gateway, tmp_path, "--sample", 6, candidate="json", requests=requests)
    return tmp_path


def test_people_judge_blind_pairs_on_a_page(gateway, answered):
    with reviewing(gateway, answered) as page:
        reply, html = page.ask("GET", "/")
        assert reply.status == 200 and b"<kbd>1</kbd>" in html and not re.search(rb"(src|href)=[\"']?(https?:)?//", html)
        assert "default-src 'none'" in reply.headers["content-security-policy"] and re.search(rb'nonce="[0-9a-f]{40}"', html)
        firsts = set()
        for n in range(6):
            pair = page.pair(n)
            assert set(pair) == {"of", "judged", "conversation", "first", "second", "verdict"} and pair["judged"] == n and pair["verdict"] is None
            assert pair["conversation"][1]["content"] == f"say {n} <b>&amp;</b>"
            echo_first = pair["first"].startswith("say")
            firsts.add(echo_first)
            assert pair["second"].startswith("say") != echo_first
            page.judge(n, first=echo_first, second=not echo_first)  # the echo each time, wherever it stands
            kept = [json.loads(line) for line in (answered / "pilot" / "people.jsonl").read_text().splitlines()]
            assert len(kept) == n + 1 and kept[-1]["present"] and not kept[-1]["candidate"] and kept[-1]["shown_first"] == ("present" if echo_first else "candidate")
        told = page.finish()
    assert told["judged"] == {"check": 0, "people": 6, "model": 0, "not_yet": 0} and told["pairs_by_outcome"]["only_present"] == 6
    assert told["people"]["one_accepted"] == 6 and oct((answered / "pilot" / "people.jsonl").stat().st_mode & 0o777) == "0o600"


def test_a_verdict_can_be_changed_on_the_page_and_a_killed_review_goes_on(gateway, answered):
    with reviewing(gateway, answered) as page:
        page.judge(0, True, True)
        page.judge(0, False, False)
        assert page.pair(0)["verdict"] == {"first": False, "second": False}
        page.judge(1, True, True)
        page.process.kill()
    with reviewing(gateway, answered, url="http://127.0.0.1:9") as page:  # no gateway is needed: everything is answered
        assert page.pair(0)["of"] == 4
        told = page.finish()
    assert told["judged"]["people"] == 2 and told["judged"]["not_yet"] == 4
    assert told["pairs_by_outcome"] == {"both": 1, "only_present": 0, "only_candidate": 0, "neither": 1}


def test_the_page_tells_nothing_without_its_token_or_under_another_name(gateway, answered):
    with reviewing(gateway, answered) as page:
        for more in ({"token": ""}, {"token": page.token[:-1]}, {"host": "evil.example"}):
            assert page.ask("GET", "/pairs/0", **more)[0].status == 403
        assert page.ask("POST", "/pairs/0", {"first": True, "second": True}, token="0" * 40)[0].status == 403
        assert page.ask("POST", "/finish", {}, token="0" * 40)[0].status == 403
        assert page.ask("GET", "/pairs/6")[0].status == 404 and page.ask("GET", "/pairs/-1")[0].status == 404 and page.ask("GET", "/pairs/0x")[0].status == 404
        assert page.ask("POST", "/pairs/0", "no")[0].status == 400 and page.ask("POST", "/pairs/0", {"first": 1, "second": True})[0].status == 400
        assert page.ask("POST", "/pairs/0", "x" * 5000)[0].status == 413 and page.ask("DELETE", "/pairs/0")[0].status == 405
        assert (answered / "pilot" / "people.jsonl").read_text() == "" and page.host.startswith("127.0.0.1:")


def test_a_request_that_fails_is_a_row_and_no_answer(gateway, tmp_path):
    told = json.loads(pilot(gateway, tmp_path, "--sample", 8, candidate="status-400").stdout)
    assert told["candidate"]["failed"] == 8 and told["candidate"]["accepted"] == 0


@pytest.mark.parametrize("line,says", [("no", "is no JSON object"), ('{"messages": []}', "needs messages"), ('{"messages": [{"role": "user", "content": "x"}], "check": "exact"}', "needs a reference")])
def test_a_wrong_file_names_line_and_remedy(gateway, tmp_path, line, says):
    (tmp_path / "r.jsonl").write_text(line + "\n")
    done = gateway.cli("plan", "pilot", tmp_path / "r.jsonl", "--present", "echo", "--candidate", "echo", "-o", tmp_path / "pilot", check=False)
    assert done.returncode == 1 and "r.jsonl:1:" in done.stderr and says in done.stderr


def test_ninety_days_know_from_the_data_what_is_done(gateway, tmp_path):
    def start(*more):
        return json.loads(gateway.cli("plan", "start", tmp_path / "plan.yaml", "-o", tmp_path / "days", "--pilot", tmp_path / "pilot", "--json", *more).stdout)

    before = start()
    assert before["day"] == 1 and [p["done"] for p in before["phases"]] == [False, False, False] and all(c["next"] for p in before["phases"] for c in p["checks"] if not c["done"])
    gateway.cli("plan", "import", GOLDEN / "openai-usage.json", GOLDEN / "openai-costs.json")
    for name in ("proj_claims", "proj_triage"):
        gateway.cli("plan", "classify", f"{name}-key_{'a' if name == 'proj_claims' else 'b'}", "--bucket", "boring", "--who", "Ada")
    pilot(gateway, tmp_path, "--margin-points", 20, "--sample", 40)
    (tmp_path / "cases.jsonl").write_text('{"id": "open", "request": {"operation": "chat"}, "expect": {"effect": "permit"}}\n')
    answers = (tmp_path / "days" / "answers.yaml").read_text()
    (tmp_path / "days" / "answers.yaml").write_text(answers.replace('""', '"said"'))
    gateway.cli("plan", "inventory", "--draft", tmp_path / "plan.yaml")
    after = start("--cases", tmp_path / "cases.jsonl")
    assert [p["done"] for p in after["phases"]] == [True, True, True], [c for p in after["phases"] for c in p["checks"] if not c["done"]]
    governance = (tmp_path / "days" / "governance.md").read_text()
    assert "restricted-home" in governance and "not answered" not in governance and {p.rsplit("/", 1)[1] for p in after["documents"]} == {"inventory.md", "pilot.md", "governance.md"}
