# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything around the rollback itself: what happened, who holds the lock, what came of it. No Ansible in here."""
