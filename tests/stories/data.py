"""Raw data of the stories, drawn by the tests; the same every time."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

TEAMS = {
    "billing": "invoice refund charge receipt payment price discount card fee balance amount tax bill cheque",
    "delivery": "parcel courier tracking address depot van doorstep package shipping customs driver label box delay",
    "account": "password login profile username email security code verify settings device session browser access",
    "product": "battery screen cable button manual warranty sensor motor colour handle noise switch lid charger",
}
SHAPES = ("lying", "standing", "cross")
GROUND, NOISE = 40, 60  # brightest colour that a shape lies on, and what each point adds to it; of 255
FROM_ITS_TEAM = 0.25  # of the words; the others are drawn from any team's
ANSWERS = {"late": "we are sorry", "refund": "the money is on its way", "address": "please tell us the new one"}
OTHERS = "hello my parcel is you and want a thanks today again".split()
CHAT_WORDS = tuple(dict.fromkeys([*ANSWERS, *OTHERS, *" ".join(ANSWERS.values()).split()]))


def write_tickets(file: Path, rows: int, *, words: int = 24) -> Path:
    """A table of messages, each of words of which some are its team's; the columns are not called text and label."""
    chance, teams = np.random.default_rng(0), list(TEAMS)
    with file.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["message", "team"])
        for place in range(rows):
            own = teams[place % len(teams)]
            drawn = [own if chance.random() < FROM_ITS_TEAM else teams[chance.integers(4)] for _ in range(words)]
            table.writerow([" ".join(str(chance.choice(TEAMS[team].split())) for team in drawn), own])
    return file


def draw_shapes(folder: Path, pictures: int) -> Path:
    """A folder of noisy pictures in many colours of one bar or two, a sub-folder for each shape."""
    from PIL import Image, ImageDraw

    chance = np.random.default_rng(0)
    for place in range(pictures):
        name = SHAPES[place % len(SHAPES)]
        ground = chance.integers(0, GROUND, 3) + chance.integers(0, NOISE, (48, 48, 3))
        image = Image.fromarray(ground.astype(np.uint8))
        x, y, size = (int(chance.integers(low, high)) for low, high in ((16, 32), (16, 32), (9, 15)))
        colour, pen = tuple(int(part) for part in chance.integers(130, 255, 3)), ImageDraw.Draw(image)
        if name in ("lying", "cross"):
            pen.line((x - size, y, x + size, y), colour, 5)
        if name in ("standing", "cross"):
            pen.line((x, y - size, x, y + size), colour, 5)
        (folder / name).mkdir(parents=True, exist_ok=True)
        image.save(folder / name / f"{place:03}.png")
    return folder


def write_chats(file: Path, rows: int) -> Path:
    """Prompts with the answer that one of their words asks for."""
    chance, asked = np.random.default_rng(0), list(ANSWERS)
    with file.open("w", encoding="utf-8") as stream:
        for place in range(rows):
            word = asked[place % len(asked)]
            words = [str(each) for each in chance.choice(OTHERS, 5)]
            words.insert(int(chance.integers(6)), word)
            stream.write(json.dumps({"prompt": " ".join(words), "completion": ANSWERS[word]}) + "\n")
    return file
