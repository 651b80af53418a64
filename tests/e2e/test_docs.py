"""What the documentation says of itself and of the program: links that lead somewhere, commands that exist, examples that work when they are followed."""

import json
import pathlib
import re
import subprocess
import sys

import pytest

from conftest import POLICY, cloud_upstream
from harness import BINARY, Gateway

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = sorted(p for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md"), *ROOT.glob("starters/*.md"), *ROOT.glob("starters/*/README.md"), *ROOT.glob("tests/**/*.md")] if "node_modules" not in p.parts)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


def anchors(page):
    """As the field's renderers make them: lower case, spaces to hyphens, other signs gone."""
    heads = re.findall(r"^#+\s+(.*)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_somewhere(page):
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", page.read_text())):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        there = page if not path else (page.parent / path).resolve()
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            lost.append(target)
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_file_that_is_named_exists(page):
    named = re.findall(r"`((?:\./)?(?:src|tools|tests|bench|docs|starters|third_party)/[\w./*-]+)`", page.read_text())
    assert [name for name in named if not (list(ROOT.glob(name.rstrip("/"))) if "*" in name else (ROOT / name).exists())] == []


def help_of(*command):
    return subprocess.run([BINARY, *command, "--help"], capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_and_option_that_is_named_exists(page):
    """`demarc a b --c`: a and b are commands, --c is an option of the last one."""
    text = page.read_text()
    program = "demarc" if "starters" in page.parts else r"(?:\./run|demarc)"  # ./run of a starter is its own
    lines = re.findall(rf"`{program} ([^`\n]+)`", text) + re.findall(rf"^(?:\$ )?{program} ([^#\n]+)", text, re.M)
    wrong = []
    for line in lines:
        words = re.findall(r"[^\s|…]+", re.sub(r"\"[^\"]*\"|'[^']*'", "X", line))
        command = []
        while words and re.fullmatch(r"[a-z]+", words[0]) and len(command) < 2 and help_of(*command, words[0]).returncode == 0:
            command.append(words.pop(0))
        options = re.findall(r"(?<![\w-])--[a-z][a-z-]*", " ".join(words))
        known = help_of(*command).stdout
        wrong += [line for option in options if option not in known]
        if not command and not line.startswith(("-", "…", "CMD", "a ")):
            wrong.append(line)
    assert wrong == []


def code(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / page).read_text(), re.S | re.M)


def test_the_python_of_the_readme_is_answered(provider, ca):
    (example,) = code("README.md", "python")
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0], models=["echo"]), policy=POLICY) as gateway:
        assert "http://127.0.0.1:8400/v1" in example
        script = example.replace("127.0.0.1:8400", f"127.0.0.1:{gateway.port}").replace("client.chat", "print(client.chat").rstrip() + ".choices[0].message.content)\n"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
        assert done.stdout.strip() == "…", done.stderr


def test_the_first_policy_does_what_its_guide_says(provider, ca, tmp_path):
    config, policy = code("docs/guide/first-policy.md", "yaml")
    (tmp_path / "policy.yaml").write_text(policy)
    (tmp_path / "demarc.yaml").write_text(config.replace("policy: policy.yaml", f"policy: {tmp_path}/policy.yaml"))

    def explained(findings):
        done = subprocess.run([BINARY, "policy", "explain", "--json", "--config", tmp_path / "demarc.yaml", "--request", json.dumps({"operation": "chat", "findings": findings})],
                              capture_output=True, text=True, timeout=30, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "OPENAI_API_KEY": "sk-test-0123456789"})
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    open_question, address, card = (explained(findings) for findings in ({}, {"EMAIL_ADDRESS": 1}, {"CREDIT_CARD": 1}))
    chosen = [next(c for c in why["candidates"] if c["outcome"] == "chosen") for why in (open_question, address, card)]
    assert [(c["upstream"], c["requires"]) for c in chosen] == [("frontier", []), ("frontier", ["redact"]), ("chat-local", [])]
    assert [c["outcome"] for c in card["candidates"]] == ["chosen", "forbidden"]
