"""From a decision and passages to an answer that can be shown: citations, gate, composed text, plan, explanation."""
