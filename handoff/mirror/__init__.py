"""The mirror: every event of the human queue goes out to the company's own desk, its agents' acts come in."""
