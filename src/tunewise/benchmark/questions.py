"""What the benchmark asks. Each run asks another question, so that no system is measured on what it has cached."""

from __future__ import annotations

QUESTIONS = (
    "I have 800 labelled photos of rare flowers, a ResNet-50 pre-trained on ImageNet and one laptop GPU. Fine-tune?",
    "How can I stop my BERT from forgetting what it learned in pre-training?",
    "We have 2 million sentences far from the pre-training text and a cluster of A100s. What should we train?",
    "We have 300 call recordings with a strong accent, Wav2Vec2 and a single 8 GB GPU. How do we adapt it?",
    "When is linear probing enough, and when do I have to unfreeze more layers?",
    "My classifier has to answer within 20 ms on a phone; does fine-tuning a large model make sense?",
    "Is LoRA a good choice for a 7B language model with a few thousand examples?",
    "How do I choose a learning rate when I fine-tune a model on a small data set?",
)
TASK = "Answer in at most four sentences and cite the passages."

PATTERNS_SUFFICE = (
    "I have 800 labelled images of flowers, very similar to ImageNet, and one laptop GPU. Latency does not matter.",
    "We have 2 million labelled sentences that are very different from the pre-training data, and a cluster of A100s.",
    "500 labelled recordings, similar to the pre-training data, a single 8 GB GPU, and it must not forget English.",
    "Only 300 labelled images, ResNet-50, one RTX 3060, and answers are needed in real time.",
    "We have 150,000 labelled examples, a lot like the pre-training data, and eight H100s.",
)
MODEL_MUST_QUOTE = (
    "My boss gave me a handful of annotated letters from our archive and an old office computer. What now?",
    "The material is nothing like what such systems usually read, and we have very little of it on a small machine.",
    "There is a mountain of annotated chat logs here and the data centre is ours for the month.",
    "After our last attempt the assistant could no longer hold an ordinary conversation; the logs are all we have.",
    "Our shop scans a few receipts a day on a cheap tablet and customers get impatient while it thinks.",
)
EXPLAINED = (PATTERNS_SUFFICE[0], PATTERNS_SUFFICE[1], PATTERNS_SUFFICE[2], PATTERNS_SUFFICE[3], PATTERNS_SUFFICE[4])
