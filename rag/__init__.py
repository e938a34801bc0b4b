"""A chat assistant over a folder of articles, with citations that are checked."""

__version__ = "0.1.0"
