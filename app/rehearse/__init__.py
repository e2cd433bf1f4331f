"""Tests of runbooks: cases beside a page, played on the production engine and virtual time; what they reach; what they would miss."""
