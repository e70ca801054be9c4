"""What every door does with one advisor; page, terminal and HTTP show its events and its state, and hold no logic."""

from tunewise.desk.exporting import File
from tunewise.desk.history import History, open_history
from tunewise.desk.nearby import Offer, Offers, offers_of
from tunewise.desk.proposals import Asked, Choice, proposals_of
from tunewise.desk.script import script_kinds
from tunewise.desk.session import Desk, Session
from tunewise.desk.state import DeskEvent, Exchange, Failed, Progress, State

__all__ = [
    "Asked",
    "Choice",
    "Desk",
    "DeskEvent",
    "Exchange",
    "Failed",
    "File",
    "History",
    "Offer",
    "Offers",
    "Progress",
    "Session",
    "State",
    "offers_of",
    "open_history",
    "proposals_of",
    "script_kinds",
]
