use crate::source::Source;
use crate::{ErrorKind, LabelError};
use std::fmt;

/// Kinds of files that a label can be written into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// PNG, APNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    Webp,
    /// GIF.
    Gif,
    /// TIFF, BigTIFF.
    Tiff,
    /// MP3.
    Mp3,
    /// WAV, RF64.
    Wav,
    /// FLAC.
    Flac,
    /// Ogg with Vorbis, Opus, Theora, Speex or FLAC.
    Ogg,
    /// MP4, MOV, M4A.
    Mp4,
    /// MKV, WebM.
    Matroska,
    /// AVI.
    Avi,
    /// PDF.
    Pdf,
    /// DOCX, XLSX, PPTX.
    Ooxml,
    /// Markdown.
    Markdown,
    /// Plain text.
    Text,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Png,
        Self::Jpeg,
        Self::Webp,
        Self::Gif,
        Self::Tiff,
        Self::Mp3,
        Self::Wav,
        Self::Flac,
        Self::Ogg,
        Self::Mp4,
        Self::Matroska,
        Self::Avi,
        Self::Pdf,
        Self::Ooxml,
        Self::Markdown,
        Self::Text,
    ];

    /// Its name in reports.
    pub fn code(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Tiff => "tiff",
            Self::Mp3 => "mp3",
            Self::Wav => "wav",
            Self::Flac => "flac",
            Self::Ogg => "ogg",
            Self::Mp4 => "mp4",
            Self::Matroska => "matroska",
            Self::Avi => "avi",
            Self::Pdf => "pdf",
            Self::Ooxml => "ooxml",
            Self::Markdown => "markdown",
            Self::Text => "text",
        }
    }

    /// What people perceive the content as.
    pub fn medium(self) -> Medium {
        match self {
            Self::Png | Self::Jpeg | Self::Webp | Self::Gif | Self::Tiff => Medium::Image,
            Self::Mp3 | Self::Wav | Self::Flac | Self::Ogg => Medium::Audio,
            Self::Mp4 | Self::Matroska | Self::Avi => Medium::Video,
            Self::Pdf | Self::Ooxml | Self::Markdown | Self::Text => Medium::Text,
        }
    }

    /// Recognises a file by its first bytes; text, which has no mark, by the ending of its name.
    ///
    /// Errors: a kind of file in which no place for a label is known, named where it is recognised.
    pub(crate) fn detect(source: &mut Source<'_>, name: &str) -> Result<Self, LabelError> {
        let head = source.head(0, 1024)?;
        if let Some(format) = by_mark(&head) {
            return Ok(format);
        }
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
        let other = other_kind(&head, &ending);
        if head.starts_with(b"PK\x03\x04") {
            let is_document = crate::carrier::is_document(source);
            return if is_document { Ok(Self::Ooxml) } else { Err(unsupported(other.unwrap_or("ZIP"))) };
        }
        match (other, ending.as_str()) {
            (None, "md" | "markdown") => Ok(Self::Markdown),
            (None, "txt" | "text") => Ok(Self::Text),
            (Some(kind), _) => Err(unsupported(kind)),
            (None, _) if head.is_empty() => Err(LabelError::malformed(0, "the file is empty")),
            (None, "") => Err(unsupported("unknown")),
            (None, ending) => Err(unsupported(&format!("`.{ending}`"))),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What content is perceived as; the standard's rules on visible labels go by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Medium {
    /// Words.
    Text,
    /// Pictures.
    Image,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
}

fn by_mark(head: &[u8]) -> Option<Format> {
    let at = |from: usize, mark: &[u8]| head.get(from..).is_some_and(|rest| rest.starts_with(mark));
    let rows: [(usize, &[u8], Format); 11] = [
        (0, b"\x89PNG\r\n\x1a\n", Format::Png),
        (0, b"\xff\xd8\xff", Format::Jpeg),
        (0, b"GIF87a", Format::Gif),
        (0, b"GIF89a", Format::Gif),
        (0, b"II*\0", Format::Tiff),
        (0, b"MM\0*", Format::Tiff),
        (0, b"II+\0", Format::Tiff),
        (0, b"MM\0+", Format::Tiff),
        (0, b"fLaC", Format::Flac),
        (0, b"OggS", Format::Ogg),
        (0, b"\x1a\x45\xdf\xa3", Format::Matroska),
    ];
    if let Some((.., format)) = rows.iter().find(|(from, mark, _)| at(*from, mark)) {
        return Some(*format);
    }
    let is_riff = at(0, b"RIFF") || at(0, b"RF64") || at(0, b"BW64");
    let forms: [(&[u8], Format); 3] = [(b"WEBP", Format::Webp), (b"WAVE", Format::Wav), (b"AVI ", Format::Avi)];
    if let Some((_, format)) = forms.iter().find(|(form, _)| is_riff && at(8, form)) {
        return Some(*format);
    }
    let boxes: [&[u8]; 6] = [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"pnot"];
    if boxes.iter().any(|kind| at(4, kind)) && still_picture(head).is_none() {
        return Some(Format::Mp4);
    }
    // Frames of MPEG audio, layer 3 or 2: `FF FE` begins a text in UTF-16, and layer 0 is AAC's.
    let is_frame = matches!(head, [0xff, second, third, ..] if second & 0xe0 == 0xe0
        && matches!(second & 6, 2 | 4)
        && !matches!(third >> 4, 0 | 15)
        && third & 0x0c != 0x0c);
    if at(0, b"ID3") || is_frame {
        return Some(Format::Mp3);
    }
    head.windows(5).any(|window| window == b"%PDF-").then_some(Format::Pdf)
}

/// Pictures that stand in the boxes of MP4, by their brand.
fn still_picture(head: &[u8]) -> Option<&'static str> {
    let brand = head.get(8..12).filter(|_| head.get(4..8) == Some(b"ftyp"))?;
    match brand {
        b"avif" | b"avis" => Some("AVIF"),
        b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1" => Some("HEIF"),
        b"crx " => Some("CR3"),
        _ => None,
    }
}

fn other_kind(head: &[u8], ending: &str) -> Option<&'static str> {
    let rows: [(&[u8], &str); 12] = [
        (b"\xd0\xcf\x11\xe0", "old or encrypted Office"),
        (b"8BPS", "Photoshop"),
        (b"FLV\x01", "FLV"),
        (b"\x30\x26\xb2\x75", "ASF"),
        (b"FORM", "AIFF"),
        (b"\0\0\0\x0cJXL ", "JPEG XL"),
        (b"\xff\x0a", "JPEG XL"),
        (b"\0\0\0\x0cjP  ", "JPEG 2000"),
        (b"BM", "BMP"),
        (b"Rar!", "RAR"),
        (b"7z\xbc\xaf", "7-Zip"),
        (b"\x1f\x8b", "gzip"),
    ];
    // Text may begin with any letters.
    let is_text = matches!(ending, "md" | "markdown" | "txt" | "text");
    still_picture(head).or_else(|| {
        rows.iter().find(|(mark, _)| head.starts_with(mark) && !(is_text && mark.is_ascii())).map(|(_, kind)| *kind)
    })
}

fn unsupported(kind: &str) -> LabelError {
    LabelError::new(
        ErrorKind::Unsupported,
        format!("no place for a label is known in a file of kind {kind}"),
        "convert it to PNG, JPEG, WebP, GIF, TIFF, MP3, WAV, FLAC, OGG, MP4, MOV, M4A, MKV, AVI, PDF, DOCX, XLSX, PPTX, \
         Markdown or plain text (.md, .txt)",
    )
}
