"""Opens a file in Vim with private code completion (Ctrl-L), or without a screen fills in the sample and shows what was added.

    ./run FILE      in Vim
    ./run           shop.py, where its line ends with `sum(`
"""
import difflib
import pathlib
import subprocess
import sys

VIM = ["vim", "-N", "-u", "NONE", "-S", "demarc.vim"]


def main():
    if len(sys.argv) > 1:
        return subprocess.run([*VIM, *sys.argv[1:]]).returncode
    before, copy = pathlib.Path("shop.py").read_text(encoding="utf-8"), pathlib.Path("data/shop.py")
    copy.write_text(before, encoding="utf-8")
    done = subprocess.run([*VIM, "-es", "-c", "call search('sum($')", "-c", 'execute "normal A\\<C-l>"', "-c", "wq", copy], capture_output=True, text=True)
    print("".join(difflib.unified_diff(before.splitlines(True), copy.read_text(encoding="utf-8").splitlines(True), "shop.py", "shop.py with Ctrl-L", n=2)), done.stdout + done.stderr, sep="")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
