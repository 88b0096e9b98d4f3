"""What the agents' console is handed of the desk; the console itself is in handoff/console/."""
