# Generated from `_async` by `scripts/generate_sync.py`: change that.
"""The synchronous client."""
