"""Checks that a type's name stands once in its namespace, over the headers given: two types of one name are undefined behaviour that neither compiler
nor linker tells, and the copy constructor of one may serve the other.

    python3 tools/setup/one_name.py src/**/*.hpp

Reads the layout that clang-format gives: namespaces and their types begin at the line's begin."""
import collections
import pathlib
import re
import sys

NAMESPACE = re.compile(r"^namespace ([\w:]+) \{", re.M)
TYPE = re.compile(r"^(?:template <.*>\n?)?(?:struct|class|enum class|enum|union)(?: \w+\([^)]*\))? (\w+)(?: final)?(?: :[^;{]*)? \{", re.M)

places = collections.defaultdict(set)
for path in sys.argv[1:]:
    text = pathlib.Path(path).read_text()
    spaces = [(found.start(), found[1]) for found in NAMESPACE.finditer(text)]
    for found in TYPE.finditer(text):
        around = [name for start, name in spaces if start < found.start()]
        if around:
            places[f"{around[-1]}::{found[1]}"].add(path)

twice = {name: paths for name, paths in places.items() if len(paths) > 1}
for name, paths in sorted(twice.items()):
    print(f"{name} is two types: {', '.join(sorted(paths))}", file=sys.stderr)
sys.exit(1 if twice else 0)
