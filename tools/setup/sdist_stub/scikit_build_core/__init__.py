"""The same stand-in as ../setuptools, for archives whose build backend is scikit-build-core."""
