"""Measured on this data, not asked: what a data set and a frozen encoder show before anything is trained."""

from tunewise.measure.recording import record_of
from tunewise.measure.records import OF_THE_ENCODER, MeasureError, Measurement
from tunewise.measure.run import measure

__all__ = ["OF_THE_ENCODER", "MeasureError", "Measurement", "measure", "record_of"]
