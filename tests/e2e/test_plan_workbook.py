"""The workbook's formulas, computed by LibreOffice: the same cents as the program's, also after an input was changed in the file."""

import csv
import json
import os
import pathlib
import re
import subprocess
import zipfile

import plan_model
from harness import BINARY, ROOT
from test_plan import EXAMPLE, GROWING, run

# Recalculate always, whatever program wrote the file.
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""


def computed(workbook, folder):
    """The sheet Summary as LibreOffice computes it: label to value."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS)
    subprocess.run(["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1", "--outdir", folder, workbook], check=True, capture_output=True, timeout=300,
                   env={"PATH": os.environ["PATH"], "HOME": str(folder)})
    (made,) = folder.glob(workbook.stem + "*.csv")
    rows = list(csv.reader(made.read_text().splitlines()))
    made.unlink()
    return {row[0]: row[1] for row in rows if len(row) > 1 and row[1]}


def changed(workbook, into, name, value):
    """A copy of the workbook in which one input has another value and no formula has a remembered result."""
    with zipfile.ZipFile(workbook) as old, zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as new:
        strings = re.findall(r"<si><t[^>]*>(.*?)</t></si>", old.read("xl/sharedStrings.xml").decode(), re.S)
        for item in old.namelist():
            text = old.read(item)
            if item == "xl/worksheets/sheet2.xml":
                (row,) = re.findall(rf'<c r="A(\d+)"[^>]*t="s"[^>]*><v>{strings.index(name)}</v>', text.decode())
                text, count = re.subn(rf'(<c r="C{row}"[^>]*><v>)[^<]*', rf"\g<1>{value}", text.decode())
                assert count == 1
                text = text.encode()
            elif item.startswith("xl/worksheets/"):
                text = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1<v>0</v>", text)
            new.writestr(item, text)


LABELS = {"Everything in the cloud, USD": "cloud_only_tco_usd", "Cloud and local together, USD": "hybrid_tco_usd", "Paid before the first month, USD": "investment_usd", "Net present value, USD": "npv_usd"}


def test_libreoffice_computes_the_same_cents(tmp_path):
    for name, text in (("growing", GROWING), ("example", (EXAMPLE / "plan.yaml").read_text())):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "plan.yaml").write_text(text)
        run("plan", "report", "--formats", "xlsx", "--draws", 1000, folder=folder)
        changed(folder / "report" / "report.xlsx", folder / "blank.xlsx", "volume_percent", "130" if name == "growing" else "100")
        sheet, told = computed(folder / "blank.xlsx", folder), json.loads(run("plan", "compare", "--json", folder=folder).stdout)
        for label, key in LABELS.items():
            assert plan_model.D(sheet[label].replace(",", "")) == round(plan_model.D(told[key]), 2), (name, label)


def test_a_changed_input_changes_the_workbook_as_it_changes_the_plan(tmp_path):
    text = (EXAMPLE / "plan.yaml").read_text()
    (tmp_path / "plan.yaml").write_text(text)
    run("plan", "report", "--formats", "xlsx", "--draws", 1000, folder=tmp_path)
    changed(tmp_path / "report" / "report.xlsx", tmp_path / "other.xlsx", "cluster.gpu-room.usd_per_kwh", "0.35")
    (tmp_path / "plan.yaml").write_text(text.replace("usd_per_kwh: {value: 0.22, low: 0.16, high: 0.33,", "usd_per_kwh: {value: 0.35, low: 0.16, high: 0.36,"))
    sheet, told = computed(tmp_path / "other.xlsx", tmp_path), json.loads(run("plan", "compare", "--json", folder=tmp_path).stdout)
    for label, key in LABELS.items():
        assert plan_model.D(sheet[label].replace(",", "")) == round(plan_model.D(told[key]), 2), label
