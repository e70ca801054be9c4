"""What answers a question: practice notes that fit the asker's facts, and agree with the rules under them."""
