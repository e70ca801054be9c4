"""`tunewise recipe`: from a decision record to a training script that runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tunewise.cli.options import Commands


def add_parsers(commands: Commands) -> None:
    """Add `recipe`."""
    parser = commands.add_parser(
        "recipe",
        help="write a training script that carries out a decision record",
        description="Writes train.py and README.md for what a record recommends; nothing is trained here.",
    )
    parser.add_argument("record", type=Path, metavar="RECORD", help="a record, see 'tunewise record export'")
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="a new or empty folder")
    parser.add_argument("--model", metavar="NAME|PATH", help="checkpoint (default: what the record's base model means)")
    parser.add_argument("--data", metavar="FILE", help="your data; its columns are checked")
    parser.add_argument("--text", metavar="COLUMN", help="column that the model reads")
    parser.add_argument("--label", metavar="COLUMN", help="column that it is to say")
    parser.add_argument("--kind", metavar="KIND", help="kind of script (default: by model and data), for example text")
    parser.add_argument("--framework", metavar="NAME|PATH", help="the record's framework, if it is one of your own")
    parser.add_argument(
        "--force", action="store_true", help="replace the files of a recipe in a folder that is not empty"
    )
    parser.set_defaults(func=run_recipe)


def run_recipe(arguments: argparse.Namespace) -> int:
    """Write the files, and say what is next."""
    from tunewise.framework import load_framework
    from tunewise.recipe import RecipeOptions, make_recipe, write_recipe
    from tunewise.record import load_record

    record = load_record(arguments.record)
    options = RecipeOptions(arguments.model, arguments.data, arguments.text, arguments.label, arguments.kind)
    framework = load_framework(arguments.framework) if arguments.framework else None
    recipe = make_recipe(record, options, framework=framework)
    write_recipe(recipe, arguments.out, force=arguments.force)
    print(f"Wrote {', '.join(recipe.files)} to {arguments.out} ({recipe.kind}, {recipe.model}).", file=sys.stderr)
    print(f"Next: read {arguments.out / 'README.md'}.", file=sys.stderr)
    return 0
