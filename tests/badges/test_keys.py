"""Key files: encrypted, private, made once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.badges import multikey
from server.badges.keys import KeyFolder


def test_a_key_is_made_once_and_found_again(tmp_path: Path) -> None:
    first, second = KeyFolder(tmp_path).open("o-1", 1), KeyFolder(tmp_path).open("o-1", 1)
    assert first.private_bytes_raw() == second.private_bytes_raw()
    assert KeyFolder(tmp_path).open("o-2", 1).private_bytes_raw() != first.private_bytes_raw()


def test_the_key_file_is_encrypted_and_ours_alone(tmp_path: Path) -> None:
    KeyFolder(tmp_path).open("o-1", 1)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert b"ENCRYPTED" in (tmp_path / "keys" / "o-1" / "key-1.pem").read_bytes()


def test_many_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: KeyFolder(tmp_path).open("o-1", 1), range(8)))
    assert len({key.private_bytes_raw() for key in keys}) == 1


def test_an_id_cannot_leave_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="organiser"):
        KeyFolder(tmp_path).open("../../etc", 1)


def test_other_kinds_of_key_are_refused() -> None:
    with pytest.raises(ValueError, match="Ed25519"):
        multikey.decode_key("zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP")
