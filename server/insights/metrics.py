"""What an operator watches, in Prometheus' words: read from the database at each look, so all workers say the same."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from server.accounts.models import Device
from server.badges.models import Award
from server.replicas.chains import broken_chains
from server.replicas.effects import EFFECTS
from server.replicas.models import HOLD, IN_CHAIN, Blob, Event, FeedRow

DAY = timedelta(days=1)
HOLES_SINCE = timedelta(days=30)
"""Holes of phones that were not heard of for longer are no alarm: nobody can fill them."""


def exposition(session: Session, at: datetime) -> bytes:
    """Write all metrics in the text format."""
    registry = CollectorRegistry()
    registry.register(_Metrics(session, at))
    return generate_latest(registry)


@dataclass(frozen=True)
class _Metrics(Collector):
    session: Session
    at: datetime

    def describe(self) -> Iterable[Metric]:
        """Say nothing beforehand: registering must not read the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        yield self._build()
        yield self._decided()
        yield from self._holds()
        yield from self._devices()
        yield from self._chains()
        yield from self._blobs()
        rows = self.session.scalar(select(func.count()).select_from(FeedRow))
        yield GaugeMetricFamily("streetwise_feed_rows", "Rows that feeds hold.", rows)
        awards = self.session.scalar(select(func.count()).select_from(Award))
        yield CounterMetricFamily("streetwise_awards", "Badges awarded, revoked ones too.", awards)

    def _build(self) -> Metric:
        database = self.session.get_bind().dialect.name
        build = {"version": version("streetwise"), "database": database}
        return InfoMetricFamily("streetwise_build", "What runs here.", build)

    def _decided(self) -> Metric:
        """Verdicts never change and events stay for ever, so this only grows. A phone may call an event anything."""
        family = CounterMetricFamily(
            "streetwise_events", "Events decided for good.", labels=("state", "type")
        )
        query = select(Event.state, Event.type, func.count()).group_by(Event.state, Event.type)
        found: Counter[tuple[str, str]] = Counter()
        for state, type, number in self.session.execute(query.where(Event.state.in_(("ok", "rejected")))):
            found[state, type if type in EFFECTS else "other"] += number
        for labels, number in found.items():
            family.add_metric(labels, number)
        return family

    def _holds(self) -> Iterator[Metric]:
        number = GaugeMetricFamily("streetwise_holds", "Events on hold.", labels=("reason",))
        age = GaugeMetricFamily(
            "streetwise_oldest_hold_age_seconds", "How long the oldest one waits.", labels=("reason",)
        )
        query = select(Event.why, func.count(), func.min(Event.received_at)).where(Event.state == HOLD)
        for reason, count, oldest in self.session.execute(query.group_by(Event.why)):
            number.add_metric((reason,), count)
            age.add_metric((reason,), max(0.0, (self.at - oldest).total_seconds()))
        yield number
        yield age

    def _devices(self) -> Iterator[Metric]:
        lately = func.count(case((Device.seen_at > self.at - DAY, 1)))
        everyone, seen = self.session.execute(select(func.count(), lately).select_from(Device)).one()
        yield GaugeMetricFamily("streetwise_devices", "Devices that ever said hello.", everyone)
        yield GaugeMetricFamily("streetwise_devices_seen_last_day", "Devices heard of in 24 hours.", seen)

    def _chains(self) -> Iterator[Metric]:
        """Only chains whose length is not their last number are looked at closely."""
        suspects = (
            select(Device.id)
            .join(Event, Event.device_id == Device.id)
            .where(Device.seen_at > self.at - HOLES_SINCE, IN_CHAIN)
            .group_by(Device.id)
            .having(func.count() != func.max(Event.seq))
        )
        chains = broken_chains(self.session, suspects).values()
        holed, lost = sum(bool(one.holes) for one in chains), sum(one.lost_count for one in chains)
        lately = "of devices heard of in 30 days"
        yield GaugeMetricFamily("streetwise_devices_with_holes", f"Chains with holes, {lately}.", holed)
        yield GaugeMetricFamily("streetwise_events_lost", f"Events declared lost, {lately}.", lost)

    def _blobs(self) -> Iterator[Metric]:
        labels = ("state",)
        number = GaugeMetricFamily(
            "streetwise_blobs", "Evidence files, by whether they are whole.", labels=labels
        )
        size = GaugeMetricFamily("streetwise_blob_bytes", "Bytes of these that are here.", labels=labels)
        whole = Blob.complete_at.is_not(None)
        query = select(func.count(), func.coalesce(func.sum(Blob.received), 0))
        for state, condition in (("waiting", ~whole), ("whole", whole)):
            count, held = self.session.execute(query.where(condition)).one()
            number.add_metric((state,), count)
            size.add_metric((state,), held)
        yield number
        yield size
