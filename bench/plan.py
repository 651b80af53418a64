#!/usr/bin/env python3
"""How long Monte Carlo over a plan takes, and how fast exports are imported.

    bench/plan.py [--binary build/release/demarc] [--workloads 10] [--megabytes 200]

Prints one table: 100,000 draws × 36 months × all workloads (best of five, inside the process and with its start), and a synthetic request log in LiteLLM's
columns (rows a second, MiB a second, memory at the most).
"""

import argparse
import json
import pathlib
import resource
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]


def plan_of(workloads):
    lines = ["workloads:"]
    for i in range(workloads):
        local = ", local: {cluster: room, rework_percent: {value: 1, low: 0, high: 4}, usd_per_rework: 0.02}" if i % 2 == 0 else ""
        lines.append(f"  - {{name: w{i}, requests_per_month: {{value: {100000 * (i + 1)}, low: {60000 * (i + 1)}, high: {170000 * (i + 1)}}}, growth_percent_per_year: {{value: 10, low: -10, high: 40}}, "
                     f"tokens: {{input: {{value: 2000, low: 1500, high: 3000}}, output: 200}}, cloud: {{usd_per_million: {{input: 2, output: 8}}, price_change_percent_per_year: {{value: -10, low: -50, high: 5}}}}{local}}}")
    lines += ["clusters:", "  - {name: room, capacity_requests_per_s: {value: 8, low: 5, high: 10}, usd_per_node: {value: 40000, low: 30000, high: 52000}, watts_idle: 200, watts_peak: 900, "
              "usd_per_kwh: {value: 0.2, low: 0.15, high: 0.35}, engineer: {share: {value: 0.4, low: 0.2, high: 1}}, outage: {percent_per_month: 3, hours: 8}}"]
    return "\n".join(lines) + "\n"


def processor_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def simulate(binary, folder, workloads):
    (folder / "plan.yaml").write_text(plan_of(workloads))
    inside, whole, used = [], [], []
    for _ in range(5):
        began, before = time.monotonic(), processor_s()
        told = json.loads(subprocess.run([binary, "plan", "simulate", folder / "plan.yaml", "--json"], check=True, capture_output=True, text=True).stdout)
        whole.append(time.monotonic() - began)
        used.append(processor_s() - before)
        inside.append(told["simulation"]["seconds"])
    return told["simulation"], min(inside), min(whole), min(used)


def imported(binary, folder, megabytes):
    log = folder / "spend.csv"
    with log.open("w") as file:
        file.write("request_id,api_key,spend,prompt_tokens,completion_tokens,startTime,endTime,model,custom_llm_provider,team_id,request_tags,status\n")
        rows = 0
        while file.tell() < megabytes << 20:
            file.writelines(f"req-{rows + i},88dc28{(rows + i) % 7},0.00123,{1000 + i},{100 + i % 50},2026-03-{1 + (rows + i) // 40000 % 28:02d} 09:{i // 60 % 60:02d}:{i % 60:02d}.123,2026-03-{1 + (rows + i) // 40000 % 28:02d} 10:00:00,gpt-4.1-mini,openai,claims,triage,success\n"
                            for i in range(1000))
            rows += 1000
    size = log.stat().st_size
    began, before = time.monotonic(), processor_s()
    subprocess.run([binary, "plan", "import", log, "--data", folder / "data"], check=True, capture_output=True)
    return rows, size, time.monotonic() - began, processor_s() - before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build" / "release" / "demarc")
    parser.add_argument("--workloads", type=int, default=10)
    parser.add_argument("--megabytes", type=int, default=200)
    order = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        told, inside, whole, used = simulate(order.binary.resolve(), folder, order.workloads)
        print("| what | figure |\n| --- | --- |")
        print(f"| {told['draws']} draws × 36 months × {order.workloads} workloads, {told['drawn_inputs']} uncertain inputs, {told['instructions']} instructions a draw | {inside:.3f} s |")
        print(f"| the command `plan simulate` with tornado and break-even | {whole:.2f} s, {used:.2f} s of processor time |")
        rows, size, seconds, used, memory = imported(order.binary.resolve(), folder, order.megabytes)
        print(f"| import of {size >> 20} MiB of request log, {rows} rows | {seconds:.1f} s ({used:.1f} s of processor time), {rows / seconds:,.0f} rows/s, {size / seconds / (1 << 20):.0f} MiB/s, at most {memory:.0f} MiB of memory |")


if __name__ == "__main__":
    main()
