"""Where the public schemas and the sample library lie: inside an installed wheel, or atop the checkout."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def schemas_dir() -> Path:
    """The .avsc files of every topic value."""
    return _find("schemas")


def runbooks_dir() -> Path:
    """The sample library that ships with the product."""
    return _find("runbooks")


def _find(name: str) -> Path:
    packaged, checkout = _HERE / "_data" / name, _HERE.parent / name
    for folder in (packaged, checkout):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"{name}/ is missing: looked for {packaged} and {checkout}; reinstall oncall-runbooks or run from a whole checkout"
    )
