# SPDX-License-Identifier: GPL-3.0-or-later
"""Recovery points: what the whole stack was like at a moment, captured so that a rollback can go back to it."""
