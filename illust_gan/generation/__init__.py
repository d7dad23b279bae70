"""From z to pictures."""
