"""What /metrics shows of the mirror."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

SENT = Counter("yida_mirror_events", "Events sent to endpoints of the mirror", ["endpoint", "outcome"])
UP = Gauge("yida_mirror_up", "0 where an endpoint is down, paused or gone", ["endpoint"])
RECEIVED = Counter("yida_mirror_received", "Webhooks that came in", ["source", "outcome"])
