"""cxreports: what contact centres' AI and people really solved, measured from export files."""

__version__ = "0.1.0"
