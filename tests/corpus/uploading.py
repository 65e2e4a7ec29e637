"""Every file sent, and what became of it held against what had to."""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import httpx

from proto.media import AssetKind
from services.store.objects import ObjectStore
from tests.corpus.case import Canary, Case
from tests.corpus.catalogue import files
from tests.corpus.judge import asset_flaws, code_flaws, refusal_flaws, thumbnail_flaws
from tests.corpus.playing import playing_flaws
from tests.corpus.sending import send
from tests.corpus.share import share
from tests.corpus.tally import Asset, Tally
from tests.integration.refusals import stored_keys
from tests.studio import Studio, eventually

AT_ONCE = 2
CREATED = 201
CHECKED_WITHIN_S = 120.0
GONE_WITHIN_S = 20.0


@dataclass(frozen=True)
class Uploading:
    """folder: for files while they are looked at."""

    studio: Studio
    objects: ObjectStore
    folder: Path
    tally: Tally

    async def run(self, cases: Sequence[Case], seed: int, canary: Canary) -> None:
        before = await self._stored()
        async with aclosing(files(cases, seed, self.folder / "files", canary)) as made:
            await share(made, AT_ONCE, self._upload)
        await self._check_leftovers(before)

    async def _upload(self, given: tuple[Case, bytes]) -> None:
        case, content = given
        self.tally.digests[hashlib.sha256(content).hexdigest()] = case
        try:
            flaws = await self._flaws(case, content)
        except (AssertionError, httpx.HTTPError, TimeoutError) as error:
            flaws = [f"{type(error).__name__}: {str(error)[:300]}"]
        self.tally.blame(case, flaws)

    async def _flaws(self, case: Case, content: bytes) -> list[str]:
        verdict = await send(self.studio.http, case, content)
        self.tally.verdict_ms.append(verdict.verdict_ms)
        if verdict.answer.status_code != CREATED:
            self.tally.refused += 1
            return list(refusal_flaws(case, verdict.answer))
        asset = await self._settled(verdict.answer.json()["asset_id"])
        if asset["unusable"] is not None:
            self.tally.refused += 1
            await self.studio.http.delete(f"/api/assets/{asset['asset_id']}")
            return list(code_flaws(case, asset["unusable"]["code"], asset["unusable"]["message"]))
        self.tally.accepted.append((case, asset))
        return [*asset_flaws(case, asset), *await self._sight_flaws(case, asset)]

    async def _settled(self, asset_id: str) -> Asset:
        """The asset once it was read to its end."""

        async def find() -> Asset | None:
            answer = await self.studio.http.get(f"/api/assets/{asset_id}")
            asset: Asset = answer.json()
            return asset if asset["checked"] or asset["unusable"] else None

        asset: Asset = await eventually(find, within_s=CHECKED_WITHIN_S)
        return asset

    async def _sight_flaws(self, case: Case, asset: Asset) -> list[str]:
        """Of what can be seen of it."""
        if case.kind is AssetKind.AUDIO:
            return []
        thumbnail = await self.studio.fetch(asset["thumbnail_url"])
        flaws = list(thumbnail_flaws(case, asset, thumbnail))
        if case.kind is AssetKind.IMAGE:
            return flaws
        path = self.folder / f"{asset['asset_id']}.proxy"
        path.write_bytes(await self.studio.fetch(asset["proxy_url"]))
        try:
            return flaws + await asyncio.to_thread(lambda: list(playing_flaws(path, asset)))
        finally:
            path.unlink()

    async def _stored(self) -> frozenset[str]:
        uploads = await stored_keys(self.objects, "uploads/")
        return uploads | await stored_keys(self.objects, "assets/")

    async def _check_leftovers(self, before: frozenset[str]) -> None:
        """Refused files leave nothing in the store, at the latest a moment after the answer."""
        known = {asset["asset_id"] for _, asset in self.tally.accepted}

        async def find() -> list[str]:
            new = await self._stored() - before
            return sorted(key for key in new if not known & set(re.split(r"[/.]", key)))

        async def none_left() -> bool:
            return not await find()

        try:
            await eventually(none_left, within_s=GONE_WITHIN_S)
        except TimeoutError:
            self.tally.stray += [await self._origin(key) for key in await find()]

    async def _origin(self, key: str) -> str:
        answer = await self.objects.client.get_object(Bucket=self.objects.bucket, Key=key)
        digest = hashlib.sha256(await answer["Body"].read()).hexdigest()
        case = self.tally.digests.get(digest)
        return f"left over: {key}" + (f" of {case.name}" if case else "")
