"""The `oncall` command: one module a subcommand; what a command needs is imported when it runs."""

from __future__ import annotations


def main() -> None:
    """Run the command line: data on stdout, progress on stderr; exit codes 0 ok, 1 a negative finding, 2 usage or setting."""
    from app.cli.root import app

    app(prog_name="oncall")
