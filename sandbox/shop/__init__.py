"""The living shop: what the vendors serve decides how it behaves."""
