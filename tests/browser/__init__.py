"""The real page in Debian's Chromium."""
