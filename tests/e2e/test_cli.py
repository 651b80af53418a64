"""The command line as its users meet it: help, JSON, exit codes, keys shown once, completion, and a doctor that names problem and remedy."""

import json
import os
import shutil
import socket
import subprocess

import pytest

from conftest import POLICY, cloud_upstream
from harness import BINARY, Gateway

COMMANDS = [
    "serve", "reload", "doctor", "status", "version", "ask", "transcribe", "parse", "batch", "batch run", "batch ls", "batch show", "batch output", "batch cancel", "files", "files ls", "files rm", "redact", "usage", "completion", "models", "models ls", "models pull", "models verify", "models lock",
    "models rm", "models check", "models advise", "models quantize", "bench", "bench engine", "bench context", "policy", "policy check", "policy test", "policy explain", "audit", "audit ls", "audit show", "audit export", "audit prove", "audit verify", "audit erase", "keys", "keys create", "keys ls",
    "keys revoke", "keys rotate",
    "embed", "classify", "classify train", "index", "complete",
    "plan", "plan import", "plan inventory", "plan classify", "plan size", "plan compare", "plan simulate", "plan report", "plan pilot", "plan start", "risk", "risk show", "risk stress", "risk watch", "risk register",
]


def run(*arguments, env=None, **more):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=60, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **(env or {})}, **more)


@pytest.fixture(scope="module")
def gateway(provider, ca):
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]), policy=POLICY) as gateway:
        yield gateway


# -- help and completion

@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_a_terminal_of_80_columns(command):
    done = run(*command.split(), "--help")
    assert done.returncode == 0 and "Usage:" in done.stdout and done.stderr == ""
    assert [line for line in done.stdout.splitlines() if len(line) > 80] == []


def listed(*command):
    """The commands that --help lists below a command."""
    lines = run(*command, "--help").stdout.split("Subcommands:\n")
    return [line.split()[0] for line in lines[1].split("\n\n")[0].splitlines() if line.startswith("  ") and line[2] != " "] if len(lines) > 1 else []


