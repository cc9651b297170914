"""Labels pictures with a tool from PyPI, file to file: a line `FROM<tab>TO` on standard input, `done` on standard output.

Usage: python3 label_peer.py metatoolkit|cntc260
What the tools write is not judged here. cntc260 needs the library exempi (Debian: libexempi8), and changes a file in place,
so the file is copied first, as its users must.
"""

import contextlib
import io
import json
import shutil
import sys

LABEL = {
    "Label": "1",
    "ContentProducer": "001191110102MACQD9K64010000",
    "ProduceID": "20261127-000001",
    "ReservedCode1": "",
    "ContentPropagator": "001191110102MACQD9K64010000",
    "PropagateID": "20261127-000001",
    "ReservedCode2": "",
}


def metatoolkit_writer():
    import metatoolkit

    def write(source, target):
        metatoolkit.add_image_metadata(source, custom_metadata={"AIGC": json.dumps(LABEL)}, output_path=target)

    return write


def cntc260_writer():
    from cntc260 import GBxmp

    def write(source, target):
        shutil.copyfile(source, target)
        writer = GBxmp(target)
        writer.setAIGC(dict(LABEL))
        writer.writeXmp()

    return write


write = {"metatoolkit": metatoolkit_writer, "cntc260": cntc260_writer}[sys.argv[1]]()
print("ready", flush=True)
for line in sys.stdin:
    source, target = line.rstrip("\n").split("\t")
    said = ""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            write(source, target)
    except Exception as error:
        said = f"{type(error).__name__}: {error}".replace("\n", " ") + "\n"
    print(said + "done", flush=True)
