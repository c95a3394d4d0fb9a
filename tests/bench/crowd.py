"""Two hundred people who scan a poster in the same second, each on a phone of their own: how long the last wait."""

import json
import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from server.activities.models import Activity
from tests.bench.sync import Wire, newcomer, scan

PEOPLE, RUNS = 200, 3


@dataclass(frozen=True)
class Crowd:
    """The median run's 99th percentile in seconds, and whose scan did not come to count in any run."""

    p99: float
    lost: int


def measure(base_url: str, stops: Sequence[Activity]) -> Crowd:
    """Let a crowd in several times; nobody of them was here before."""
    runs = [_let_in(base_url, random.Random(number)) for number in range(RUNS)]
    times = sorted(sorted(took)[int(len(took) * 0.99)] for took, _ in runs)
    return Crowd(times[len(times) // 2], sum(lost for _, lost in runs))


def _let_in(base_url: str, chance: random.Random) -> tuple[list[float], int]:
    """Send one scan each, at a moment within one second; count those that are not there when asked for again."""
    wires = [Wire(base_url) for _ in range(PEOPLE)]
    requests = []
    for wire in wires:
        phone = newcomer(wire)
        scan(phone, 0)
        requests.append(wire.pack(*phone.pack(phone.outbox)))
    moments = [chance.random() for _ in wires]
    begin = threading.Barrier(PEOPLE)

    def send(wire: Wire, request: bytes, moment: float) -> float:
        begin.wait()
        time.sleep(moment)
        begun = time.perf_counter()
        wire.send(request)
        return time.perf_counter() - begun

    with ThreadPoolExecutor(PEOPLE) as pool:
        took = list(pool.map(send, wires, requests, moments))
    states = [json.loads(w.send(r))["results"][0] for w, r in zip(wires, requests, strict=True)]
    for wire in wires:
        wire.close()
    return took, sum((one["state"], one.get("verdict")) != ("dup", "ok") for one in states)
