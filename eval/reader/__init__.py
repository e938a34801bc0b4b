"""How the reader of `rag/reader.py` is trained, measured and exported. Not imported by `rag`."""
