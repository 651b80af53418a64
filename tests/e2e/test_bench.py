"""Each part of bench/gateway.py still runs and gives figures. What they are is no matter of a test: docs/measured.md holds those that count."""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_every_part_of_the_gateway_bench_gives_its_figures(tmp_path):
    command = [sys.executable, ROOT / "bench" / "gateway.py", "--build", os.environ["DEMARC_BUILD"], "--seconds", "1", "--rounds", "1", "--connections", "16", "--json", tmp_path / "rows.json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    said = {row["what"] for row in json.loads((tmp_path / "rows.json").read_text())}
    assert {"all on, CPU : nginx", "+ records", "all on, restoring: CPU per event", "1,000 streams, each", "64 writers", "exec to ready"} <= said
