"""Stands in for the build backend while pip downloads a source archive.

`pip download` insists on asking an archive's build backend for the package's metadata, which would run that package's
setup code and fetch its build tools. We only want the archive itself, so this directory is put before the real
backends on PYTHONPATH and answers from the PKG-INFO file that every source archive carries.
"""
