#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: s3_objects
short_description: Takes a key, a prefix or a whole S3 bucket back to a moment
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Makes each key show what it showed at a moment, by the least that does it. A key that was only deleted loses its marker; one that
    did not exist gets a marker; one that was written over gets one copy of the right version; all others are not touched.
  - Nothing is lost by that. What shows now stays as a version, and the same module takes the bucket to any other moment. Markers that
    are deleted are the exception, so that a moment between them and now cannot be gone to again.
  - Content, metadata, headers, tags, storage class, the key of an encryption, a lock and access control lists are as they were. An
    object of more than 5 GB is copied in parts.
  - The plan is made first and written down, so that check mode counts exactly what a run does, and a run that was killed goes on where
    it was. At the end the bucket is looked at again.
  - Versions that lie in the archive (Glacier) cannot be copied at once. They are listed, with the time that S3 takes to fetch them, and
    what their keys show is not touched.
options:
  bucket:
    description: The bucket. Versioning has to be on, and to have been on at that moment.
    type: str
    required: true
  prefix:
    description: Only keys that begin with this.
    type: str
    default: ""
  key:
    description: Only this key.
    type: str
  good_at:
    description:
      - As it was at that moment, in ISO 8601 or V(HH:MM) (UTC). S3 dates versions in whole seconds; all that was written in that second
        counts.
    type: str
  bad_at:
    description: As it was before that moment. Nothing that was written in that second counts.
    type: str
  method:
    description:
      - V(rewind) deletes all newer versions for good, in place of copying. It is faster and keeps whatever a version has, also in the
        archive and beyond 5 GB, but what is newer is lost, and there is no way back.
    type: str
    choices: [copy, rewind]
    default: copy
  created_after:
    description:
      - What becomes of keys that have no version from before the moment. V(hide) puts a marker on top, V(keep) leaves them alone.
      - They are hidden when it is not given. But where a lifecycle rule may have deleted the version of that moment, the module refuses
        then.
    type: str
    choices: [hide, keep]
  deleted:
    description:
      - What becomes of keys that were only deleted since the moment. V(undelete) deletes their markers, a thousand with one call. V(copy)
        copies their version on top of the markers, so that what the bucket shows now can be shown again exactly, by O(good_at).
      - What lies in the archive is undeleted whatever is asked for.
    type: str
    choices: [undelete, copy]
    default: undelete
  archived:
    description:
      - What to do about versions in the archive, once everything else is restored. V(fail) lists them and fails, V(report) lists them,
        V(request) asks S3 to fetch them and fails, so that it is run again when they are there.
    type: str
    choices: [fail, report, request]
    default: fail
  restore_tier:
    description: How fast, and at what price, S3 fetches them.
    type: str
    choices: [Expedited, Standard, Bulk]
    default: Standard
  restore_days:
    description: For how many days S3 keeps what it fetched.
    type: int
    default: 7
  verify:
    description: List the bucket again at the end. What was written meanwhile is taken back as well; where that does not end, it fails.
    type: bool
    default: true
  engine:
    description:
      - Who makes the copies. V(batch_operations) gives them to a job of S3 Batch Operations for each storage class, which is worth it for
        millions of keys. Deletions, what is larger than 5 GB and what was uploaded in parts are still done here.
    type: str
    choices: [here, batch_operations]
    default: here
  batch_role:
    description: ARN of the role that S3 assumes to copy. It has to be allowed to read and write the bucket, and to write to O(batch_place).
    type: str
  batch_place:
    description: Where manifests and reports are put, V(s3://BUCKET/PREFIX).
    type: str
  batch_timeout:
    description: Seconds to wait for the jobs. They go on after that, and the same command waits again.
    type: int
    default: 86400
  batch_poll:
    description: Seconds between two looks at a job, at most.
    type: float
    default: 15.0
  state_dir:
    description: Where the plan, what is done of it and what failed are written down, on the machine that runs the module.
    type: path
    default: ~/.local/state/lastgood/s3_objects
requirements:
  - boto3
notes:
  - Tags of a version can be changed without a trace. They are those that the version has now.
  - AWS dates an object that is uploaded in parts by the beginning of the upload. One that was begun before the moment and completed
    after it looks as if it had been there.
  - A version that somebody deleted by its id is gone, and the key shows the one before.
  - Of two runs on one machine the second is refused. Two on different machines with the same moment do no harm.
  - Actions to allow in IAM are s3:ListBucketVersions, s3:GetBucketVersioning, s3:GetObjectVersion, s3:GetObjectVersionTagging,
    s3:PutObject,
    s3:PutObjectTagging, s3:DeleteObject, s3:DeleteObjectVersion (for markers, and to rewind); to look at the bucket
    s3:GetLifecycleConfiguration, s3:GetReplicationConfiguration, s3:GetEncryptionConfiguration, s3:GetBucketObjectLockConfiguration,
    s3:GetBucketOwnershipControls and s3:GetBucketWebsite; where there are access control lists s3:GetObjectVersionAcl and s3:PutObjectAcl;
    s3:RestoreObject with O(archived=request); kms:Decrypt and kms:GenerateDataKey where objects are encrypted with KMS.
extends_documentation_fragment:
  - lastgood.recovery.aws
  - lastgood.recovery.reach
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
"""

EXAMPLES = r"""
- name: The uploads as they were before the broken job began
  lastgood.recovery.s3_objects:
    region: eu-west-1
    bucket: example-uploads
    prefix: avatars/
    bad_at: "2026-11-22T02:38:00Z"

- name: One key, as it was at 02:37
  lastgood.recovery.s3_objects:
    region: eu-west-1
    bucket: example-assets
    key: config/prices.json
    good_at: "02:37"

- name: Versions in the archive as well, and nothing newer is needed
  lastgood.recovery.s3_objects:
    region: eu-west-1
    bucket: example-archive
    good_at: "2026-11-22T02:37:00Z"
    method: rewind
"""

RETURN = r"""
summary:
  description: What was done, in words.
  returned: success
  type: str
  sample: "s3://example-uploads/avatars/ as before 2026-11-22T02:38:00.000Z: 412 written over again, 1,207 undeleted, 31.4 MB to copy"
as_of:
  description: The second that versions count up to; with O(bad_at) the one that they count before.
  returned: success
  type: str
  sample: "2026-11-22T02:38:00.000Z"
counts:
  description: How many keys, by what was or would be done with them.
  returned: always, once the plan is made
  type: dict
  sample: {copy: 412, undelete: 1207, hide: 0, remove: 0, archived: 0, keep: 0, untouched: 48381}
key_count:
  description: How many keys there are, those included that show nothing.
  returned: always, once the plan is made
  type: int
  sample: 50000
versions:
  description: How many versions and markers they have.
  returned: always, once the plan is made
  type: int
  sample: 67500
bytes:
  description: Bytes that have to be copied, by S3 itself.
  returned: always, once the plan is made
  type: int
  sample: 31401984
bytes_copied:
  description: Bytes that this run has copied.
  returned: always, once the plan is made
  type: int
  sample: 31401984
archived:
  description: The first 20 versions that lie in the archive, with the time that S3 takes to fetch them by tier.
  returned: always, once the plan is made
  type: list
  elements: dict
  sample:
    - key: avatars/7.png
      version_id: 3HL4kqtJvjVBH40Nrjfkd
      storage_class: GLACIER
      size: 51200
      restore_times: {Expedited: 1 to 5 minutes, Standard: 3 to 5 hours, Bulk: 5 to 12 hours}
failed_keys:
  description: The first 20 keys that could not be restored, and what S3 said.
  returned: always, once the plan is made
  type: list
  elements: dict
  sample: []
failed_count:
  description: How often S3 refused.
  returned: when keys could not be restored
  type: int
  sample: 17
failed_file:
  description: The file with all of them, JSON in each line.
  returned: when keys could not be restored
  type: str
  sample: /home/ops/.local/state/lastgood/s3_objects/9f86d081884c7d65.failed.jsonl
calls:
  description: How many calls of each kind were made for the keys; C(repeated) of them had to be made again.
  returned: always, once the plan is made
  type: dict
  sample: {CopyObject: 412, DeleteObjects: 2, ListObjectVersions: 136}
resumed:
  description: When the plan was made that an earlier run did not finish and this one went on with; null otherwise.
  returned: always, once the plan is made
  type: str
  sample: null
notes:
  description: What has to be known about the bucket.
  returned: always, once the plan is made
  type: list
  elements: str
  sample: ["a lifecycle rule deletes objects of an age; it may soon delete again what it deleted before"]
waited:
  description: Seconds that it took.
  returned: success
  type: float
  sample: 12.4
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: "Allow it in the IAM policy of whoever asks: s3:CopyObject."
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: NotAuthorised
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.objects.operation import S3_OBJECTS
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(S3_OBJECTS)


if __name__ == "__main__":
    main()
