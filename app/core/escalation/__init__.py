"""Escalation: who is paged next and when, until somebody acknowledges.

`ladder` says which level comes next, `targets` whom it names and `hours` when they are at work; `firing` puts it in effect, and `pages`
holds one page to one target. `wishes` is what people ask for, `stale` what becomes of an acknowledgement that nothing follows, and
`events` which system events page without an alert.
"""
