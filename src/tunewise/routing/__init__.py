"""Decides in code, never by asking a model, what kind of reply a message needs."""

from tunewise.routing.coverage import SourceMap
from tunewise.routing.route import Route, route

__all__ = ["Route", "SourceMap", "route"]
