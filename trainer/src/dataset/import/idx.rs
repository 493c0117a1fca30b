//! IDX files, the format of the MNIST family (<http://yann.lecun.com/exdb/mnist/>): a magic number with the type of the
//! values and the number of dimensions, the dimensions, then the values; everything big endian. Also compressed with gzip.

use super::writer::{Chunking, DatasetWriter, Imported};
use super::{ImportError, cannot_read};
use flate2::read::MultiGzDecoder;
use protocol::chunked::{Layout, MAX_CHUNK_BYTES};
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

const UNSIGNED_BYTES: u8 = 0x08;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// An IDX file of bytes, whose dimensions were read.
struct Idx<'a> {
    path: &'a Path,
    dimensions: Vec<u32>,
    values: Box<dyn Read>,
}

impl<'a> Idx<'a> {
    fn open(path: &'a Path) -> Result<Self, ImportError> {
        let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(cannot_read(path))?);
        let compressed = file.fill_buf().map_err(cannot_read(path))?.starts_with(&GZIP);
        let mut values: Box<dyn Read> =
            if compressed { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) };
        let mut magic = [0; 4];
        fill(path, &mut values, &mut magic)?;
        let [0, 0, kind, count] = magic else {
            return Err(ImportError::file(path, "it is no IDX file: it does not begin with two zero bytes"));
        };
        if kind != UNSIGNED_BYTES {
            return Err(ImportError::file(
                path,
                format!("its values are of type {kind:#04x}, only bytes (0x08) are read"),
            ));
        }
        let mut dimensions = Vec::new();
        for _ in 0..count {
            let mut dimension = [0; 4];
            fill(path, &mut values, &mut dimension)?;
            dimensions.push(u32::from_be_bytes(dimension));
        }
        Ok(Self { path, dimensions, values })
    }

    fn next(&mut self, values: &mut [u8]) -> Result<(), ImportError> {
        fill(self.path, &mut self.values, values)
    }

    fn finish(mut self) -> Result<(), ImportError> {
        match self.values.read(&mut [0]).map_err(cannot_read(self.path))? {
            0 => Ok(()),
            _ => Err(ImportError::file(self.path, "it is longer than its dimensions say")),
        }
    }
}

fn fill(path: &Path, from: &mut dyn Read, bytes: &mut [u8]) -> Result<(), ImportError> {
    from.read_exact(bytes).map_err(|source| match source.kind() {
        ErrorKind::UnexpectedEof => ImportError::file(path, "it ends before its dimensions say"),
        _ => cannot_read(path)(source),
    })
}

/// The highest of `count` labels.
fn highest(path: &Path) -> Result<(u32, u8), ImportError> {
    let mut labels = Idx::open(path)?;
    let &[count] = labels.dimensions.as_slice() else {
        return Err(ImportError::file(path, format!("labels have one dimension, it has {}", labels.dimensions.len())));
    };
    let (mut left, mut highest, mut buffer) = (count as usize, 0, [0; 1 << 12]);
    while left > 0 {
        let part = &mut buffer[..left.min(1 << 12)];
        labels.next(part)?;
        highest = part.iter().copied().fold(highest, u8::max);
        left -= part.len();
    }
    labels.finish()?;
    Ok((count, highest))
}

/// Imports `images` of three dimensions (number, rows, columns) or four (number, channels, rows, columns) with their
/// `labels`. There are as many classes as the highest label asks for, or `classes`.
pub fn idx(
    images: &Path,
    labels: &Path,
    classes: Option<u32>,
    chunking: &mut Chunking<'_>,
) -> Result<Imported, ImportError> {
    let (count, highest) = highest(labels)?;
    let mut pixels = Idx::open(images)?;
    let (found, channels, height, width) = match *pixels.dimensions.as_slice() {
        [count, height, width] => (count, 1, height, width),
        [count, channels, height, width] => (count, channels, height, width),
        ref other => {
            let problem = format!("images have three or four dimensions, it has {}", other.len());
            return Err(ImportError::file(images, problem));
        }
    };
    if found != count {
        let problem = format!("it has {found} images, {} has {count} labels", labels.display());
        return Err(ImportError::file(images, problem));
    }
    let classes = classes.unwrap_or((u32::from(highest) + 1).max(2));
    let layout = Layout::Images { channels, height, width, white: u8::MAX, classes };
    let mut writer = DatasetWriter::new(layout, chunking)?;
    // the layout is valid, so this fits
    let mut image = vec![0; layout.input_bytes().min(MAX_CHUNK_BYTES) as usize];
    let mut classes = Idx::open(labels)?;
    for row in 0..count {
        let mut label = [0];
        pixels.next(&mut image)?;
        classes.next(&mut label)?;
        let refused = |error| ImportError::row(images, row.into(), error);
        writer.push(|chunk| chunk.push_image(&image, label[0].into()), refused)?;
    }
    pixels.finish()?;
    writer.finish()
}
