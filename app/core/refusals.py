"""Why a wish changes nothing, in words."""

from __future__ import annotations

WHY_NOT = {
    "already_final": "the review was marked final before",
    "alert_not_shown": "the incident does not show that alert",
    "checklist_only": "its page is a checklist here, and nothing of it runs",
    "cleanup_under_way": "it has failed and takes back what it did; only cancel, take_over and report fit now",
    "execution_is_over": "that run is over",
    "live_and_shadow": "one of the two incidents is in shadow, the other is not",
    "no_alert": "no alert of the incident could start a runbook",
    "no_execution": "no runbook runs or ran for this incident",
    "no_incident_named": "it names no incident to merge into",
    "no_matcher": "it names no alert; give matchers or fingerprints",
    "no_policy": "no escalation policy covers this incident",
    "no_such_alert": "no alert of the incident is meant by that",
    "no_such_incident": "its correlation domain has no open incident of that id",
    "no_such_runbook": "the library has no such runbook",
    "no_such_step": "the runbook has no such step",
    "no_target": "it names nobody; give a target",
    "no_time_given": "it does not say for how long",
    "nobody_there": "whom it names stands for nobody who is there now",
    "none_fires": "none of those alerts fires",
    "not_paused": "nothing is paused",
    "nothing_left": "no alert would be left",
    "paused_already": "it is paused already",
    "rolled_back": "something of that run was taken back; run the page anew",
    "runs_already": "that runbook runs already",
    "same_incident": "it is the same incident",
    "step_has_not_failed": "that step has not failed",
    "step_is_over": "that step is over",
    "taken_over_already": "a person has taken over already",
    "target_is_over": "the incident to merge into is over",
    "unknown_target": "the library knows nobody of that name",
}
"""By the name of the reason; a reason that is not here says itself."""
