# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done: policies written as rows, and the decision that follows from them and from what is known."""
