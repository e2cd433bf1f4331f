"""What the service would have done in shadow, beside what really happened and what today's pager did. Data in, data out.

`report.compare` is the way in: pages (`pages`, `recipients`, `matching`, `comparison`), then runs of runbooks (`runs`).
"""
