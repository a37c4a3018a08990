"""The sandbox: emulated vendors that hold state, and a living shop that shows what they serve."""
