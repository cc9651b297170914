//! Badges in PNG and JPEG files. Pixels are decoded and encoded again; metadata stays as it stands in the old file.

use super::badge::{Badge, BadgeOptions, draw};
use super::picture::Picture;
use crate::read::read_as;
use crate::source::{Source, number};
use crate::{Format, LabelError, WriteOptions};
use image::{ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Little of a picture is lost at this quality of 100, and drawn words stay sharp.
const JPEG_QUALITY: u8 = 95;
/// No picture takes more memory when it is decoded.
const MOST_MEMORY: u64 = 2 << 30;

/// Decodes a PNG or JPEG file.
///
/// Errors: another kind of file; a picture that cannot be decoded, or that would take more than 2 GiB.
pub fn decode(bytes: &[u8], name: &str) -> Result<Picture, LabelError> {
    let (image, _) = open(bytes, name)?;
    let rgba = image.into_rgba8();
    Picture::new(rgba.width(), rgba.height(), rgba.into_raw())
}

/// The file with a badge in its picture. JPEG is encoded again at quality 95. Other segments and chunks stay, so the label
/// in the metadata does too.
///
/// Errors: another kind of file; animation, 16 bits a channel, a picture that is stored turned: it would lose something; a
/// C2PA manifest, unless the options allow to break it; and those of [`draw`].
pub fn with_badge(
    bytes: &[u8],
    name: &str,
    badge: &BadgeOptions,
    options: WriteOptions,
) -> Result<(Vec<u8>, Badge), LabelError> {
    let (image, format) = open(bytes, name)?;
    let mut cursor = Cursor::new(bytes);
    let reading = read_as(format, &mut Source::new(&mut cursor)?)?;
    if reading.credentials.is_some() && !options.breaks_credentials {
        return Err(LabelError::refused(
            "the file has a C2PA manifest, and a badge drawn now would break its signature",
            "draw first and sign last; or draw all the same with `--break-c2pa` and sign again",
        ));
    }
    let has_opacity = image.color().has_alpha();
    let rgba = image.into_rgba8();
    let mut picture = Picture::new(rgba.width(), rgba.height(), rgba.into_raw())?;
    let drawn = draw(&mut picture, badge)?;
    let encoded = encode(&picture, format, has_opacity)?;
    let joined = match format {
        Format::Png => join_png(bytes, &encoded),
        _ => join_jpeg(bytes, &encoded),
    };
    let joined = joined.ok_or_else(|| LabelError::malformed(0, "the file's metadata cannot be carried over"))?;
    Ok((joined, drawn))
}

fn undecodable(error: &image::ImageError) -> LabelError {
    LabelError::malformed(0, format!("the picture cannot be decoded: {error}"))
}

fn open(bytes: &[u8], name: &str) -> Result<(DynamicImage, Format), LabelError> {
    let mut cursor = Cursor::new(bytes);
    let format = Format::detect(&mut Source::new(&mut cursor)?, name)?;
    let kind = match format {
        Format::Png => ImageFormat::Png,
        Format::Jpeg => ImageFormat::Jpeg,
        other => {
            return Err(LabelError::new(
                crate::ErrorKind::Unsupported,
                format!("badges are drawn into PNG and JPEG, and this is {other}"),
                "convert it to PNG or JPEG first",
            ));
        }
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), kind);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| undecodable(&error))?;
    let refuse = |what: &str, hint: &str| Err(LabelError::refused(what, hint));
    if decoder.orientation().is_ok_and(|turned| turned != image::metadata::Orientation::NoTransforms) {
        return refuse(
            "the picture is stored turned (EXIF orientation)",
            "turn its pixels first, so that words stand upright",
        );
    }
    if matches!(decoder.color_type(), ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16) {
        return refuse("the picture has 16 bits a channel", "convert it to 8 bits first; half of them would be lost");
    }
    if format == Format::Png && chunks(bytes).is_some_and(|all| all.iter().any(|chunk| &chunk.kind == b"acTL")) {
        return refuse("the picture is animated", "label it as a video, or label each frame");
    }
    let image = DynamicImage::from_decoder(decoder).map_err(|error| undecodable(&error))?;
    Ok((image, format))
}

