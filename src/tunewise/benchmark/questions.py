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
    "We want to adapt a BERT classifier to letters from our archive; somebody annotated a pile of them, and an old "
    "office computer is what I may use. Should I fine-tune?",
    "I want to fine-tune a ViT on photos from our kiln; a colleague annotated some of the data, and the machine room "
    "lets us run things overnight. What should I train?",
    "Should I fine-tune Whisper for our dialect? The recordings sound unlike what it knows, there is a bit of "
    "annotated data, and the budget is whatever my boss forgets to check.",
    "Should we fine-tune our language model on support logs? There is a mountain of annotated data, and the machines "
    "of the computing centre stand idle at night.",
    "I plan to tune a translation model for a language that it has hardly seen; volunteers annotated what data they "
    "could, and we run on whatever computer is free.",
)
WARM_UP = (
    "Is it wise to fine-tune a segmentation model on our microscope images? The domain is unusual, the samples took a "
    "student all summer, and we have the budget of a school."
)
EXPLAINED = PATTERNS_SUFFICE
