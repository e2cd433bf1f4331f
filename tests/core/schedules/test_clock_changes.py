"""Who is on call around the changes of clocks: each case worked out by hand, and why.

The clocks of 2026, by which the reasoning goes (Z is UTC):

  Europe/Berlin       29 Mar 02:00 CET  -> 03:00 CEST at 01:00Z         25 Oct 03:00 CEST -> 02:00 CET at 01:00Z
  America/New_York     8 Mar 02:00 EST  -> 03:00 EDT  at 07:00Z          1 Nov 02:00 EDT  -> 01:00 EST at 06:00Z
  America/Chicago      8 Mar 02:00 CST  -> 03:00 CDT  at 08:00Z          1 Nov 02:00 CDT  -> 01:00 CST at 07:00Z
  Australia/Lord_Howe  4 Oct 02:00 +1030 -> 02:30 +11 at 3 Oct 15:30Z    5 Apr 02:00 +11  -> 01:30 +1030 at 4 Apr 15:00Z
  Africa/Casablanca   15 Feb 03:00 +01  -> 02:00 +00  at 02:00Z         22 Mar 02:00 +00  -> 03:00 +01 at 02:00Z (Ramadan is between)
  Asia/Kolkata        +0530 all year

One rule is behind all of it: a local time means the first moment at which the clock shows it or a later one.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from app.core.schedules.final import on_call, shifts
from tests.core.schedules.rotas import library_of

SCHEDULES = """
schedules:
  berlin-weekly:
    timezone: Europe/Berlin
    layers: [{people: [ann, bob, cai], rotation: weekly, start: 2026-01-05T09:00:00}]
  berlin-daily:
    timezone: Europe/Berlin
    layers: [{people: [ann, bob, cai], rotation: daily, start: 2026-03-26T02:30:00}]
  berlin-daily-autumn:
    timezone: Europe/Berlin
    layers: [{people: [ann, bob, cai], rotation: daily, start: 2026-10-23T02:30:00}]
  berlin-hourly:
    timezone: Europe/Berlin
    layers: [{people: [ann, bob], rotation: hourly, every: 12, start: 2026-03-28T08:00:00}]
  berlin-custom:
    timezone: Europe/Berlin
    layers: [{people: [ann, bob], rotation: custom, lengths: [12h, 12h], start: 2026-03-28T08:00:00}]
  berlin-weekend:
    timezone: Europe/Berlin
    layers:
      - {people: [ann], start: 2026-01-05T09:00:00}
      - {people: [bob], start: 2026-01-05T09:00:00, only: ["fri 17:00 - mon 09:00"]}
  berlin-small-hours:
    timezone: Europe/Berlin
    layers:
      - {people: [ann], start: 2026-01-05T09:00:00}
      - {people: [bob], start: 2026-01-05T09:00:00, only: ["02:30-04:00"]}
  berlin-days-off:
    timezone: Europe/Berlin
    layers: [{people: [ann, bob], rotation: weekly, start: 2026-01-05T09:00:00}]
    overrides:
      - {person: cai, days: 2026-03-29}
      - {person: cai, start: 2026-10-25T02:00:00, end: 2026-10-25T03:00:00}
  berlin-absent:
    timezone: Europe/Berlin
    layers: [{people: [eli, dee], rotation: weekly, start: 2026-01-05T09:00:00}]
  berlin-and-kolkata:
    timezone: Europe/Berlin
    layers:
      - {people: [ann], start: 2026-01-05T09:00:00}
      - {people: [kim], start: 2026-01-05T09:00:00, timezone: Asia/Kolkata, only: ["09:00-17:00"]}
  new-york-weekly:
    timezone: America/New_York
    layers: [{people: [dee, eli], rotation: weekly, start: 2026-02-27T17:00:00}]
  new-york-daily:
    timezone: America/New_York
    layers: [{people: [dee, eli], rotation: daily, start: 2026-10-30T01:30:00}]
  new-york-monthly:
    timezone: America/New_York
    layers: [{people: [dee, eli, fay], rotation: monthly, start: 2026-01-31T08:00:00}]
  chicago-nights:
    timezone: America/Chicago
    layers:
      - {people: [fay], start: 2026-01-05T09:00:00}
      - {people: [gus, hal], rotation: daily, start: 2026-03-06T12:00:00, only: ["22:00-06:00"]}
  chicago-small-hours:
    timezone: America/Chicago
    layers:
      - {people: [fay], start: 2026-01-05T09:00:00}
      - {people: [gus], start: 2026-01-05T09:00:00, only: ["02:30-04:00"]}
      - {people: [hal], start: 2026-01-05T09:00:00, only: ["01:00-02:00"]}
  chicago-skipped:
    timezone: America/Chicago
    layers:
      - {people: [fay], start: 2026-01-05T09:00:00}
      - {people: [gus], start: 2026-01-05T09:00:00, only: ["02:00-03:00"]}
  chicago-monthly:
    timezone: America/Chicago
    layers: [{people: [fay, gus, hal], rotation: monthly, start: 2026-01-08T02:30:00}]
  lord-howe-daily:
    timezone: Australia/Lord_Howe
    layers: [{people: [ivy, jon], rotation: daily, start: 2026-10-02T02:15:00}]
  lord-howe-daily-autumn:
    timezone: Australia/Lord_Howe
    layers: [{people: [ivy, jon], rotation: daily, start: 2026-04-03T01:45:00}]
  lord-howe-weekly:
    timezone: Australia/Lord_Howe
    layers: [{people: [ivy, jon], rotation: weekly, start: 2026-09-28T09:00:00}]
  lord-howe-hourly:
    timezone: Australia/Lord_Howe
    layers: [{people: [ivy, jon], rotation: hourly, every: 6, start: 2026-04-04T20:00:00}]
  kolkata-daily:
    timezone: Asia/Kolkata
    layers: [{people: [kim, lal], rotation: daily, start: 2026-03-27T02:30:00}]
  kolkata-hourly:
    timezone: Asia/Kolkata
    layers: [{people: [kim, lal], rotation: hourly, every: 12, start: 2026-03-28T08:00:00}]
  casablanca-daily:
    timezone: Africa/Casablanca
    layers: [{people: [mia, nor], rotation: daily, start: 2026-02-13T02:30:00}]
  casablanca-daily-after:
    timezone: Africa/Casablanca
    layers: [{people: [mia, nor], rotation: daily, start: 2026-03-20T02:30:00}]
  casablanca-weekly:
    timezone: Africa/Casablanca
    layers: [{people: [mia, nor], rotation: weekly, start: 2026-02-09T09:00:00}]
