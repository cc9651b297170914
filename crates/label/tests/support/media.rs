//! Sound and video; the content is their samples.

fn le(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap().to_le_bytes()
}

fn be(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap().to_be_bytes()
}

fn chunk(id: &[u8], data: &[u8]) -> Vec<u8> {
    [id, &le(data.len()), data, &vec![0; data.len() % 2]].concat()
}

/// A tag with a title, and frames that are silence of 128 kbit/s.
pub fn mp3(content: &[u8]) -> Vec<u8> {
    let title = [b"TIT2\0\0\0\x05\0\0\0".as_slice(), b"test"].concat();
    let frame = [&[0xff, 0xfb, 0x90, 0x64][..], &vec![0; 413]].concat();
    let tag = [b"ID3\x04\0\0\0\0\0", &[u8::try_from(title.len() + 20).unwrap()][..], &title, &[0; 20]].concat();
    [&tag[..], &frame, &frame, content, &frame].concat()
}

pub fn wav(content: &[u8]) -> Vec<u8> {
    let format = [&[1, 0, 1, 0][..], &le(8000), &le(8000), &[1, 0, 8, 0]].concat();
    let body = [b"WAVE".to_vec(), chunk(b"fmt ", &format), chunk(b"data", content)].concat();
    [b"RIFF", &le(body.len())[..], &body].concat()
}

/// Only the metadata is well formed; no decoder needs the frames here.
pub fn flac(content: &[u8]) -> Vec<u8> {
    let info = [&[0x10, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0x0a, 0xc4, 0x40, 0xf0][..], &[0; 20]].concat();
    [b"fLaC\x80\0\0\x22", &info[..], &[0xff, 0xf8], content].concat()
}

fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(
            sum ^ (u32::from(*byte) << 24),
            |sum, _| {
                if sum >> 31 == 0 { sum << 1 } else { (sum << 1) ^ 0x04c1_1db7 }
            },
        )
    })
}

fn page(flags: u8, number: usize, packet: &[u8]) -> Vec<u8> {
    let mut lacing = vec![255; packet.len() / 255];
    lacing.push(u8::try_from(packet.len() % 255).unwrap());
    let count = [u8::try_from(lacing.len()).unwrap()];
    let head = [b"OggS\0", &[flags][..], &[0; 8], &le(77), &le(number)].concat();
    let sum = checksum(&[&head[..], &[0; 4], &count, &lacing, packet].concat());
    [&head[..], &sum.to_le_bytes(), &count, &lacing, packet].concat()
}

pub fn ogg(content: &[u8]) -> Vec<u8> {
    let tags = [b"OpusTags", &le(4)[..], b"test", &le(1), &le(9), b"TITLE=abc"].concat();
    let head = b"OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0";
    [page(2, 0, head), page(0, 1, &tags), page(4, 2, &content[..content.len().min(5000)])].concat()
}

fn boxed(kind: &[u8], body: &[u8]) -> Vec<u8> {
    [&be(body.len() + 8)[..], kind, body].concat()
}

/// One track of one sample; `is_early`: `moov` before `mdat`.
pub fn mp4(content: &[u8], is_early: bool) -> Vec<u8> {
    let file_type = boxed(b"ftyp", b"isom\0\0\0\0isommp42");
    let movie = |place: usize| {
        let table = boxed(b"stco", &[&[0; 4], &be(1)[..], &be(place)].concat());
        let tables = boxed(b"minf", &boxed(b"stbl", &table));
        boxed(b"moov", &[boxed(b"mvhd", &[0; 100]), boxed(b"trak", &boxed(b"mdia", &tables))].concat())
    };
    let data = boxed(b"mdat", content);
    if is_early {
        let place = file_type.len() + movie(0).len() + 8;
        [file_type, movie(place), data].concat()
    } else {
        let place = file_type.len() + 8;
        [file_type, data, movie(place)].concat()
    }
}

fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
    let length = (0x0100_0000_0000_0000 | u64::try_from(body.len()).unwrap()).to_be_bytes();
    [id, &length, body].concat()
}

/// A segment with a `SeekHead`, a small `Void` and one cluster.
pub fn matroska(content: &[u8]) -> Vec<u8> {
    let head = element(b"\x1a\x45\xdf\xa3", &element(b"\x42\x82", b"matroska"));
    let seek =
        element(b"\x4d\xbb", &[element(b"\x53\xab", b"\x15\x49\xa9\x66"), element(b"\x53\xac", &[0, 90])].concat());
    let segment = [
        element(b"\x11\x4d\x9b\x74", &seek),
        element(b"\xec", &[0; 60]),
        element(b"\x15\x49\xa9\x66", &element(b"\x2a\xd7\xb1", &[0x0f, 0x42, 0x40])),
        element(b"\x1f\x43\xb6\x75", &[element(b"\xe7", &[0]), element(b"\xa3", content)].concat()),
    ];
    [head, element(b"\x18\x53\x80\x67", &segment.concat())].concat()
}

pub fn avi(content: &[u8]) -> Vec<u8> {
    let header = chunk(b"LIST", &[b"hdrl".to_vec(), chunk(b"avih", &[0; 56])].concat());
    let frames = chunk(b"LIST", &[b"movi".to_vec(), chunk(b"00dc", content)].concat());
    let body = [b"AVI ".to_vec(), header, frames, chunk(b"idx1", &[0; 16])].concat();
    [b"RIFF", &le(body.len())[..], &body].concat()
}

/// The older version, which has no extensions.
pub fn gif_87a(_: &[u8]) -> Vec<u8> {
    b"GIF87a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b".to_vec()
}
