//! Pictures of 8 by 8 pixels or less.

fn png_chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let body = [kind, data].concat();
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length[..], &body, &crc32fast::hash(&body).to_be_bytes()].concat()
}

/// 8 by 8 grey pixels from the content's bytes.
pub fn png(content: &[u8]) -> Vec<u8> {
    let pixel = |at: usize| content.get(at % content.len().max(1)).copied().unwrap_or(7);
    let rows: Vec<u8> = (0..8).flat_map(|row| [0].into_iter().chain((0..8).map(move |x| pixel(row * 8 + x)))).collect();
    let header = [0, 0, 0, 8, 0, 0, 0, 8, 8, 0, 0, 0, 0];
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        png_chunk(b"IHDR", &header),
        png_chunk(b"tEXt", b"Software\0test"),
        png_chunk(b"IDAT", &miniz_oxide::deflate::compress_to_vec_zlib(&rows, 6)),
        png_chunk(b"IEND", &[]),
    ]
    .concat()
}

/// A baseline picture of one grey block. Its colour is the content's first byte, coarsely; the rest is a comment.
pub fn jpeg(content: &[u8]) -> Vec<u8> {
    let segment = |marker: u8, data: &[u8]| {
        let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], data].concat()
    };
    let quantisation = [&[0][..], &[16; 64]].concat();
    // One code of each kind: the difference 0, and the end of the block.
    let table = |class: u8| [&[class, 1][..], &[0; 15], &[0]].concat();
    [
        vec![0xff, 0xd8],
        segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segment(0xfe, &content[..content.len().min(1000)]),
        segment(0xdb, &quantisation),
        segment(0xc0, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]),
        segment(0xc4, &table(0x00)),
        segment(0xc4, &table(0x10)),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
        vec![0x3f, 0xff, 0xd9],
    ]
    .concat()
}

/// The lossless picture of one pixel; the content stands in a chunk that nobody knows.
pub fn webp(content: &[u8]) -> Vec<u8> {
    let chunk = |id: &[u8; 4], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        [&id[..], &length, data, &vec![0; data.len() % 2]].concat()
    };
    let picture = [0x2f, 0, 0, 0, 0x10, 0x07, 0x10, 0x11, 0x11, 0x88, 0x88, 0xfe, 0x07, 0];
    let body = [b"WEBP".to_vec(), chunk(b"VP8L", &picture), chunk(b"test", content)].concat();
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

/// One pixel; the content is a comment.
pub fn gif(content: &[u8]) -> Vec<u8> {
    let mut comment = Vec::new();
    for piece in content.chunks(255) {
        comment.push(u8::try_from(piece.len()).unwrap());
        comment.extend_from_slice(piece);
    }
    [
        b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff\x21\xfe".to_vec(),
        comment,
        b"\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b".to_vec(),
    ]
    .concat()
}

/// 8 by 8 grey pixels from the content, little-endian.
pub fn tiff(content: &[u8]) -> Vec<u8> {
    let pixels: Vec<u8> = (0..64).map(|at| content.get(at % content.len().max(1)).copied().unwrap_or(7)).collect();
    let entry = |tag: u16, kind: u16, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &1_u32.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    let entries = [
        entry(256, 3, 8),
        entry(257, 3, 8),
        entry(258, 3, 8),
        entry(259, 3, 1),
        entry(262, 3, 1),
        entry(273, 4, 8),
        entry(277, 3, 1),
        entry(278, 3, 8),
        entry(279, 4, 64),
    ];
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    [b"II*\0\x48\0\0\0".to_vec(), pixels, count.to_vec(), entries.concat(), vec![0; 4]].concat()
}
