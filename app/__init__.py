"""On-call Runbooks: alerts go in, few incidents and the right commands come out."""

__version__ = "0.1.0"
