# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of S3 as of a moment: the versions of a bucket, what to do with each key, and how thousands of calls a second are made."""
