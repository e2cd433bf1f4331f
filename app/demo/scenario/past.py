"""What each page has earned before the hour: good runs in a row, two of which it takes to act alone."""

from __future__ import annotations

EARNED = 2

PAST = {
    "backup-missed": EARNED,
    "connections-exhausted": EARNED,
    "consumer-lag": EARNED,
    "disk-filling": EARNED,
    "dns-failures": EARNED,
    "edge-node-sick": EARNED,
    "high-error-rate": EARNED,
    "images-slow": EARNED,
    "latency-burn": EARNED,
    "mail-queue-stuck": EARNED,
    "memory-keeps-growing": EARNED,
    "pod-crash-looping": EARNED,
    "pod-unreachable": EARNED,
    "redis-down": EARNED,
    "reports-late": EARNED,
    "restart-workload": EARNED,
    "certificate-expiring": 1,
}