absences:
  - {person: dee, days: 2026-10-25, timezone: Europe/Berlin}
"""
LIBRARY = library_of(SCHEDULES)

CASES = [
    # Europe/Berlin, weekly on Monday 09:00: ann on 5 Jan, so cai on 23 Mar (week 11 = 2 mod 3), ann on 30 Mar (week 12).
    ("berlin-weekly", "2026-03-29T03:30:00+02:00", "cai", "half an hour after the jump week 11 still runs"),
    ("berlin-weekly", "2026-03-30T08:59:59+02:00", "cai", "08:59 CEST is 06:59Z; the handoff is at 09:00 CEST = 07:00Z"),
    ("berlin-weekly", "2026-03-30T09:00:00+02:00", "ann", "09:00 on the wall, though it is 167 h after the last handoff"),
    ("berlin-weekly", "2026-10-26T08:59:59+01:00", "cai", "week 41 = 2 mod 3; by summer time it would be 09:59, but it is not"),
    ("berlin-weekly", "2026-10-26T09:00:00+01:00", "ann", "week 42 = 0 mod 3 begins at 09:00 CET = 08:00Z, 169 h after the last"),
    # Daily at 02:30, a time that 29 Mar does not have: 26 ann, 27 bob, 28 cai, 29 ann, 30 bob.
    ("berlin-daily", "2026-03-29T01:59:59+01:00", "cai", "02:30 is not shown yet, nor anything later"),
    ("berlin-daily", "2026-03-29T03:00:00+02:00", "ann", "at the jump the clock shows 03:00, which is later than 02:30"),
    ("berlin-daily", "2026-03-29T03:29:59+02:00", "ann", "the handoff is at the jump, not as long after it as 02:30 is after 02:00"),
    ("berlin-daily", "2026-03-30T02:29:59+02:00", "ann", "her shift ends at 02:30 CEST; it lasted 23 h 30 min"),
    ("berlin-daily", "2026-03-30T02:30:00+02:00", "bob", "the rhythm on the wall goes on: a skipped time moves no later one"),
    # Daily at 02:30, a time that 25 Oct has twice: 23 ann, 24 bob, 25 cai, 26 ann.
    ("berlin-daily-autumn", "2026-10-25T02:29:59+02:00", "bob", "a second before the first 02:30"),
    ("berlin-daily-autumn", "2026-10-25T02:30:00+02:00", "cai", "of two the first counts: 00:30Z"),
    ("berlin-daily-autumn", "2026-10-25T02:15:00+01:00", "cai", "the clock shows 02:15 again, but cai has taken over 45 min ago"),
    ("berlin-daily-autumn", "2026-10-25T02:30:00+01:00", "cai", "the second 02:30 is no second handoff"),
    ("berlin-daily-autumn", "2026-10-26T02:29:59+01:00", "cai", "her shift lasts 25 h"),
    ("berlin-daily-autumn", "2026-10-26T02:30:00+01:00", "ann", "02:30 CET = 01:30Z"),
    # Every 12 hours from 28 Mar 08:00 CET = 07:00Z: ann; 19:00Z bob; 29 Mar 07:00Z = 09:00 CEST ann. Hours are real hours.
    ("berlin-hourly", "2026-03-28T20:00:00+01:00", "bob", "12 h after 08:00, no change between"),
    ("berlin-hourly", "2026-03-29T08:30:00+02:00", "bob", "only 11 h 30 min after 20:00 CET: the clock went one hour ahead"),
    ("berlin-hourly", "2026-03-29T09:00:00+02:00", "ann", "12 real hours after 20:00 CET"),
    # Shifts of 12h by the wall from 28 Mar 08:00: ann, 20:00 bob, 29 Mar 08:00 ann.
    ("berlin-custom", "2026-03-29T07:59:59+02:00", "bob", "a second before 08:00 on the wall"),
    ("berlin-custom", "2026-03-29T08:00:00+02:00", "ann", "custom shifts keep to the wall: bob's lasted 11 real hours"),
    # A weekend from Friday 17:00 to Monday 09:00, over both changes.
    ("berlin-weekend", "2026-03-27T16:59:59+01:00", "ann", "the weekend begins at 17:00"),
    ("berlin-weekend", "2026-03-30T08:59:59+02:00", "bob", "it ends at 09:00 CEST = 07:00Z, 63 h after it began: 64 on the wall, less one"),
    ("berlin-weekend", "2026-03-30T09:00:00+02:00", "ann", "09:00 itself is no longer weekend"),
    ("berlin-weekend", "2026-10-26T08:59:59+01:00", "bob", "65 h after Friday 17:00 CEST, less a second"),
    ("berlin-weekend", "2026-10-26T09:00:00+01:00", "ann", "09:00 CET = 08:00Z"),
    # A time of the week that begins at 02:30, which 25 Oct has twice.
    ("berlin-small-hours", "2026-10-25T02:29:59+02:00", "ann", "a second before the first 02:30"),
    ("berlin-small-hours", "2026-10-25T02:15:00+01:00", "bob", "the clock shows 02:15 again, but his time has begun 45 min ago"),
    ("berlin-small-hours", "2026-10-25T04:00:00+01:00", "ann", "04:00 CET = 03:00Z, 2 h 30 min after it began"),
    # Whole days over a change; bob has week 11 (23 Mar), bob has week 41 (19 Oct) as well: both odd.
    ("berlin-days-off", "2026-03-28T23:59:59+01:00", "bob", "29 March begins at 00:00 CET = 28 Mar 23:00Z"),
    ("berlin-days-off", "2026-03-29T00:00:00+01:00", "cai", "the whole day is cai's"),
    ("berlin-days-off", "2026-03-29T23:59:59+02:00", "cai", "a day of 23 h, which ends at 00:00 CEST = 22:00Z"),
    ("berlin-days-off", "2026-03-30T00:00:00+02:00", "bob", "the day is over; 24 h after its beginning would be 01:00 CEST"),
    ("berlin-days-off", "2026-10-25T02:59:59+02:00", "cai", "from the first 02:00 (00:00Z)"),
    ("berlin-days-off", "2026-10-25T02:30:00+01:00", "cai", "03:00 comes once, at 02:00Z: the override lasts two hours"),
    ("berlin-days-off", "2026-10-25T03:00:00+01:00", "bob", "03:00 CET = 02:00Z"),
    # An absence of the day with 25 hours: week 41 (19 Oct) is odd, so dee's; eli stands in while she is away.
    ("berlin-absent", "2026-10-24T23:59:59+02:00", "dee", "she leaves at midnight, 22:00Z"),
    ("berlin-absent", "2026-10-25T00:00:00+02:00", "eli", "the next of the rotation stands in"),
    ("berlin-absent", "2026-10-25T23:59:59+01:00", "eli", "for 25 h: the day ends at 00:00 CET = 23:00Z"),
    ("berlin-absent", "2026-10-26T00:00:00+01:00", "dee", "she is back, and the week is hers until 09:00"),
    ("berlin-absent", "2026-10-26T09:00:00+01:00", "eli", "week 42: standing in moved no turn"),
    # Kolkata's 09:00-17:00 (03:30Z-11:30Z) over a Berlin base: the layer keeps to its own clock.
    ("berlin-and-kolkata", "2026-03-28T04:30:00+01:00", "kim", "03:30Z = 09:00 in Kolkata"),
    ("berlin-and-kolkata", "2026-03-29T04:30:00+02:00", "ann", "02:30Z = 08:00 in Kolkata, where no clock was changed"),
    ("berlin-and-kolkata", "2026-03-29T05:30:00+02:00", "kim", "03:30Z = 09:00 in Kolkata, an hour later in Berlin than the day before"),
    ("berlin-and-kolkata", "2026-03-29T13:30:00+02:00", "ann", "11:30Z = 17:00 in Kolkata"),
    # America/New_York, weekly on Friday 17:00: 27 Feb dee, 6 Mar eli, 13 Mar dee.
    ("new-york-weekly", "2026-03-08T03:00:00-04:00", "eli", "the jump is in the middle of his week"),
    ("new-york-weekly", "2026-03-13T16:59:59-04:00", "eli", "20:59:59Z: still before 17:00 EDT"),
    ("new-york-weekly", "2026-03-13T17:00:00-04:00", "dee", "17:00 EDT = 21:00Z, not 22:00Z as it was in winter"),
    # Daily at 01:30, a time that 1 Nov has twice: 30 Oct dee, 31 eli, 1 Nov dee, 2 eli.
    ("new-york-daily", "2026-11-01T01:29:59-04:00", "eli", "a second before the first 01:30"),
    ("new-york-daily", "2026-11-01T01:30:00-04:00", "dee", "the first 01:30, EDT = 05:30Z"),
    ("new-york-daily", "2026-11-01T01:10:00-05:00", "dee", "01:10 again, 40 min after she took over"),
    ("new-york-daily", "2026-11-02T01:29:59-05:00", "dee", "a shift of 25 h"),
    ("new-york-daily", "2026-11-02T01:30:00-05:00", "eli", "01:30 EST = 06:30Z"),
    # Monthly on the 31st 08:00: 31 Jan dee, 28 Feb eli (February has no 31st), 31 Mar fay, 30 Apr dee.
    ("new-york-monthly", "2026-02-28T08:00:00-05:00", "eli", "the last day of a month that is too short"),
    ("new-york-monthly", "2026-03-30T23:00:00-04:00", "eli", "counted from the start: March has its 31st again, not the 28th"),
    ("new-york-monthly", "2026-03-31T07:59:59-04:00", "eli", "08:00 EDT = 12:00Z is a second away; by EST it would be an hour"),
    ("new-york-monthly", "2026-03-31T08:00:00-04:00", "fay", "the third month, on the wall of summer"),
    # America/Chicago, nights 22:00-06:00; turns at noon: 6 Mar gus, 7 Mar hal, 8 Mar gus; 31 Oct is day 239, odd: hal.
    ("chicago-nights", "2026-03-08T05:59:59-05:00", "hal", "the night of the 7th, 7 real hours long, is his to the end"),
    ("chicago-nights", "2026-03-08T06:00:00-05:00", "fay", "06:00 CDT = 11:00Z; 8 h after 22:00 CST would be 07:00"),
    ("chicago-nights", "2026-11-01T05:59:59-06:00", "hal", "the night of the 31st, 9 real hours long"),
    ("chicago-nights", "2026-11-01T06:00:00-06:00", "fay", "06:00 CST = 12:00Z"),
    # Times of the week that begin in the skipped hour, lie in it, or come twice.
    ("chicago-small-hours", "2026-03-08T01:59:59-06:00", "hal", "his 01:00-02:00 is whole on that day: 07:00Z-08:00Z"),
    ("chicago-small-hours", "2026-03-08T03:00:00-05:00", "gus", "02:30 is skipped, so his time begins at the jump, 08:00Z"),
    ("chicago-small-hours", "2026-03-08T04:00:00-05:00", "fay", "and ends at 04:00 CDT: one hour instead of an hour and a half"),
    ("chicago-small-hours", "2026-11-01T01:30:00-05:00", "hal", "the first time the clock shows 01:30"),
    ("chicago-small-hours", "2026-11-01T01:30:00-06:00", "hal", "the second: 02:00 comes once, at 08:00Z, so 01:00-02:00 lasts two hours"),
    ("chicago-small-hours", "2026-11-01T02:00:00-06:00", "fay", "08:00Z: his time is over, that of gus begins at 02:30"),
    ("chicago-skipped", "2026-03-08T03:00:00-05:00", "fay", "02:00-03:00 begins and ends at the jump: it does not take place"),
    ("chicago-skipped", "2026-03-09T02:00:00-05:00", "gus", "the day after it does"),
    # Monthly on the 8th 02:30: 8 Jan fay, 8 Feb gus, 8 Mar hal, 8 Apr fay. On 8 March 02:30 is skipped.
    ("chicago-monthly", "2026-03-08T01:59:59-06:00", "gus", "a second before the jump"),
    ("chicago-monthly", "2026-03-08T03:00:00-05:00", "hal", "the handoff is at the jump, 08:00Z"),
    ("chicago-monthly", "2026-04-08T02:29:59-05:00", "hal", "the next one is at 02:30 CDT again"),
    ("chicago-monthly", "2026-04-08T02:30:00-05:00", "fay", "07:30Z"),
    # Australia/Lord_Howe, whose clock is put on by half an hour. Daily at 02:15: 2 Oct ivy, 3 jon, 4 ivy, 5 jon.
    ("lord-howe-daily", "2026-10-04T01:59:59+10:30", "jon", "15:29:59Z on the 3rd, a second before the jump"),
    ("lord-howe-daily", "2026-10-04T02:30:00+11:00", "ivy", "02:15 is skipped (02:00 to 02:30 are), so she begins at the jump"),
    ("lord-howe-daily", "2026-10-05T02:14:59+11:00", "ivy", "until 02:15 +11 = 15:15Z: 23 h 45 min"),
    ("lord-howe-daily", "2026-10-05T02:15:00+11:00", "jon", "the rhythm on the wall goes on"),
    # Weekly on Monday 09:00: 28 Sep ivy, 5 Oct jon.
    ("lord-howe-weekly", "2026-10-05T08:59:59+11:00", "ivy", "21:59:59Z; by +1030 it would be only 08:29:59 on the wall"),
    ("lord-howe-weekly", "2026-10-05T09:00:00+11:00", "jon", "22:00Z, 167 h 30 min after the last handoff"),
    # Daily at 01:45, which 5 Apr has twice: 3 ivy, 4 jon, 5 ivy, 6 jon.
    ("lord-howe-daily-autumn", "2026-04-05T01:44:59+11:00", "jon", "14:44:59Z on the 4th"),
    ("lord-howe-daily-autumn", "2026-04-05T01:45:00+11:00", "ivy", "the first 01:45, 15 min before the clock is put back"),
    ("lord-howe-daily-autumn", "2026-04-05T01:40:00+10:30", "ivy", "15:10Z: 01:40 again, and she has it for 25 min already"),
    ("lord-howe-daily-autumn", "2026-04-06T01:44:59+10:30", "ivy", "a shift of 24 h 30 min"),
    ("lord-howe-daily-autumn", "2026-04-06T01:45:00+10:30", "jon", "15:15Z on the 5th"),
    # Every 6 hours from 4 Apr 20:00 +11 = 09:00Z: ivy; 15:00Z jon, just as the clock is put back; 21:00Z ivy.
    ("lord-howe-hourly", "2026-04-05T01:59:59+11:00", "ivy", "14:59:59Z"),
    ("lord-howe-hourly", "2026-04-05T01:30:00+10:30", "jon", "15:00Z, by the new clock"),
    ("lord-howe-hourly", "2026-04-05T07:30:00+10:30", "ivy", "21:00Z: from now on at 07:30, 13:30 and so on"),
    # Asia/Kolkata changes no clock: what is a change elsewhere is a day like any other.
    ("kolkata-daily", "2026-03-29T02:29:59+05:30", "lal", "27 kim, 28 lal, until 02:30"),
    ("kolkata-daily", "2026-03-29T02:30:00+05:30", "kim", "02:30 is there every day"),
    ("kolkata-hourly", "2026-03-29T08:00:00+05:30", "kim", "24 real hours after the start are 24 h on the wall"),
    # Africa/Casablanca puts the clock back for Ramadan. Daily at 02:30: 13 Feb mia, 14 nor, 15 mia (twice shown), 16 nor.
    ("casablanca-daily", "2026-02-15T02:29:59+01:00", "nor", "01:29:59Z"),
    ("casablanca-daily", "2026-02-15T02:30:00+01:00", "mia", "the first 02:30, half an hour before the clock is put back"),
    ("casablanca-daily", "2026-02-15T02:10:00+00:00", "mia", "02:10 again: she stays"),
    ("casablanca-daily", "2026-02-16T02:29:59+00:00", "mia", "25 h"),
    ("casablanca-daily", "2026-02-16T02:30:00+00:00", "nor", "02:30Z in Ramadan, when local time is UTC"),
    # And on again afterwards: 20 Mar mia, 21 nor, 22 mia (skipped), 23 nor.
    ("casablanca-daily-after", "2026-03-22T01:59:59+00:00", "nor", "a second before the jump"),
    ("casablanca-daily-after", "2026-03-22T03:00:00+01:00", "mia", "02:30 is skipped: the handoff is at the jump, 02:00Z"),
    ("casablanca-daily-after", "2026-03-23T02:30:00+01:00", "nor", "01:30Z, 23 h 30 min later"),
    # Weekly on Monday 09:00: 9 Feb mia, 16 Feb nor, ..., 16 Mar nor (week 5), 23 Mar mia (week 6).
    ("casablanca-weekly", "2026-02-16T08:30:00+00:00", "mia", "08:30Z; by +01 it would be 09:30, but that clock is gone"),
    ("casablanca-weekly", "2026-02-16T09:00:00+00:00", "nor", "09:00 in Ramadan = 09:00Z"),
    ("casablanca-weekly", "2026-03-23T08:59:59+01:00", "nor", "07:59:59Z"),
    ("casablanca-weekly", "2026-03-23T09:00:00+01:00", "mia", "09:00 after Ramadan = 08:00Z"),
]  # fmt: skip


@pytest.mark.parametrize(("schedule", "at", "person", "because"), CASES)
def test_who_is_on_call(schedule, at, person, because):
    assert on_call(LIBRARY.schedules[schedule], datetime.fromisoformat(at)) == person, because


LISTS = [
    (
        "berlin-daily",
        ("2026-03-28T01:30:00Z", "2026-03-31T00:30:00Z"),
        [("cai", "2026-03-28T01:30:00Z"), ("ann", "2026-03-29T01:00:00Z"), ("bob", "2026-03-30T00:30:00Z")],
        "02:30 CET, the jump, 02:30 CEST: shifts of 23 h 30 min, 23 h 30 min and 24 h",
    ),
    (
        "berlin-daily-autumn",
        ("2026-10-24T00:30:00Z", "2026-10-27T01:30:00Z"),
        [("bob", "2026-10-24T00:30:00Z"), ("cai", "2026-10-25T00:30:00Z"), ("ann", "2026-10-26T01:30:00Z")],
        "02:30 CEST, the first 02:30 of the 25th (CEST), 02:30 CET: 24 h, 25 h, 24 h",
    ),
    (
        "berlin-weekend",
        ("2026-03-27T12:00:00Z", "2026-03-31T12:00:00Z"),
        [("ann", "2026-03-27T12:00:00Z"), ("bob", "2026-03-27T16:00:00Z"), ("ann", "2026-03-30T07:00:00Z")],
        "Friday 17:00 CET = 16:00Z, Monday 09:00 CEST = 07:00Z",
    ),
    (
        "chicago-small-hours",
        ("2026-11-01T05:00:00Z", "2026-11-01T11:00:00Z"),
        [
            ("fay", "2026-11-01T05:00:00Z"),
            ("hal", "2026-11-01T06:00:00Z"),
            ("fay", "2026-11-01T08:00:00Z"),
            ("gus", "2026-11-01T08:30:00Z"),
            ("fay", "2026-11-01T10:00:00Z"),
        ],
        "01:00 CDT = 06:00Z first, 02:00 CST = 08:00Z once, 02:30 CST = 08:30Z, 04:00 CST = 10:00Z",
    ),
    (
        "chicago-skipped",
        ("2026-03-08T06:00:00Z", "2026-03-09T06:00:00Z"),
        [("fay", "2026-03-08T06:00:00Z")],
        "02:00-03:00 does not take place on the 8th, and no shift without length is listed",
    ),
    (
        "lord-howe-hourly",
        ("2026-04-04T09:00:00Z", "2026-04-05T03:00:00Z"),
        [("ivy", "2026-04-04T09:00:00Z"), ("jon", "2026-04-04T15:00:00Z"), ("ivy", "2026-04-04T21:00:00Z")],
        "six real hours each, whatever the clock does at 15:00Z",
    ),
]


@pytest.mark.parametrize(("schedule", "within", "expected", "because"), LISTS)
def test_the_list_of_shifts(schedule, within, expected, because):
    start, end = map(datetime.fromisoformat, within)
    found = shifts(LIBRARY.schedules[schedule], start, end)
    assert [(each.duty.person, each.start) for each in found] == [
        (person, datetime.fromisoformat(at)) for person, at in expected
    ], because
    assert found[-1].end == end
