"""Rights as a table for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.stream.acls import Right, Role


def lines(roles: Iterable[Role]) -> Iterator[str]:
    """Give each role, what it is, and a line a right."""
    for role in roles:
        yield f"{role.name}: {role.what}"
        width = max(len(_name(right)) for right in role.rights)
        for right in role.rights:
            yield f"  {right.resource:<16}  {_name(right):<{width}}  {', '.join(right.operations)}"
        yield ""


def _name(right: Right) -> str:
    return f"{right.name}*" if right.is_prefix else right.name
