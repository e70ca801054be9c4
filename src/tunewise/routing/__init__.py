"""Decides in code, never by asking a model, what kind of reply a message needs."""

from tunewise.routing.coverage import Coverage, SourceMap
from tunewise.routing.route import Route, route

__all__ = ["Coverage", "Route", "SourceMap", "route"]
