"""How much the heavy steps cost, each as a ratio to a bare scan of the same columns measured in the same run."""
