//! Folders of PNG files: each folder is a class, in the order of their names.

use super::writer::{Chunking, DatasetWriter, Imported};
use super::{ImportError, entries, read};
use protocol::chunked::Layout;
use protocol::philox::{Purpose, Stream};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use zune_png::PngDecoder;
use zune_png::zune_core::colorspace::ColorSpace;
use zune_png::zune_core::options::DecoderOptions;
use zune_png::zune_core::result::DecodingResult;

/// Longest side of an image, in pixels.
const MAX_SIDE: usize = 1 << 14;

/// An image as a dataset holds it.
struct Image {
    channels: u32,
    height: u32,
    width: u32,
    /// Channel by channel, row by row.
    pixels: Vec<u8>,
}

impl Image {
    fn shape(&self) -> [u32; 3] {
        [self.channels, self.height, self.width]
    }

    /// Grey or red, green and blue, in 8 bits each; palettes become colours, 16 bits lose the lower 8.
    fn read(path: &Path) -> Result<Self, ImportError> {
        let failed = |problem: String| ImportError::file(path, problem);
        let options = DecoderOptions::new_safe()
            .set_strict_mode(true)
            .png_set_confirm_crc(true)
            .png_set_strip_to_8bit(true)
            .set_max_width(MAX_SIDE)
            .set_max_height(MAX_SIDE);
        let mut decoder = PngDecoder::new_with_options(Cursor::new(read(path)?), options);
        let decoded = decoder.decode().map_err(|error| failed(format!("it is no PNG that can be read: {error:?}")))?;
        let (Some((width, height)), Some(space)) = (decoder.dimensions(), decoder.colorspace()) else {
            return Err(failed("it has no size or no colours".into()));
        };
        let DecodingResult::U8(bytes) = decoded else { return Err(failed("it has no 8-bit form".into())) };
        let channels = match space {
            ColorSpace::Luma => 1,
            ColorSpace::RGB => 3,
            other => return Err(failed(format!("its colours are {other:?}: convert it to grey or RGB without alpha"))),
        };
        if bytes.len() != channels * width * height {
            return Err(failed("it has another number of pixels than it says".into()));
        }
        let pixels = (0..channels).flat_map(|channel| bytes.iter().skip(channel).step_by(channels)).copied().collect();
        // both sides are at most MAX_SIDE
        Ok(Self { channels: channels as u32, height: height as u32, width: width as u32, pixels })
    }
}

/// Imports the folder's folders: the names of both are sorted, and each class's images follow each other, unless `shuffle`
/// is a seed to order all of them by. The list of the files is in memory; the images are not.
pub fn png_folder(folder: &Path, shuffle: Option<u64>, chunking: &mut Chunking<'_>) -> Result<Imported, ImportError> {
    let mut names = Vec::new();
    let mut files: Vec<(PathBuf, u32)> = Vec::new();
    for (class, path) in (0..).zip(entries(folder)?) {
        if !path.is_dir() {
            return Err(ImportError::file(&path, "folders are expected here, one for each class: move it away"));
        }
        let images = entries(&path)?;
        if let Some(nested) = images.iter().find(|image| image.is_dir()) {
            return Err(ImportError::file(nested, "it is a folder, PNG files are expected here: move it away"));
        }
        if images.is_empty() {
            return Err(ImportError::file(&path, "there is no image in it: a class needs one, or no folder"));
        }
        names.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
        files.extend(images.into_iter().map(|image| (image, class)));
    }
    let Some((first, _)) = files.first() else { return Err(ImportError::Empty) };
    if names.len() < 2 {
        return Err(ImportError::file(folder, "there is one class only, at least two are needed"));
    }
    let count = u32::try_from(files.len()).map_err(|_| ImportError::file(folder, "there are too many images"))?;
    let Image { channels, height, width, .. } = Image::read(first)?;
    let layout = Layout::Images { channels, height, width, white: u8::MAX, classes: names.len() as u32 };
    let mut writer = DatasetWriter::new(layout, chunking)?;
    let order = shuffle.map(|seed| Stream::new(seed, Purpose::Epoch, 0).permutation(count));
    for place in 0..files.len() {
        let (path, class) = &files[order.as_ref().map_or(place, |order| order[place] as usize)];
        let image = Image::read(path)?;
        let [c, h, w] = image.shape();
        if [c, h, w] != [channels, height, width] {
            let problem = format!(
                "it has {c} channels and {w} x {h} pixels, {} has {channels} and {width} x {height}: make all alike",
                first.display()
            );
            return Err(ImportError::file(path, problem));
        }
        writer.push(
            |chunk| chunk.push_image(&image.pixels, *class),
            |error| ImportError::file(path, error.to_string()),
        )?;
    }
    Ok(Imported { names, ..writer.finish()? })
}
