"""The commands, by what they are for. Parse, call, print, exit; heavy imports stay inside them."""
