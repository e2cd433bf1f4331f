"""`oncall library`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import library_domains, library_import, out
from app.cli.errors import FINDING, CommandError, tell
from app.cli.options import Folder, FolderArgument, Json, Prefix, Servers, examples, settings_of

if TYPE_CHECKING:
    from app.model.library import Library
    from app.settings import Settings

CURRENT = "current"

app = typer.Typer(
    name="library",
    help="Put the library (runbooks, catalog, policies) in force, see which one is, and take over a catalog.",
    no_args_is_help=True,
    epilog=examples("oncall library publish ./runbooks", "oncall library show"),
)


@app.command(
    epilog=examples(
        "oncall library publish ./runbooks --dry-run",
        "oncall library publish ./runbooks",
    )
)
def publish(
    folder: FolderArgument = None,
    *,
    runbooks: Folder = None,
    sample: Annotated[
        bool,
        typer.Option(
            "--sample", help="The sample library that ships with us, also where another is in force."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    regroup: Annotated[
        bool,
        typer.Option(
            "--regroup", help="Propose anew which services share a domain, also where that is in force."
        ),
    ] = False,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Put the folder in force: all workers decide by it from the next message on. Running executions keep their page.

    A library with an error is not published. Its texts are acknowledged first, then it is named the current one. Services that
    say no system get the domain that they have in force, new ones that of what they depend on most closely.
    No folder named, it is the sample library, which never takes the place of another one unasked: only with --sample.
    """
    from app.connectors.kafka import Writer
    from app.library.compile import compile_library
    from app.library.folder import read_folder
    from app.library.published import domain_change, with_domains
    from app.library.topic import as_published, records_of
    from app.model.topics import LIBRARY

    named = _sample(folder or runbooks) if sample else folder or runbooks
    settings = settings_of(runbooks=named, bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    own = read_folder(settings.runbooks)
    compile_library(own)  # its mistakes are told before anything is asked of Kafka
    there = read_topic(settings)
    before = _files_in_force(there)
    files = with_domains(own, before, regroup=regroup)
    library = as_published(files, in_force(there))
    if there.get(CURRENT, library.hash) != library.hash:
        _refuse_unnamed(settings)
    changes, domains = _changes(there, files), domain_change(own, before, regroup=regroup)
    if not dry_run and there.get(CURRENT) != library.hash:
        full = f"{settings.topic_prefix}.{LIBRARY}"
        with Writer(settings.bootstrap_servers) as writer:
            for key, value in records_of(files, library.moved):
                if there.get(key) != value:
                    writer.send(full, key.encode(), value.encode())
            writer.flush()  # before it is named, every text of it is there
            writer.send(full, CURRENT.encode(), library.hash.encode())
    if as_json:
        facts = {"hash": library.hash, "was": there.get(CURRENT), "published": not dry_run}
        out.document({**facts, "changes": changes, "domains": library_domains.facts_of(domains)})
        return
    for path, what in changes.items():
        print(f"{what:8} {path}")
    library_domains.show(domains)
    verb = "would be" if dry_run else "is"
    told = Counter(changes.values())
    counts = [f"{told[what]} {what}" for what in ("new", "changed", "gone") if told[what]]
    tell(f"{library.hash[:12]} {verb} in force: {len(files)} files ({', '.join(counts) or 'none changed'})")


@app.command(epilog=examples("oncall library show", "oncall library show --json | jq -r '.files | keys[]'"))
def show(
    *,
    runbooks: Folder = None,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Show the library in force: its hash, its files, and how a folder differs from it. Exit code 1 if none is in force."""
    from app.library.folder import read_folder
    from app.library.published import with_domains

    settings = settings_of(runbooks=runbooks, bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    there = read_topic(settings)
    if CURRENT not in there:
        raise CommandError(
            "no library is in force yet; put one in force with `oncall library publish`", code=FINDING
        )
    files = manifest_of(there)
    changes = _changes(there, with_domains(read_folder(settings.runbooks), _files_in_force(there)))
    if as_json:
        folder = {"path": str(settings.runbooks), "changes": changes}
        out.document({"hash": there[CURRENT], "files": files, "folder": folder})
        return
    out.table(("file", "sha-256"), [(path, digest[:12]) for path, digest in sorted(files.items())])
    tell(f"{there[CURRENT]} is in force")
    if changes:
        told = [f"  {what:8} {path}" for path, what in changes.items()]
        tell("\n".join([f"{settings.runbooks} differs:", *told]))


app.command("import", epilog=library_import.EPILOG)(library_import.command)


def _sample(named: Path | None) -> Path:
    from app.resources import runbooks_dir

    if named is not None:
        raise CommandError(f"--sample is the folder that ships with us; leave out {named}, or --sample")
    return runbooks_dir()


def _refuse_unnamed(settings: Settings) -> None:
    """Refuse the sample library where nobody named it: it would take the place of one that somebody put in force."""
    if "runbooks" not in settings.model_fields_set:
        raise CommandError(
            "another library is in force, and no folder is named, so that the sample library would take its place;"
            " name your folder (`oncall library publish FOLDER`, or ONCALL_RUNBOOKS), or say --sample if it is meant",
            code=FINDING,
        )


def read_topic(settings: Settings) -> dict[str, str]:
    """Give the newest value of each key of the library topic."""
    import threading

    from app.cli.interrupt import until_interrupted
    from app.connectors.reading import End, Reader
    from app.model.topics import LIBRARY

    stop = threading.Event()
    newest: dict[str, str] = {}
    full = f"{settings.topic_prefix}.{LIBRARY}"
    with until_interrupted(stop), Reader(settings.bootstrap_servers, full, name=LIBRARY, stop=stop) as reader:
        for each in reader.existing():
            if not isinstance(each, End) and each.key is not None and each.value is not None:
                newest[each.key.decode(errors="replace")] = each.value.decode(errors="replace")
    return newest


def in_force(there: Mapping[str, str]) -> Library | None:
    """Give the library in force, of one that this release cannot read its moves alone; None if there is none."""
    from app.library.compile import LibraryError
    from app.library.topic import Shelf
    from app.model.library import Library

    shelf = Shelf()
    for key, value in there.items():
        shelf.add(key.encode(), value.encode())
    named = shelf.current_hash
    try:
        return shelf.get(named) if shelf.has(named) else None
    except LibraryError:
        return Library(named, moved=shelf.moves(named))


def manifest_of(there: Mapping[str, str]) -> dict[str, str]:
    """Give the files (path to SHA-256) of the library in force; empty if there is none."""
    import json

    text = there.get(there.get(CURRENT, ""))
    files = json.loads(text)["files"] if text else {}
    return {str(path): str(digest) for path, digest in files.items()}


def _files_in_force(there: Mapping[str, str]) -> dict[str, str]:
    """Give the files of the library in force, path to text; empty if there is none."""
    return {path: there[digest] for path, digest in manifest_of(there).items() if digest in there}


def _changes(there: Mapping[str, str], files: Mapping[str, str]) -> dict[str, str]:
    """Say of each path whether it is new, changed or gone beside the library in force."""
    import hashlib

    before = manifest_of(there)
    now = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in files.items()}
    told = {path: "new" if path not in before else "changed" for path in now if before.get(path) != now[path]}
    return dict(sorted((told | dict.fromkeys(before.keys() - now.keys(), "gone")).items()))
