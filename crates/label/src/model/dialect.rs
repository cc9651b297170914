/// A way of writing a label that is not the standard's or the guides', seen in real files and read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// XMP: the label is an attribute of `rdf:Description`, not an element.
    XmpAttribute,
    /// XMP: the prefix is not `TC260`.
    XmpPrefix,
    /// XMP: the name space is not that of the guide.
    XmpNamespace,
    /// XMP: the packet's first line ends in `??>`.
    XmpHeaderEnd,
    /// An object under the key `AIGC` where the guide has the seven keys alone.
    Wrapped,
    /// The seven keys alone where the guide has an object under `AIGC`.
    Bare,
    /// PNG: a text chunk `AIGC` (annex B) in place of XMP.
    PngTextChunk,
    /// JPEG: an application segment that begins `AIGC{`.
    JpegSegment,
    /// EXIF `UserComment` (annex B) in place of XMP.
    ExifUserComment,
    /// EXIF `ImageDescription`.
    ExifImageDescription,
    /// MP4: `meta` stands under `moov`, not under `moov.udta`.
    MovieMeta,
    /// MP4: an item list without keys.
    KeylessItem,
    /// MP4: XMP in a `uuid` box.
    XmpBox,
    /// Front matter: a flow mapping, `AIGC: {…}`.
    FlowMapping,
    /// Front matter: JSON in a string.
    JsonInYaml,
    /// The keys stand in another order.
    KeyOrder,
    /// A key is spelled otherwise.
    KeySpelling,
    /// A key that the standard does not have.
    ExtraKey,
    /// A number, or true or false, where the standard has a string.
    NotAString,
    /// JSON within a JSON string.
    DoubleEncoded,
    /// Base64 of JSON, which some interfaces want in addresses.
    Base64,
    /// `Label` is the word `AIGC`.
    LabelWord,
    /// A value is what a program prints when it has none, such as `%!s(MISSING)`.
    PrintedNothing,
    /// An identifier is a program's debug print.
    DebugPrint,
    /// Propagator fields are there and empty.
    EmptyPropagator,
    /// A reserved code holds security data signed as `LabelMataData`.
    LabelMataData,
    /// Security data under `PubSd`.
    PubSd,
}

impl Dialect {
    /// Its name in reports.
    pub fn code(self) -> &'static str {
        match self {
            Self::XmpAttribute => "xmp-attribute",
            Self::XmpPrefix => "xmp-prefix",
            Self::XmpNamespace => "xmp-namespace",
            Self::XmpHeaderEnd => "xmp-header-end",
            Self::Wrapped => "wrapped",
            Self::Bare => "bare",
            Self::PngTextChunk => "png-text-chunk",
            Self::JpegSegment => "jpeg-segment",
            Self::ExifUserComment => "exif-user-comment",
            Self::ExifImageDescription => "exif-image-description",
            Self::MovieMeta => "movie-meta",
            Self::KeylessItem => "keyless-item",
            Self::XmpBox => "xmp-box",
            Self::FlowMapping => "flow-mapping",
            Self::JsonInYaml => "json-in-yaml",
            Self::KeyOrder => "key-order",
            Self::KeySpelling => "key-spelling",
            Self::ExtraKey => "extra-key",
            Self::NotAString => "not-a-string",
            Self::DoubleEncoded => "double-encoded",
            Self::Base64 => "base64",
            Self::LabelWord => "label-word",
            Self::PrintedNothing => "printed-nothing",
            Self::DebugPrint => "debug-print",
            Self::EmptyPropagator => "empty-propagator",
            Self::LabelMataData => "label-mata-data",
            Self::PubSd => "pub-sd",
        }
    }
}
