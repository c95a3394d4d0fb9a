"""What grows by settings alone: limits shared in Redis, files in a bucket."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import redis
from flask import Flask
from moto import mock_aws

from server.app import create_app
from server.config import Config
from server.core.errors import NotFound
from server.core.limits import limiter
from server.core.storage import open_storage
from tests.databases import free_port


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis server of this test's own."""
    port = free_port()
    command = [
        "redis-server",
        "--port",
        str(port),
        "--save",
        "",
        "--dir",
        str(tmp_path),
        "--bind",
        "127.0.0.1",
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    for _ in range(100):
        try:
            redis.Redis.from_url(url).ping()
            break
        except redis.ConnectionError:
            time.sleep(0.05)
    yield url
    server.terminate()
    server.wait()


def limited_app(instance: Path, redis_url: str) -> Flask:
    app = create_app(Config(instance=instance, redis_url=redis_url))
    app.add_url_rule("/limited", view_func=limiter.limit("2 per minute")(lambda: "yes"))
    return app


def test_two_servers_share_one_limit(tmp_path: Path, redis_url: str) -> None:
    first = limited_app(tmp_path / "a", redis_url).test_client()
    assert [first.get("/limited").status_code for _ in range(2)] == [200, 200]
    second = limited_app(tmp_path / "b", redis_url).test_client()
    answer = second.get("/limited")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_files_lie_in_a_bucket_when_one_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="city")
        files = open_storage(tmp_path, "city")
        files.put("media/a.svg", b"<svg/>")
        assert files.get("media/a.svg") == b"<svg/>"
        assert files.exists("media/a.svg")
        assert not files.exists("media/a")
        files.delete("media/a.svg")
        with pytest.raises(NotFound):
            files.get("media/a.svg")
    assert not list(tmp_path.iterdir())
