"""What became of every alert, by the topics `signals` and `dead-letters` as a stranger reads them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.fuzz import wire
from tests.fuzz.judge import BY_RULE, EITHER, INVALID, VALID, judge, labels_of

LEAST = 0.3
"""The least part that each class must be of all."""


@dataclass
class Account:
    """Holds what was sent against what came of it. Places are (partition, offset, index)."""

    sent: dict = field(default_factory=dict)
    signals: dict = field(default_factory=dict)
    letters: dict = field(default_factory=dict)
    identities: dict = field(default_factory=dict)
    """What alerts that say when they began are known by, to what they were known as."""
    faults: list = field(default_factory=list)
    figures: Counter = field(default_factory=Counter)

    def expect(self, partition, offset, value):
        """Note a message that was sent, and where it stands."""
        for verdict in judge(value):
            place = (partition, offset, verdict.index or 0)
            self.sent[place] = verdict

    def on_signals(self, value):
        """Note a message of `signals`, which is JSON."""
        for signal in json.loads(value)["signals"]:
            source = signal["source"]
            if source["topic"] == "alerts":
                self._once(self.signals, _place_of(source), signal)

    def on_letter(self, value):
        """Note a message of `dead-letters`."""
        letter = wire.read(value, "DeadLetter")[1]
        if letter["topic"] != "alerts":
            self._fault("other letters", letter, letter["detail"])
        elif letter["part"] == 1:
            self._once(self.letters, _place_of(letter), letter)

    @property
    def done(self):
        """How many alerts something has become of."""
        return len(self.signals) + len(self.letters)

    def close(self):
        """Hold all of it against all of it; give the figures."""
        for place, verdict in self.sent.items():
            self.figures[verdict.kind] += 1
            signal, letter = self.signals.get(place), self.letters.get(place)
            if (signal is None) == (letter is None):
                self._fault("lost" if signal is None else "twice", place, verdict.why)
            elif signal is not None:
                self._close_processed(place, verdict, signal)
            else:
                self._close_refused(place, verdict, letter)
        for place in (self.signals.keys() | self.letters.keys()) - self.sent.keys():
            self._fault("never sent", place, "")
        return self.figures

    def verdict(self):
        """Give what speaks against it, in words."""
        total = len(self.sent)
        told = [
            f"{name}: {self.figures[name]} of {total:,}, fewer than {LEAST:.0%}"
            for name in (VALID, INVALID)
            if self.figures[name] < LEAST * total
        ]
        return told + self.faults

    def _close_processed(self, place, verdict, signal):
        self.figures[f"{verdict.kind}, processed"] += 1
        if verdict.kind not in (VALID, EITHER):
            self._fault("processed, and must not be", place, verdict.why)
            return
        differs = _differs(verdict.alert, signal)
        if differs or not self._is_known_rightly(signal):
            self._fault("processed as another", place, differs or "identity")

    def _close_refused(self, place, verdict, letter):
        self.figures[f"{verdict.kind}, dead-lettered"] += 1
        self.figures[f"reason: {letter['reason']}"] += 1
        if verdict.kind == VALID:
            self._fault("refused, and must not be", place, f"{letter['field']}: {letter['detail']}")
        elif verdict.kind == BY_RULE and verdict.why != letter["reason"]:
            self._fault("refused for another reason", place, f"{letter['reason']} instead of {verdict.why}")
        elif (letter["index"] is None) != (verdict.index is None):
            self._fault("refused in another place", place, f"{letter['index']} instead of {verdict.index}")

    def _is_known_rightly(self, signal):
        """Equal (fingerprint, startsAt, status, endsAt), equal identity; and no two alike that are not."""
        alert = signal["body"]["alert"]
        if alert["startsAt"] is None:
            known_by = tuple(signal["source"].values())
        else:
            known_by = tuple(alert[name] for name in ("fingerprint", "startsAt", "status", "endsAt"))
        return (
            self.identities.setdefault(known_by, signal["identity"]) == signal["identity"]
            and self.identities.setdefault(signal["identity"], known_by) == known_by
        )

    def _once(self, there, place, said):
        if place in there:
            self._fault("twice", place, "")
        there[place] = said

    def _fault(self, name, place, why):
        self.figures[name] += 1
        if self.figures[name] <= 5:  # the first ones tell the rest
            self.faults.append(f"{name}: {place}: {why}")


def _place_of(source):
    return source["partition"], source["offset"], source["index"] or 0


def _differs(alert, signal):
    """Name what the signal says otherwise than the alert; empty if nothing."""
    said = signal["body"]["alert"]
    began = said["startsAt"] and datetime.fromisoformat(said["startsAt"])
    wanted = {
        "labels": labels_of(alert),
        "annotations": alert.get("annotations", {}),
        "generatorURL": alert.get("generatorURL", ""),
        "status": alert.get("status", said["status"]),
    }
    found = [name for name, value in wanted.items() if said[name] != value]
    return ", ".join([*found, *(["startsAt"] if began != _set(alert.get("startsAt")) else [])])


def _set(moment):
    """A moment to the millisecond; the year 1 is none."""
    if moment is None or moment.year == 1:
        return None
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)
