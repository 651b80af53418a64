"""Runs clang-tidy on what has changed since it last found nothing.

usage: tidy.py BUILD_DIR STAMPS_DIR JOBS [SECONDS]

Programs are looked at, tests and benches are not: they cost as long again and ship nowhere. Looking at everything takes many minutes, and almost nothing
changes between two runs. So a file that passed leaves a stamp in STAMPS_DIR named after the digest of the file, the headers of this repository that its
object was compiled from (Ninja knows them), its command and .clang-tidy; another clone on this machine finds it there. With SECONDS no file is begun
after that long, and what is left for the next run is counted. Exit code: 0 nothing found, 1 something found.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
import time

TIDY = "clang-tidy-19"


def dependencies(build):
    """Object file → the files it was compiled from, as Ninja recorded them."""
    listing = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    found, current = {}, None
    for line in listing.splitlines():
        if line.startswith("    ") and current is not None:
            current.append(os.path.normpath(os.path.join(build, line.strip())))
        elif ": #deps" in line:
            current = found.setdefault(line.split(": #deps")[0], [])
    return found


def digest(entry, inputs, root, configs):
    h = hashlib.sha256()
    h.update(entry["command"].replace(root, "").encode())
    own = {os.path.realpath(p) for p in inputs}
    for path in sorted(p for p in own if p.startswith(root + os.sep)) + configs:
        h.update(os.path.relpath(path, root).encode())
        with open(path, "rb") as f:
            h.update(f.read())
    return h.hexdigest()


def main():
    build, stamps, jobs = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    end = time.monotonic() + float(sys.argv[4]) if len(sys.argv) > 4 else None
    root = os.path.realpath(os.getcwd())
    os.makedirs(stamps, exist_ok=True)
    configs = [os.path.join(root, ".clang-tidy")]
    deps = dependencies(build)
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        entries = [e for e in json.load(f) if os.path.realpath(e["file"]).startswith(root + "/src/") and not e["file"].endswith("_test.cpp")]

    todo = {}
    for entry in entries:
        # CMake 3.25 does not name the object in a field of its own.
        output = re.search(r" -o (\S+)", entry["command"])
        inputs = deps.get(output[1] if output else "", []) + [entry["file"]]
        stamp = os.path.join(stamps, digest(entry, inputs, root, configs))
        if not os.path.exists(stamp):
            todo[entry["file"]] = stamp
    print(f"clang-tidy: {len(entries)} files, {len(todo)} to look at", file=sys.stderr)

    def look(file):
        if end and time.monotonic() > end:
            return file, None, ""
        run = subprocess.run([TIDY, "--quiet", "--warnings-as-errors=*", "-p", build, file], capture_output=True, text=True)
        return file, run.returncode, run.stdout

    failed, left = [], 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for file, code, said in pool.map(look, sorted(todo, key=todo.get)):  # by digest: no file is always the last
            if code is None:
                left += 1
            elif code == 0:
                open(todo[file], "w").close()
            else:
                failed.append(file)
                print(said, file=sys.stderr)
    if left:
        print(f"clang-tidy: {left} files are left for the next run, or for ./test --all", file=sys.stderr)
    if failed:
        print("clang-tidy found something in:", *failed, sep="\n  ", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
