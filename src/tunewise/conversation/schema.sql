CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    owner TEXT,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL
) STRICT;
CREATE INDEX conversations_by_owner ON conversations (owner, updated_at);
CREATE TABLE turns (
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    message TEXT,
    changes TEXT NOT NULL,
    reply TEXT NOT NULL,
    answer TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (conversation, number)
) STRICT;
CREATE TABLE feedback (
    conversation TEXT NOT NULL,
    turn INTEGER NOT NULL,
    thumb TEXT NOT NULL CHECK (thumb IN ('up', 'down')),
    comment TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (conversation, turn),
    FOREIGN KEY (conversation, turn) REFERENCES turns (conversation, number) ON DELETE CASCADE
) STRICT;