def test_the_list_of_commands_in_this_file_is_whole():
    top = listed()
    assert {*top, *(f"{name} {sub}" for name in top for sub in listed(name))} == set(COMMANDS)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_parses_in_its_shell(shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    assert subprocess.run([shell, "-n"], input=run("completion", shell).stdout, capture_output=True, text=True).stderr == ""


@pytest.mark.parametrize("typed,offered", [("demarc ver", ["version"]), ("demarc keys c", ["create"]), ("demarc usage --b", ["--by"]), ("demarc audit verify --vk", ["--vkey"])])
def test_bash_completes_what_is_typed(typed, offered):
    words = typed.split(" ")
    script = f'{run("completion", "bash").stdout}\nCOMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}; _demarc; printf "%s\\n" "${{COMPREPLY[@]}}"'
    assert subprocess.run(["bash", "-c", script], capture_output=True, text=True).stdout.split() == offered


# -- JSON on stdout, everything else on stderr

@pytest.mark.parametrize("command", ["status", "version", "usage", "audit ls", "audit show 0", "audit verify", "keys ls", "keys create --name json", "doctor", "models ls", "reload",
                                     "policy check", "policy explain --request {\"operation\":\"chat\"}"])
def test_json_is_one_object_on_stdout(gateway, command):
    assert isinstance(json.loads(gateway.cli(*command.split(), "--json", check=False).stdout), dict)


def test_ask_in_json_is_the_answer_and_its_receipt(gateway):
    told = json.loads(gateway.cli("ask", "-m", "echo", "hello there", "--json").stdout)
    assert told["answer"] == "hello there" and told["receipt"]["served_model"] == "echo"


def test_what_went_wrong_stands_on_stderr_and_stdout_stays_empty(gateway):
    done = gateway.cli("ask", "-m", "no-such-model", "x", "--json", check=False)
    assert done.stdout == "" and "no-such-model" in done.stderr


# -- exit codes

def test_exit_code_0_is_success(gateway):
    assert gateway.cli("ask", "-m", "echo", "x").returncode == 0


def test_exit_code_1_is_failure(gateway):
    assert gateway.cli("ask", "-m", "no-such-model", "x", check=False).returncode == 1


@pytest.mark.parametrize("arguments", [["nonsense"], ["ask"], ["usage", "--nonsense"], ["completion", "csh"], []])
def test_exit_code_2_is_wrong_usage(arguments):
    done = run(*arguments)
    assert done.returncode == 2 and done.stdout == "" and done.stderr != ""


def test_exit_code_3_is_denied_by_policy(gateway):
    done = gateway.cli("ask", "-m", "echo", "use key AKIAIOSFODNN7EXAMPLE", check=False)
    assert done.returncode == 3 and "policy" in done.stderr


@pytest.mark.parametrize("arguments", [["status"], ["reload"]])
def test_exit_code_4_is_unavailable_where_no_gateway_runs(tmp_path, arguments):
    done = run("--data", tmp_path, *arguments)
    assert done.returncode == 4 and "demarc serve" in done.stderr


def test_exit_code_4_is_unavailable_where_the_model_is_down(gateway):
    assert gateway.cli("ask", "-m", "status-500", "x", check=False).returncode == 4


def test_exit_code_4_is_unavailable_at_an_address_where_nobody_answers(tmp_path):
    with socket.socket() as closed:  # bound and not listening: nobody else gets the port meanwhile
        closed.bind(("127.0.0.1", 0))
        done = run("--data", tmp_path, "usage", env={"DEMARC_URL": f"http://127.0.0.1:{closed.getsockname()[1]}"})
    assert done.returncode == 4 and done.stderr != ""


def test_exit_code_5_is_a_log_that_does_not_verify(gateway, tmp_path):
    gateway.chat("x", model="echo")
    copy = tmp_path / "copy"
    shutil.copytree(gateway.data / "audit", copy)
    (tmp_path / "vkey").write_text("other.example+00000000+AAAA\n")
    assert run("audit", "verify", copy, "--vkey", tmp_path / "vkey").returncode == 5


# -- keys

def test_a_new_key_is_all_of_stdout_and_no_file_holds_its_secret(gateway):
    done = gateway.cli("keys", "create", "--name", "shown-once")
    secret, = done.stdout.split()
    assert secret.startswith("dmc_live_") and secret not in done.stderr
    half = secret.split("_")[-1].encode()
    assert [path for path in gateway.folder.rglob("*") if path.is_file() and half in path.read_bytes()] == []


def test_no_list_shows_a_keys_secret(gateway):
    secret = gateway.cli("keys", "create", "--name", "listed").stdout.strip()
    shown = gateway.cli("keys", "ls").stdout + gateway.cli("keys", "ls", "--json").stdout + gateway.cli("audit", "ls", "--json", "-n", "500").stdout
    assert "listed" in shown and secret.split("_")[-1] not in shown


def test_what_a_key_may_do_comes_from_its_scopes(gateway):
    secret = gateway.cli("keys", "create", "--name", "inference only").stdout.strip()
    headers = {"authorization": f"Bearer {secret}"}
    assert gateway.chat("x", model="echo", headers=headers).status == 200
    assert gateway.get("/admin/v1/keys", headers=headers).status == 403


def test_a_rotated_key_has_a_successor_and_stays_good_meanwhile(gateway):
    old = json.loads(gateway.cli("keys", "create", "--name", "r", "--team", "claims", "--json").stdout)
    new = json.loads(gateway.cli("keys", "rotate", old["id"], "--json").stdout)
    for secret in (old["secret"], new["secret"]):
        reply = gateway.chat("x", model="echo", headers={"authorization": f"Bearer {secret}"})
        assert gateway.receipt(reply)["caller"]["team"] == "claims"


# -- doctor

def doctor(folder, config, models=None, **files):
    """Its findings that are problems, for this configuration in an empty folder."""
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    (folder / "demarc.yaml").write_text(f"data: {folder}/data\n" + config)
    if models:
        (folder / "data").mkdir(mode=0o700)
        for name in ("models", "models.lock"):
            (folder / "data" / name).symlink_to(os.path.join(models, name))
    done = run("--config", folder / "demarc.yaml", "doctor", "--json")
    problems = [f for f in json.loads(done.stdout)["findings"] if f["verdict"] == "problem"]
    assert done.returncode == (1 if problems else 0)
    return problems


ENGINE = "upstreams:\n  - {name: chat-local, tier: local, engine: llama, model: qwen2.5-coder-0.5b-instruct, serves: [chat], context_tokens: 4096}\n"


def test_doctor_finds_nothing_wrong_where_all_is_well(gateway):
    assert gateway.cli("doctor").returncode == 0


def test_doctor_names_the_nearest_key_for_a_wrong_one(tmp_path):
    problem, = doctor(tmp_path, "upstream: []\n")
    assert "demarc.yaml:2:1: unknown key 'upstream'" in problem["what"] and "'upstreams'" in problem["what"] and "config.md" in problem["remedy"]


def test_doctor_names_a_port_that_another_process_holds(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        problems = doctor(tmp_path, f"listen: 127.0.0.1:{taken.getsockname()[1]}\nupstreams: [{{name: u, tier: local, base_url: \"http://127.0.0.1:1/v1\", models: [m], serves: [chat]}}]\n"
                          "policy: policy.yaml\n", policy_yaml="version: 1\nrules:\n  - {id: home, permit: local}\n")
        assert [p for p in problems if str(taken.getsockname()[1]) in p["what"] and "listen" in p["remedy"]]


def test_doctor_names_a_missing_models_lock_and_the_pull_that_mends_it(tmp_path):
    problem, = doctor(tmp_path, ENGINE + "policy: policy.yaml\n", policy_yaml="version: 1\nrules:\n  - {id: home, permit: local}\n")
    assert "models.lock" in problem["what"] and "demarc models pull" in problem["remedy"]


def test_doctor_names_a_model_whose_bytes_are_not_there(tmp_path, models):
    (tmp_path / "data").mkdir(mode=0o700)
    shutil.copy(os.path.join(models, "models.lock"), tmp_path / "data" / "models.lock")
    problem, = doctor(tmp_path, ENGINE + "policy: policy.yaml\n", policy_yaml="version: 1\nrules:\n  - {id: home, permit: local}\n")
    assert "qwen2.5-coder-0.5b-instruct" in problem["what"] and "demarc models pull" in problem["remedy"]


def test_doctor_names_a_policy_that_is_wrong_by_file_and_line(tmp_path):
    problems = doctor(tmp_path, ENGINE + "policy: policy.yaml\n", policy_yaml="version: 1\nrules:\n  - {id: a, permt: local}\n")
    assert [p for p in problems if "policy.yaml:3:" in p["what"] and '"permit"' in p["what"]]
