"""From a decision record to files that run: a training script, its requirements and what to do with them."""

from tunewise.errors import RecipeError
from tunewise.recipe.making import make_recipe
from tunewise.recipe.records import Recipe, RecipeOptions
from tunewise.recipe.writing import write_recipe

__all__ = ["Recipe", "RecipeError", "RecipeOptions", "make_recipe", "write_recipe"]
