"""What was measured of one family of models, carried over to any size of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunewise.framework.model import Measured, MeasuredFamily, MeasuredModel, MeasuredNeed

Point = tuple[float, float]  # parameters, GB


@dataclass(frozen=True, slots=True)
class Sized:
    """A measured family at one number of parameters: the measured models that it is taken or scaled from."""

    family: MeasuredFamily
    parameters: float
    models: tuple[MeasuredModel, ...]

    @property
    def is_scaled(self) -> bool:
        """Whether no model of about this size was measured itself."""
        return self.parameters != self.models[0].parameters

    @property
    def largest(self) -> float:
        """Parameters of the largest model of the family that was measured."""
        return self.family.models[-1].parameters

    def need(self, method: str) -> MeasuredNeed | None:
        """Of the largest of these models that can be trained by a method; None where none of them can."""
        needs = [model.needs[method] for model in self.models if method in model.needs]
        return needs[-1] if needs else None

    def gigabytes(self, method: str, batch: int) -> float:
        """GB (1e9 bytes) of a step of so many examples by a method that `need` knows.

        Between two sizes memory follows a power of the parameters, beyond a single one it is proportional to them.
        """
        points = [(each.parameters, each.needs[method].at(batch)) for each in self.models if method in each.needs]
        return _at(self.parameters, points[0], points[-1])


def sized(measured: Measured | None, family: str | None, parameters: float) -> Sized | None:
    """A family at a number of parameters; None where it was not measured, or not near enough to this size."""
    found = measured.families.get(family or "") if measured else None
    if found is None or measured is None:
        return None
    models = found.models
    if not models[0].parameters / measured.reach <= parameters <= models[-1].parameters * measured.reach:
        return None
    nearest = min(models, key=lambda each: abs(math.log(each.parameters / parameters)))
    if abs(parameters / nearest.parameters - 1) <= measured.same:
        return Sized(found, nearest.parameters, (nearest,))
    above = next((place for place, each in enumerate(models) if each.parameters > parameters), len(models))
    start = min(max(above - 1, 0), max(len(models) - 2, 0))
    return Sized(found, parameters, models[start : start + 2])


def sizes_of(measured: Measured | None, family: str | None) -> tuple[float, float] | None:
    """The smallest size (in parameters) that a family says anything of and the largest that was measured; None where it
    was not measured."""
    found = measured.families.get(family or "") if measured else None
    if found is None or measured is None:
        return None
    return found.models[0].parameters / measured.reach, found.models[-1].parameters


def _at(parameters: float, smaller: Point, larger: Point) -> float:
    power = 1.0 if smaller == larger else math.log(larger[1] / smaller[1]) / math.log(larger[0] / smaller[0])
    return smaller[1] * float((parameters / smaller[0]) ** power)
