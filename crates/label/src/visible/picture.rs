use crate::LabelError;

/// Pixels of a picture: four bytes each, red, green, blue, opacity, row by row from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

/// No picture has more pixels here: 4 bytes each, so 1.6 GB.
const MOST_PIXELS: u64 = 400_000_000;

impl Picture {
    /// Errors: no pixels, too many, or another number of bytes than width and height say.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, LabelError> {
        let count = u64::from(width) * u64::from(height);
        if count == 0 || count > MOST_PIXELS || pixels.len() as u64 != count * 4 {
            return Err(LabelError::refused(
                format!("a picture of {width} by {height} pixels in {} bytes", pixels.len()),
                "give 4 bytes a pixel, and not more than 400 million pixels",
            ));
        }
        Ok(Self { width, height, pixels })
    }

    /// Pixels across.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Pixels down.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The shorter side, which the standard's 5 % refer to.
    pub fn short_side(&self) -> u32 {
        self.width.min(self.height)
    }

    /// All bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.pixels
    }

    fn at(&self, x: u32, y: u32) -> Option<usize> {
        if x >= self.width || y >= self.height {
            return None;
        }
        usize::try_from((u64::from(y) * u64::from(self.width) + u64::from(x)) * 4).ok()
    }

    /// Brightness of a pixel from 0 to 255 (ITU-R BT.601); outside the picture 0.
    pub fn brightness(&self, x: u32, y: u32) -> u8 {
        let pixel = self.at(x, y).and_then(|at| self.pixels.get(at..at + 3));
        let Some([red, green, blue]) = pixel else { return 0 };
        let sum = 299 * u32::from(*red) + 587 * u32::from(*green) + 114 * u32::from(*blue);
        u8::try_from(sum / 1000).unwrap_or(u8::MAX)
    }

    /// Mixes a colour into a pixel: `share` of 255. The pixel becomes opaque as far as it is covered.
    pub(crate) fn mix(&mut self, x: u32, y: u32, colour: [u8; 3], share: u8) {
        let Some(pixel) = self.at(x, y).and_then(|at| self.pixels.get_mut(at..at + 4)) else { return };
        let share = u32::from(share);
        for (old, new) in pixel.iter_mut().zip(colour.into_iter().chain([255])) {
            let mixed = (u32::from(*old) * (255 - share) + u32::from(new) * share + 127) / 255;
            *old = u8::try_from(mixed).unwrap_or(u8::MAX);
        }
    }

    /// A difference hash of 64 bits: whether each of 8 by 8 fields is brighter than its right neighbour. Equal for the same
    /// picture in another size or encoding, up to some bits.
    pub fn perceptual_hash(&self) -> u64 {
        let field = |column: u32, row: u32| self.mean_brightness(column, row, 9, 8);
        let mut hash = 0;
        for row in 0..8 {
            for column in 0..8 {
                hash = (hash << 1) | u64::from(field(column, row) > field(column + 1, row));
            }
        }
        hash
    }

    /// Mean brightness of one field of a grid, times 16; from at most 32 by 32 of its pixels.
    fn mean_brightness(&self, column: u32, row: u32, columns: u32, rows: u32) -> u64 {
        const SAMPLES: u32 = 32;
        let scale = |index: u32, sample: u32, fields: u32, side: u32| {
            let position = (u64::from(index) * u64::from(SAMPLES) + u64::from(sample)) * u64::from(side);
            u32::try_from(position / (u64::from(fields) * u64::from(SAMPLES))).unwrap_or(0)
        };
        let mut sum = 0;
        for down in 0..SAMPLES {
            for across in 0..SAMPLES {
                let x = scale(column, across, columns, self.width);
                let y = scale(row, down, rows, self.height);
                sum += u64::from(self.brightness(x, y));
            }
        }
        sum * 16 / u64::from(SAMPLES * SAMPLES)
    }
}
