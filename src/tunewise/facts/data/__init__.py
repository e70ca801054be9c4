"""Tables that the readers of facts use: numbers' nouns, cues, hardware, base models, domains, languages."""
