"""What kind of data a message speaks of, where no model name tells."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tunewise.facts.claims import WEAK, Claim
from tunewise.facts.text import Message

_WORDS = {
    "image": r"images?|photos?|pictures?|x-?rays?|scans?|pixels?|object detection|segmentation|vision|cameras?|videos?|satellite|ocr|handwrit\w+|图片|图像|照片|张图|图(?=集|库)|目标检测|视频",
    "audio": r"audio|speech|voices?|recordings?|tts|asr|spoken|sound|music|speakers?|transcri\w+|音频|语音|录音|parole|enregistrements?",
    "tabular": r"tabular|csv|spreadsheets?|columns|time series|表格|tableur",
    "other": r"proteins?|dna|rna|genom\w+|molecul\w+|scrna|single[- ]cell|seismic|ecg|eeg|蛋白|基因|单细胞",
    "text": r"texts?|sentences?|documents?|llms?|language model\w*|translation|sentiment|chat ?bots?|ner|summari[sz]ation|questions? answering|emails?|reviews?|tweets?|dialogues?|文本|语料|对话|句子|大模型|客服|phrases|textes?|documents",
}
_PATTERNS = {name: re.compile(rf"(?<![a-z])(?:{words})(?![a-z])") for name, words in _WORDS.items()}


def modality_claims(message: Message) -> Iterator[Claim]:
    """A weak claim about modality: the kind of data whose words are most frequent, the earlier one on a tie."""
    counts = []
    for name, pattern in _PATTERNS.items():
        matches = list(pattern.finditer(message.folded))
        if matches:
            counts.append((-len(matches), matches[0].start(), matches[0].end(), name))
    if counts:
        _, start, end, name = min(counts)
        yield Claim("modality", name, start, end, WEAK)
