from dataclasses import dataclass
from pathlib import Path

from proto.media import StoredFile
from services.media.isolation import Isolation
from services.media.remote import RemoteFile
from services.store.objects import ObjectMissing, ObjectStore, UrlSigner


@dataclass(frozen=True)
class Workbench:
    """What reading strangers' files takes."""

    objects: ObjectStore
    isolation: Isolation
    signer: UrlSigner

    async def open_upload(self, file: StoredFile, folder: Path) -> RemoteFile:
        """An upload as a child process reads it: by ranges, and with no credentials.

        folder: where what was read is kept. Raises ObjectMissing when the upload is gone.
        """
        if not await self.objects.holds(file):
            raise ObjectMissing(f"{file.key} of sha256 {file.sha256}")
        url = self.signer.sign_at_store(file.key)
        return RemoteFile(url=url, size_bytes=file.size_bytes, copy=folder / file.sha256)
