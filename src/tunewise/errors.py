"""Errors of Tunewise.

TunewiseError
├── SettingsError            a setting or environment variable cannot be used
├── FrameworkError           a framework file cannot be loaded
├── SituationError           a situation or recommendation names what the framework does not have
├── CorpusError              a document or the manifest is damaged
├── IndexUnavailableError    no usable index, and none could be built
├── OfflineError             something asked for the network that never gets it
├── BusyError                another process or request holds what is needed; try again
├── WeightsError
│   ├── WeightsMissingError  a weights file has not been fetched
│   └── WeightsMismatchError a file is not the one that was pinned
├── ModelError               the language model failed while it was used
│   ├── CancelledError       the caller went away
│   └── DeadlineError        the time allowed for the answer is over
├── MessageError             the user's message cannot be read (empty, too long, binary)
├── ConversationError        no such conversation, or the store is damaged or read-only
├── RecordError              a decision record cannot be read or replayed
├── RecipeError              no script can be written for a record
├── EvaluationError          a case file or a result of the evaluation cannot be used
└── ResourcesError           a model cannot be walked through, or a card is not known

Every message says what is wrong, where, and what to do next.
"""


class TunewiseError(Exception):
    """Base of every error that Tunewise raises on purpose."""


class SettingsError(TunewiseError):
    """A setting or an environment variable cannot be used."""


class FrameworkError(TunewiseError):
    """A framework file cannot be loaded; the message names file, rule and key."""


class SituationError(TunewiseError):
    """A situation or recommendation names facts, values or strategies that the framework lacks."""


class CorpusError(TunewiseError):
    """A document or the corpus manifest is missing or damaged."""


class IndexUnavailableError(TunewiseError):
    """There is no usable index and none could be built."""


class OfflineError(TunewiseError):
    """Something asked for a URL; Tunewise fetches none while it runs."""


class BusyError(TunewiseError):
    """Another process or request holds what is needed."""


class WeightsError(TunewiseError):
    """Something is wrong with a weights file."""


class WeightsMissingError(WeightsError):
    """A weights file has not been fetched."""


class WeightsMismatchError(WeightsError):
    """A weights file is not the one that was pinned."""


class ModelError(TunewiseError):
    """The language model failed while it was used."""


class CancelledError(ModelError):
    """The caller went away before the answer was finished."""


class DeadlineError(ModelError):
    """The time allowed for the answer is over."""


class MessageError(TunewiseError):
    """The user's message cannot be read."""


class ConversationError(TunewiseError):
    """A conversation does not exist, or its store cannot be used."""


class RecordError(TunewiseError):
    """A decision record cannot be read or replayed."""


class RecipeError(TunewiseError):
    """No script can be written for a record; the message says what to give or to use instead."""


class EvaluationError(TunewiseError):
    """A case file or a result of the evaluation cannot be used."""


class ResourcesError(TunewiseError):
    """A model's configuration cannot be walked through, or a card is not known."""
