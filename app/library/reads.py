"""What a CEL expression reads and calls, off its syntax tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lark import Token, Tree

Path = tuple[str, ...]
"""A name and the fields read of it, as far as they are literal: `("steps", "undo", "status")`."""
Node = Tree[Any] | Token

MACROS = ("exists_one", "exists", "all", "filter", "map")
"""What goes over a list."""


@dataclass(frozen=True)
class Comparison:
    """A path compared with literal texts: `==`, `!=` or `in`."""

    path: Path
    operator: str
    texts: tuple[str, ...]


@dataclass
class Reads:
    """All that one expression reads."""

    paths: list[Path] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    """Functions, methods and macros."""

    @property
    def names(self) -> set[str]:
        """The names at the beginning of the paths."""
        return {path[0] for path in self.paths}

    def steps(self, field_: str = "") -> set[str]:
        """Name the steps that are read; with a field: those of which it is read, or everything."""
        return {
            path[1]
            for path in self.paths
            if path[0] == "steps" and len(path) > 1 and (not field_ or path[2:3] in ((field_,), ()))
        }


def depth_of(tree: Tree[Any]) -> int:
    """Give how deep a tree is."""
    depth, level = 0, [tree]
    while level:
        depth += 1
        level = [child for node in level for child in node.children if isinstance(child, Tree)]
    return depth


def narrowed(context: Mapping[str, Any], paths: Iterable[Path]) -> dict[str, Any]:
    """Give of a context what the paths lead to: the rest costs time and is not looked at."""
    given: dict[str, Any] = {}
    literal = {path[: path.index("*")] if "*" in path else path for path in paths}
    for path in sorted(literal, key=len, reverse=True):  # what is read whole replaces its parts
        _copy(context, given, path)
    return given


def _copy(source: Mapping[str, Any], target: dict[str, Any], path: Path) -> None:
    for place, name in enumerate(path):
        if name not in source:
            return
        value, is_last = source[name], place == len(path) - 1
        if is_last or not isinstance(value, Mapping):
            target[name] = value
            return
        source, target = value, target.setdefault(name, {})


def reads_of(tree: Tree[Any]) -> Reads:
    """Give what an expression reads."""
    found = Reads()
    _walk(tree, frozenset(), found)
    return found


def _walk(node: Node, bound: frozenset[str], found: Reads) -> None:
    node = _bare(node)
    if isinstance(node, Token):
        return
    if (path := path_of(node)) is not None:
        if path[0] not in bound:
            found.paths.append(path)
        _walk_indexes(node, bound, found)
        return
    match node.data:
        case "member_dot_arg":
            _walk_call(node, bound, found)
        case "ident_arg" | "dot_ident_arg":
            found.calls.append(str(node.children[0]))
            _walk_all(node.children[1:], bound, found)
        case "relation":
            _note_comparison(node, bound, found)
            _walk_all(node.children, bound, found)
        case "member_object":
            found.calls.append("{")
            _walk_all(node.children, bound, found)
        case _:
            _walk_all(node.children, bound, found)


def _walk_all(nodes: list[Node], bound: frozenset[str], found: Reads) -> None:
    for each in nodes:
        _walk(each, bound, found)


def _walk_indexes(node: Node, bound: frozenset[str], found: Reads) -> None:
    """Go through what stands in brackets along a path."""
    while isinstance(node := _bare(node), Tree) and node.data in ("member_dot", "member_index"):
        if node.data == "member_index" and _text_of(node.children[1]) is None:
            _walk(node.children[1], bound, found)
        node = node.children[0]


def _walk_call(node: Tree[Any], bound: frozenset[str], found: Reads) -> None:
    target, name, *rest = node.children
    found.calls.append(str(name))
    _walk(target, bound, found)
    arguments = rest[0].children if rest and rest[0] is not None else []
    if str(name) in MACROS and arguments and (variable := path_of(arguments[0])) is not None:
        _walk_all(arguments[1:], bound | {variable[0]}, found)
    else:
        _walk_all(arguments, bound, found)


def path_of(node: Node) -> Path | None:
    """Give the path that a node is; an index that is no literal text ends it. None: the node is no path."""
    node = _bare(node)
    if isinstance(node, Token):
        return None
    if node.data in ("ident", "dot_ident"):
        return (str(node.children[0]),)
    if node.data not in ("member_dot", "member_index"):
        return None
    before = path_of(node.children[0])
    if before is None:
        return None
    if node.data == "member_dot":
        return (*before, str(node.children[1]))
    literal = _text_of(node.children[1])
    return (*before, literal if literal is not None else "*")


def _note_comparison(node: Tree[Any], bound: frozenset[str], found: Reads) -> None:
    if len(node.children) != 2 or not isinstance(node.children[0], Tree):  # noqa: PLR2004  # one side only
        return
    operator = {"relation_eq": "==", "relation_ne": "!=", "relation_in": "in"}.get(node.children[0].data)
    if operator is None:
        return
    left, right = node.children[0].children[0], node.children[1]
    for side, other in ((left, right), (right, left)):
        path = path_of(side)
        if path is not None and path[0] not in bound and (texts := _texts_of(other)) is not None:
            found.comparisons.append(Comparison(path, operator, texts))


def _texts_of(node: Node) -> tuple[str, ...] | None:
    """Give the literal text, or the texts of a literal list; None where it is neither."""
    if (text := _text_of(node)) is not None:
        return (text,)
    bare = _bare(node)
    if not isinstance(bare, Tree) or bare.data != "list_lit" or bare.children[0] is None:
        return None
    texts = [_text_of(each) for each in bare.children[0].children]
    return tuple(text for text in texts if text is not None) if None not in texts else None


def _text_of(node: Node) -> str | None:
    bare = _bare(node)
    if not isinstance(bare, Tree) or bare.data != "literal" or not isinstance(bare.children[0], Token):
        return None
    token = bare.children[0]
    return str(token)[1:-1] if token.type == "STRING_LIT" and "\\" not in token else None


def _bare(node: Node) -> Node:
    """Unwrap what holds nothing but one other node, brackets among it."""
    while (
        isinstance(node, Tree)
        and len(node.children) == 1
        and isinstance(node.children[0], Tree)
        and node.data not in ("list_lit", "map_lit", "exprlist", "mapinits")
    ):
        node = node.children[0]
    return node
