"""The figures of docs/slo.md, reckoned from incident-events alone: JSON lines in, one JSON document out. It knows nothing of the service.

oncall tail incident-events | python tests/support/recompute.py FROM TO
"""

import json
import sys
from collections import defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def moment(text):
    return datetime.fromisoformat(text)


def night_of(at, zone):
    local = at.astimezone(ZoneInfo(zone or "UTC"))
    if local.hour >= 22:
        return str(local.date())
    return str(local.date() - timedelta(days=1)) if local.hour < 7 else ""


def spread(seconds):
    ordered, count = sorted(seconds), len(seconds)
    return {
        name: ordered[(count * percent + 99) // 100 - 1]
        for name, percent in (("median_seconds", 50), ("p90_seconds", 90))
        if count
    }


def read(lines):
    """The pages by id and the incidents by id, as the events tell them."""
    pages, incidents = {}, defaultdict(dict)
    for line in lines:
        event = json.loads(line)
        incident = incidents[event["incident_id"]]
        incident["mode"] = event["mode"]
        note_page(pages, event, moment(event["at"]))
        note_incident(incident, event, moment(event["at"]))
    return pages, incidents


def note_page(pages, event, at):
    data = event["data"]
    match event["type"]:
        case "Paged":
            pages[data["page"]] = {**data, "at": at, "mode": event["mode"], "incident": event["incident_id"]}
        case "PageAcknowledged":
            pages[data["page"]] |= {"acknowledged": at, "by": data["person"]}
        case "PageStopped":
            pages[data["page"]] |= {"stopped": at}
        case "PageUndelivered":
            pages[data["page"]] |= {"undelivered": at}


def note_incident(incident, event, at):
    match event["type"]:
        case "IncidentOpened":
            incident |= {"opened": at, "team": event["data"]["team"]}
        case "RunbookSelected" | "RunbookNotSelected" | "CauseMoved":
            incident["team"] = event["data"]["team"]
        case "IncidentAcknowledged":
            incident.setdefault("acknowledged", at)
        case "IncidentResolved":
            incident["resolved"] = at
        case "IncidentReopened":
            incident.pop("resolved", None)
        case "IncidentMerged":
            incident["merged"] = True


def outcome(pages, end):
    people = {page["person"] for page in pages}
    ack_by = moment(pages[0]["ack_by"]) if pages[0]["ack_by"] else None
    answers = [
        page["acknowledged"] for page in pages if page.get("by") and (page["by"] in people or "" in people)
    ]
    taken = (min(answers) - pages[0]["at"]).total_seconds() if answers else None
    if answers and (ack_by is None or min(answers) <= ack_by):
        return "answered", taken
    if any("acknowledged" in page for page in pages):
        return "missed", taken
    if all("stopped" in page and (ack_by is None or page["stopped"] <= ack_by) for page in pages):
        return "ended_first", None
    return ("open" if ack_by is None or ack_by > end else "missed"), None


def recompute(lines, start, end):
    pages, incidents = read(lines)
    escalations, people, nights = defaultdict(list), defaultdict(list), defaultdict(list)
    levels, teams = defaultdict(list), defaultdict(list)
    for page in pages.values():
        if page["mode"] == "shadow" or not start <= page["at"] < end:
            continue
        of = (page["policy"], int(page["level"]), page["team"])
        escalations[page["incident"], *of, page["ack_by"]].append(page)
        night = night_of(page["at"], page["zone"])
        people[*of, page["person"]].append(night)
        if night:
            nights[*of, night].append(page["person"])
    for (_, *of, _), together in escalations.items():
        levels[tuple(of)].append((together, *outcome(together, end)))
    for each in incidents.values():
        if each["mode"] != "shadow" and "merged" not in each and start <= each["opened"] < end:
            teams[each["team"]].append(each)
    return {
        "levels": [level_row(of, levels[of]) for of in sorted(levels)],
        "teams": [team_row(team, teams[team]) for team in sorted(teams)],
        "people": [
            {
                **named(of),
                "person": of[3],
                "pages": len(found),
                "at_night": sum(map(bool, found)),
                "nights": len(set(found) - {""}),
            }
            for of, found in sorted(people.items())
        ],
        "nights": [
            {**named(of), "night": of[3], "pages": len(found), "people": len(set(found) - {""})}
            for of, found in sorted(nights.items())
        ],
    }


def named(of):
    return {"policy": of[0], "level": of[1], "team": of[2]}


def level_row(of, found):
    outcomes = [said for _, said, _ in found]
    pages = [page for together, _, _ in found for page in together]
    counted, answered = outcomes.count("answered") + outcomes.count("missed"), outcomes.count("answered")
    return {
        **named(of),
        "counted": counted,
        "answered": answered,
        "ended_first": outcomes.count("ended_first"),
        "pages": len(pages),
        "undelivered": sum("undelivered" in page for page in pages),
        "acknowledge": spread([taken for _, _, taken in found if taken is not None]),
        "value": answered / counted if counted else None,
    }


def team_row(team, found):
    taken = [
        (each["acknowledged"] - each["opened"]).total_seconds() for each in found if "acknowledged" in each
    ]
    lasted = [(each["resolved"] - each["opened"]).total_seconds() for each in found if "resolved" in each]
    return {
        "team": team,
        "incidents": len(found),
        "acknowledged": len(taken),
        "acknowledge": spread(taken),
        "resolved": len(lasted),
        "resolve": spread(lasted),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(recompute(sys.stdin, *map(moment, sys.argv[1:3]))) + "\n")
