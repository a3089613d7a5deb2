"""Multipart uploads.

Gaps in moto that are closed here:
- ListMultipartUploads dates every upload 2010 and does not page: leftovers could not be found by age;
- a part or a completion for an upload that is gone answers 500 instead of NoSuchUpload;
- the checksums of parts are neither kept, listed nor compared on completion;
- parts may be named in any order;
- HeadObject misses the number of parts behind a composite checksum;
- Object Lock's retention (of the request or the bucket's default) is not applied to the object.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any
from xml.etree import ElementTree

from moto.core.responses import ActionResult
from moto.s3 import models, responses, utils
from moto.s3.exceptions import InvalidPart, InvalidPartOrder, NoSuchUpload, S3ClientError
from moto.s3.models import FakeMultipart, S3Backend
from moto.s3.responses import S3Response

from .checksums import ALGORITHMS, checksum, compute_checksum

_original_create = S3Backend.create_multipart_upload
_original_complete = S3Backend.complete_multipart_upload
_original_response_post = S3Response._key_response_post
_original_upload_part = S3Response.upload_part
_original_head = S3Response.head_object
_original_init = FakeMultipart.__init__

_LOCK_HEADERS = {
    "lock_mode": "x-amz-object-lock-mode",
    "lock_until": "x-amz-object-lock-retain-until-date",
    "lock_legal_status": "x-amz-object-lock-legal-hold",
}


def install() -> None:
    # moto answers CRC32 for the algorithms whose library is missing.
    for module in (models, responses, utils):
        module.compute_checksum = compute_checksum
    FakeMultipart.__init__ = _init
    S3Backend.complete_multipart_upload = _complete
    S3Response.upload_part = _upload_part
    S3Response.list_parts = _list_parts
    S3Response.list_multipart_uploads = _list_multipart_uploads
    S3Response._complete_multipart_body = _parts_to_complete
    S3Response._key_response_post = _key_response_post
    S3Response.head_object = _head_object


def _init(self: FakeMultipart, *args: Any, **kwargs: Any) -> None:
    _original_init(self, *args, **kwargs)
    self.initiated = datetime.now(timezone.utc)
    self.part_checksums: dict[int, tuple[str, str]] = {}  # part -> algorithm, value
    self.lock: dict[str, str | None] = {}


def _upload(response: S3Response, upload_id: str) -> FakeMultipart:
    upload = response.backend.get_bucket(response.bucket_name).multiparts.get(upload_id)
    if upload is None or upload.key_name != response.parse_key_name():
        raise NoSuchUpload(upload_id=upload_id)
    return upload


def _expected_algorithm(upload: FakeMultipart) -> str | None:
    algorithm = upload.metadata.get("x-amz-checksum-algorithm")
    return algorithm.lower() if algorithm else None


def _upload_part(self: S3Response) -> Any:
    upload = _upload(self, self._get_param("uploadId"))
    expected = _expected_algorithm(upload)
    sent = next((a for a in ALGORITHMS if self.headers.get(f"x-amz-checksum-{a}")), None)
    if expected and sent != expected:
        raise S3ClientError(
            "InvalidRequest",
            f"Checksum Type mismatch occurred, expected checksum Type: {expected}, actual checksum Type: {sent}",
        )
    answer = _original_upload_part(self)
    if sent:
        value = self.headers[f"x-amz-checksum-{sent}"]
        upload.part_checksums[self._get_int_param("partNumber")] = (sent, value)
    return answer


def _list_parts(self: S3Response) -> Any:
    upload = _upload(self, self._get_param("uploadId"))
    marker = self._get_int_param("part-number-marker", 0)
    limit = min(self._get_int_param("max-parts", 1000), 1000)
    numbers = [n for n in sorted(upload.parts) if n > marker]
    page = numbers[:limit]
    parts = []
    for number in page:
        part = upload.parts[number]
        entry = {
            "PartNumber": number,
            "LastModified": part.last_modified_ISO8601,
            "ETag": part.etag,
            "Size": part.size,
        }
        if number in upload.part_checksums:
            algorithm, value = upload.part_checksums[number]
            entry[f"Checksum{algorithm.upper()}"] = value
        parts.append(entry)
    self.data["Action"] = "ListParts"
    return self.serialized(
        ActionResult(
            {
                "Bucket": self.bucket_name,
                "Key": upload.key_name,
                "UploadId": upload.id,
                "StorageClass": upload.storage or "STANDARD",
                "PartNumberMarker": marker,
                "NextPartNumberMarker": page[-1] if page else 0,
                "MaxParts": limit,
                "IsTruncated": len(numbers) > len(page),
                "Parts": parts,
                "ChecksumAlgorithm": upload.metadata.get("x-amz-checksum-algorithm"),
                "ChecksumType": upload.metadata.get("x-amz-checksum-type"),
            }
        )
    )


def _list_multipart_uploads(self: S3Response) -> Any:
    """Ordered by key, then by age; pages."""

    def asked(name: str) -> str:
        return self.querystring.get(name, [""])[0]

    prefix, after_key, after_upload = asked("prefix"), asked("key-marker"), asked("upload-id-marker")
    limit = min(int(asked("max-uploads") or 1000), 1000)
    uploads = [
        u for u in self.backend.list_multipart_uploads(self.bucket_name).values() if u.key_name.startswith(prefix)
    ]
    uploads.sort(key=lambda u: (u.key_name, u.initiated))
    if after_key:
        same_key = [u for u in uploads if u.key_name == after_key]
        ids = [u.id for u in same_key]
        rest = same_key[ids.index(after_upload) + 1 :] if after_upload in ids else []
        uploads = rest + [u for u in uploads if u.key_name > after_key]
    page = uploads[:limit]
    truncated = len(uploads) > len(page)
    owner = {"ID": "local", "DisplayName": "local"}
    result = {
        "Bucket": self.bucket_name,
        "Prefix": prefix,
        "KeyMarker": after_key,
        "UploadIdMarker": after_upload,
        "MaxUploads": limit,
        "IsTruncated": truncated,
        "Uploads": [
            {
                "Key": u.key_name,
                "UploadId": u.id,
                "Initiator": owner,
                "Owner": owner,
                "StorageClass": u.storage or "STANDARD",
                "Initiated": u.initiated.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "ChecksumAlgorithm": u.metadata.get("x-amz-checksum-algorithm"),
                "ChecksumType": u.metadata.get("x-amz-checksum-type"),
            }
            for u in page
        ],
    }
    if truncated:
        result |= {"NextKeyMarker": page[-1].key_name, "NextUploadIdMarker": page[-1].id}
    self.data["Action"] = "ListMultipartUploads"
    return self.serialized(ActionResult(result))


def _key_response_post(
    self: S3Response, request: Any, body: bytes, bucket_name: str, query: dict[str, Any], key_name: str
) -> Any:
    creates, completes = "uploads" in query, bool(query.get("uploadId"))
    bucket = self.backend.get_bucket(bucket_name)
    known = set(bucket.multiparts)
    if completes and query["uploadId"][0] not in known:
        existing = self.backend.get_object(bucket_name, key_name)
        if not (existing and existing.multipart and existing.multipart.id == query["uploadId"][0]):
            raise NoSuchUpload(upload_id=query["uploadId"][0])
    status, headers, answer = _original_response_post(self, request, body, bucket_name, query, key_name)
    if creates and status == 200:
        upload_id = re.search(r"<UploadId>(.*)</UploadId>", _text(answer))[1]
        bucket.multiparts[upload_id].lock = {k: request.headers.get(h) for k, h in _LOCK_HEADERS.items()}
    if completes and status == 200:
        key = self.backend.get_object(bucket_name, key_name)
        if key is not None and key.checksum_algorithm:
            tag, value = f"Checksum{key.checksum_algorithm}", _qualified_checksum(key)
            extra = f"<{tag}>{value}</{tag}><ChecksumType>{key.checksum_type}</ChecksumType></"
            answer = extra.join(_text(answer).rsplit("</", 1))
    return status, headers, answer


def _head_object(self: S3Response, bucket_name: str, query: Any, key_name: str, headers: Any) -> Any:
    """moto leaves the number of parts out of a composite checksum here, other than in GetObject."""
    status, answer_headers, body = _original_head(self, bucket_name, query, key_name, headers)
    key = self.backend.get_object(bucket_name, key_name, version_id=query.get("versionId", [None])[0])
    for name, value in list(answer_headers.items()):
        if name.startswith("x-amz-checksum-") and value == getattr(key, "checksum_value", None):
            answer_headers[name] = _qualified_checksum(key)
    return status, answer_headers, body


def _text(body: str | bytes) -> str:
    return body.decode() if isinstance(body, bytes) else body


def _qualified_checksum(key: Any) -> str:
    return f"{key.checksum_value}-{key.checksum_parts}" if key.checksum_type == "COMPOSITE" else key.checksum_value


def _parts_to_complete(self: S3Response, body: bytes) -> Iterator[tuple[int, str]]:
    """The parts that the request names, once order and checksums fit what was uploaded."""
    upload = _upload(self, self._get_param("uploadId"))
    expected = _expected_algorithm(upload)
    named: list[tuple[int, str]] = []
    root = ElementTree.fromstring(body)
    namespace = root.tag[: root.tag.find("}") + 1]
    for part in root.findall(f"{namespace}Part"):
        fields = {child.tag.removeprefix(namespace): child.text or "" for child in part}
        number = int(fields["PartNumber"])
        if named and number <= named[-1][0]:
            raise InvalidPartOrder()
        for algorithm in ALGORITHMS:
            announced = fields.get(f"Checksum{algorithm.upper()}")
            if announced and upload.part_checksums.get(number) != (algorithm, announced):
                raise InvalidPart()
        composite = (upload.metadata.get("x-amz-checksum-type") or "COMPOSITE") == "COMPOSITE"
        if expected and expected != "crc64nvme" and composite and f"Checksum{expected.upper()}" not in fields:
            raise S3ClientError(
                "InvalidRequest",
                f"The upload was created using a {expected} checksum. The complete request must include the "
                f"checksum for each part. It was missing for part {number} in the request.",
            )
        named.append((number, fields["ETag"]))
    _check_whole(self, upload, [number for number, _ in named])
    return iter(named)


def _check_whole(self: S3Response, upload: FakeMultipart, numbers: list[int]) -> None:
    """x-amz-mp-object-size and x-amz-checksum-* of a completion speak of the whole object."""
    parts = [upload.parts[n].value for n in numbers if n in upload.parts]
    size = self.headers.get("x-amz-mp-object-size")
    if size is not None and int(size) != sum(map(len, parts)):
        raise S3ClientError("InvalidRequest", "The x-amz-mp-object-size does not match the size of the parts.")
    for algorithm in ALGORITHMS:
        announced = self.headers.get(f"x-amz-checksum-{algorithm}")
        if not announced:
            continue
        if upload.metadata.get("x-amz-checksum-type") == "FULL_OBJECT" or algorithm == "crc64nvme":
            actual = b64encode(checksum(algorithm, b"".join(parts))).decode()
        else:
            values = b"".join(b64decode(upload.part_checksums[n][1]) for n in numbers if n in upload.part_checksums)
            actual = b64encode(checksum(algorithm, values)).decode()
            announced = announced.partition("-")[0]
        if actual != announced:
            raise S3ClientError(
                "BadDigest", f"The {algorithm.upper()} you specified did not match the calculated checksum."
            )


def _complete(self: S3Backend, bucket_name: str, multipart_id: str, body: Any) -> Any:
    bucket = self.get_bucket(bucket_name)
    upload = bucket.multiparts.get(multipart_id)
    if upload is None:
        raise NoSuchUpload(upload_id=multipart_id)
    key = _original_complete(self, bucket_name, multipart_id, body)
    lock = dict(upload.lock)
    if not any(lock.values()) and bucket.has_default_lock:
        lock = {"lock_mode": bucket.default_lock_mode, "lock_until": bucket.default_retention()}
    for name, value in lock.items():
        if value:
            setattr(key, name, value)
    return key
