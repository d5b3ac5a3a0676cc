"""Clients that post as fast as they are answered, from a process of their own, and what they measured."""

import http.client
import json
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Measured:
    """Requests a second, and the median and 95th percentile of their latency in milliseconds."""

    rate: float
    p50: float
    p95: float
    failed: int
    first_failure: str


def measure(
    url: str,
    body: Callable[[int], dict[str, object]],
    headers: dict[str, str],
    *,
    clients: int = 8,
    seconds: float = 5.0,
) -> Measured:
    """Post `body(n)` to `url` from `clients` keep-alive connections for `seconds`."""
    latencies: list[list[float]] = [[] for _ in range(clients)]
    failures: list[str] = []
    until = time.perf_counter() + seconds

    def client(number: int) -> None:
        place = urlsplit(url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
        count = 0
        while time.perf_counter() < until:
            count += 1
            payload = json.dumps(body(number * 1_000_000 + count))
            begun = time.perf_counter()
            connection.request("POST", place.path, payload, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            content = answer.read()
            latencies[number].append((time.perf_counter() - begun) * 1000)
            if answer.status not in (200, 201):
                failures.append(f"{answer.status} {content[:300]!r}")

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = sorted(latency for one in latencies for latency in one)
    cuts = statistics.quantiles(everything, n=20)
    return Measured(
        len(everything) / (time.perf_counter() - begun),
        statistics.median(everything),
        cuts[18],
        len(failures),
        next(iter(failures), ""),
    )
