from __future__ import annotations

import os
import pickle
import zlib
from collections import OrderedDict
from typing import Dict, Mapping, Tuple, Union

import pyarrow as pa

from gongdao._gongdao import NativePack, read_folder


class Pack:
    """Law as data, validated and compiled: all packs of one folder.

    A pack is pickled as its files, so that a machine without the folder judges by the same bytes.
    """

    __slots__ = ("_files", "_native")

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """Packs that are in memory already: path relative to the packs folder, with `/`, and content.

        Raises GongdaoError with every problem that was found.
        """
        self._files: Dict[str, bytes] = dict(files)
        self._native = NativePack(self._files)

    @staticmethod
    def load(folder: Union[str, "os.PathLike[str]"]) -> "Pack":
        """Read the folder that holds the packs, the one with `vocabulary.cedarschema` in it.

        Raises GongdaoError with every problem that was found: file, line, what is wrong, what to do.
        """
        return Pack(read_folder(folder))

    @property
    def digest(self) -> str:
        """`sha256:…` over the paths and bytes of all files; the one that `gongdao audit` writes into its results."""
        return self._native.digest

    @property
    def rules(self) -> pa.Table:
        """One row a rule version, ordered by `key`.

        `key` (`RULE@FROM` or `RULE@FROM?READING`, the column of the wide verdicts), `rule`, `reading`, `provision`, `kind`
        (`prohibition`, `demand`, `basis`), `actions`, `facts`, `place` (GB/T 2260), `from` and `until` (first day no longer
        in force, or null), `effect`, `standing` (`verified`, `unverified`, `draft`), `binding`, `zh` and `en` (what it asks).
        """
        return pa.Table.from_batches([self._native.versions()])

    @property
    def facts(self) -> pa.Table:
        """One row a fact of the vocabulary: `path` (the name of its column), `type`, `grade`, `unit`, `words`, `zh`, `en`."""
        return pa.Table.from_batches([self._native.facts()])

    @property
    def actions(self) -> pa.Table:
        """One row an action of the vocabulary: `name`, `zh`, `en`."""
        rows = self._native.actions()
        columns = {name: [row[index] for row in rows] for index, name in enumerate(("name", "zh", "en"))}
        return pa.table(columns, schema=pa.schema([(name, pa.string()) for name in columns]))

    def __reduce__(self) -> Tuple[object, Tuple[bytes]]:
        return _unpickle, (zlib.compress(pickle.dumps(self._files, protocol=4)),)

    def __repr__(self) -> str:
        return f"<gongdao.Pack {self.digest}>"


_KEPT: "OrderedDict[bytes, Pack]" = OrderedDict()
_MOST_KEPT = 4


def _unpickle(content: bytes) -> Pack:
    """Compiling takes longer than most tasks of a cluster, so a process keeps its last few packs."""
    pack = _KEPT.pop(content, None) or Pack(pickle.loads(zlib.decompress(content)))
    _KEPT[content] = pack
    while len(_KEPT) > _MOST_KEPT:
        _KEPT.popitem(last=False)
    return pack
