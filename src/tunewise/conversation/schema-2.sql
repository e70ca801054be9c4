CREATE TABLE wrong (
    conversation TEXT NOT NULL,
    turn INTEGER NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('fact', 'sentence')),
    said TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (conversation, turn, what, said),
    FOREIGN KEY (conversation, turn) REFERENCES turns (conversation, number) ON DELETE CASCADE
) STRICT;