fn encode(picture: &Picture, format: Format, has_opacity: bool) -> Result<Vec<u8>, LabelError> {
    let (width, height) = (picture.width(), picture.height());
    let rgba = image::RgbaImage::from_raw(width, height, picture.bytes().to_vec());
    let rgba =
        rgba.map(DynamicImage::ImageRgba8).ok_or_else(|| LabelError::malformed(0, "a picture of another size"))?;
    let image = if has_opacity && format == Format::Png { rgba } else { DynamicImage::ImageRgb8(rgba.into_rgb8()) };
    let mut bytes = Vec::new();
    let encoded = if format == Format::Png {
        image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
    } else {
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
        image.write_with_encoder(encoder)
    };
    encoded.map_err(|error| LabelError::new(crate::ErrorKind::Program, error.to_string(), "report it"))?;
    Ok(bytes)
}

struct Chunk<'a> {
    kind: [u8; 4],
    whole: &'a [u8],
}

fn chunks(file: &[u8]) -> Option<Vec<Chunk<'_>>> {
    let mut found = Vec::new();
    let mut at = 8;
    while at < file.len() {
        let length = usize::try_from(number::be32(file, at)?).ok()?;
        let whole = file.get(at..at.checked_add(length)?.checked_add(12)?)?;
        let kind = number::array(file, at + 4)?;
        found.push(Chunk { kind, whole });
        at += whole.len();
        if &kind == b"IEND" {
            break;
        }
    }
    Some(found)
}

/// Chunks that speak of the old pixels' storage.
const OF_PIXELS: [&[u8; 4]; 7] = [b"IHDR", b"PLTE", b"tRNS", b"bKGD", b"sBIT", b"hIST", b"IDAT"];

/// The new header and pixels with the old file's other chunks, before and after the pixels as they stood.
fn join_png(old: &[u8], new: &[u8]) -> Option<Vec<u8>> {
    let (old_chunks, new_chunks) = (chunks(old)?, chunks(new)?);
    let first_data = old_chunks.iter().position(|chunk| &chunk.kind == b"IDAT")?;
    let is_kept = |chunk: &&Chunk<'_>| !OF_PIXELS.contains(&&chunk.kind) && &chunk.kind != b"IEND";
    let mut file = new.get(..8)?.to_vec();
    let mut push = |chunk: &Chunk<'_>| file.extend_from_slice(chunk.whole);
    new_chunks.iter().filter(|chunk| &chunk.kind == b"IHDR").for_each(&mut push);
    old_chunks.iter().take(first_data).filter(is_kept).for_each(&mut push);
    new_chunks.iter().filter(|chunk| &chunk.kind == b"IDAT").for_each(&mut push);
    old_chunks.iter().skip(first_data).filter(is_kept).for_each(&mut push);
    new_chunks.iter().filter(|chunk| &chunk.kind == b"IEND").for_each(&mut push);
    Some(file)
}

/// Application and comment segments before the picture: marker and whole.
fn segments(file: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut found = Vec::new();
    let mut at = 2;
    loop {
        let marker = *file.get(at + 1)?;
        match marker {
            0xff => at += 1,
            0xe0..=0xef | 0xfe => {
                let length = usize::from(number::be16(file, at + 2)?);
                found.push((marker, file.get(at..at.checked_add(length)?.checked_add(2)?)?));
                at += length + 2;
            }
            // Tables and frames: a file may have metadata after them, which is rare.
            0xda | 0xd9 => return Some(found),
            _ => at += usize::from(number::be16(file, at + 2)?) + 2,
        }
    }
}

/// The new picture with the old file's application and comment segments. `APP14` says how the old colours were stored.
fn join_jpeg(old: &[u8], new: &[u8]) -> Option<Vec<u8>> {
    const COLOURS: u8 = 0xee;
    let old_segments = segments(old)?;
    let mut file = vec![0xff, 0xd8];
    for (_, whole) in old_segments.iter().filter(|(marker, _)| *marker != COLOURS) {
        file.extend_from_slice(whole);
    }
    let has_head = old_segments.iter().any(|(marker, _)| *marker == 0xe0);
    let mut at = 2;
    while let Some(0xe0..=0xef) = new.get(at + 1) {
        let end = at + usize::from(number::be16(new, at + 2)?) + 2;
        if !has_head {
            file.extend_from_slice(new.get(at..end)?);
        }
        at = end;
    }
    file.extend_from_slice(new.get(at..)?);
    Some(file)
}
