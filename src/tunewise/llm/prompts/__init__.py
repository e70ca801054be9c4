"""Prompt texts, kept as files beside this module so that they can be read and changed without touching code."""

from functools import cache
from importlib.resources import files
from string import Template


@cache
def template_text(name: str) -> str:
    """The text of prompts/<name>.txt as shipped."""
    return files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8")


def fill_template(name: str, **variables: str) -> str:
    """prompts/<name>.txt with every $variable filled in.

    Raises:
        KeyError: If the template has a variable that was not given.
        TypeError: If a variable is given that the template does not have.
    """
    template = Template(template_text(name))
    if surplus := set(variables) - set(template.get_identifiers()):
        raise TypeError(f"prompts/{name}.txt has no variable {', '.join(sorted(surplus))}.")
    return template.substitute(variables)
