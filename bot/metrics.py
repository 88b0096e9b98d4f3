"""What /metrics shows."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

TURNS = Counter("yida_turns", "Customer messages answered", ["channel", "handled_by"])
TURN_SECONDS = Histogram(
    "yida_turn_seconds",
    "Time to answer a customer message",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
DELIVERIES = Counter("yida_deliveries", "Words sent to channels", ["channel", "outcome"])
