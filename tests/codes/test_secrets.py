"""No comparison of a secret takes a time that tells where it differs."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CODES = Path(__file__).parents[2] / "server/codes"
SECRET = {"secret", "mac", "typed", "folded", "proof", "fragment", "signature", "key", "digest", "shown"}
"""Names of what must not be compared with `==` or `in`."""
ALLOWED = {"Code.typed == folded"}
"""The database finds a static typed form by its index; `tokens.same` decides then."""


def _compared(node: ast.Compare) -> Iterator[str]:
    """Name the secrets that are compared as a whole; lengths, kinds and `is None` say nothing of them."""
    if all(isinstance(one, ast.Is | ast.IsNot) for one in node.ops):
        return
    for side in (node.left, *node.comparators):
        if isinstance(side, ast.Name | ast.Attribute):
            name = side.id if isinstance(side, ast.Name) else side.attr
            if name in SECRET:
                yield name
        if isinstance(side, ast.Call) and isinstance(side.func, ast.Attribute | ast.Name):
            name = side.func.attr if isinstance(side.func, ast.Attribute) else side.func.id
            if name in {"write", "typed_at", "commitment", "check_character", "digest", "hexdigest"}:
                yield name


def plain_comparisons(source: str) -> list[str]:
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Compare)]
    return [
        written for node in found if any(_compared(node)) and (written := ast.unparse(node)) not in ALLOWED
    ]


@pytest.mark.parametrize("path", sorted(CODES.glob("*.py")), ids=lambda path: path.name)
def test_secrets_are_compared_in_constant_time_only(path: Path) -> None:
    assert plain_comparisons(path.read_text()) == []


@pytest.mark.parametrize(
    "written", ["code.secret == secret", "write(key, point, step)[7:] != shown.mac", "typed in known"]
)
def test_a_plain_comparison_would_be_noticed(written: str) -> None:
    assert plain_comparisons(written) == [written]
