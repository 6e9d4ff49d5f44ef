"""From rows to figures: measured, with interval and state."""
