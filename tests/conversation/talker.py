"""A process that talks until it is killed (`python -m tests.conversation.talker FILE`) and prints each kept turn."""

import sys
from pathlib import Path

from tests.fakes.replies import flower_reply
from tunewise.conversation import ConversationStore


def main() -> None:
    store = ConversationStore(Path(sys.argv[1]))
    conversation = store.list()[0].id if store.list() else store.create("the one")
    while True:
        number = len(store.turns(conversation)) + 1
        store.add_turn(conversation, f"message {number}", flower_reply())
        print(number, flush=True)


if __name__ == "__main__":
    main()
