"""How a customer felt, from the words of one turn: scorers that run on this machine and download nothing."""
