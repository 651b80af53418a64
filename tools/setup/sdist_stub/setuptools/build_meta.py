"""The two hooks of PEP 517 that `pip download` calls; see the package's docstring for why."""

import os
import shutil
from email.parser import HeaderParser


def get_requires_for_build_wheel(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    with open("PKG-INFO", encoding="utf-8") as info:
        header = HeaderParser().parse(info)
    name = f"{header['Name'].replace('-', '_')}-{header['Version']}.dist-info"
    os.makedirs(os.path.join(metadata_directory, name))
    shutil.copy("PKG-INFO", os.path.join(metadata_directory, name, "METADATA"))
    return name
