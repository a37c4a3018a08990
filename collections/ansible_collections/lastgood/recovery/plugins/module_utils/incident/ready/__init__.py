# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether everything could be rolled back tonight: each precondition is a check that says what to do where it is not met."""
