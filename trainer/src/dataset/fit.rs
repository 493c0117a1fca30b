//! Whether items of a dataset fit a model, and how many numbers one input of it has.

use super::DatasetError;
use protocol::chunked::Layout;
use protocol::manifest::Model;

fn fits(what: &'static str, expected: u32, found: u32) -> Result<(), DatasetError> {
    if expected == found { Ok(()) } else { Err(DatasetError::DoesNotFitModel { what, expected, found }) }
}

fn product(sizes: &[u32]) -> u32 {
    sizes.iter().fold(1, |product: u32, &size| product.saturating_mul(size))
}

/// Numbers of one input, of a dataset in chunks.
pub(super) fn of_layout(layout: &Layout, model: &Model) -> Result<u32, DatasetError> {
    match *layout {
        Layout::Images { channels, height, width, classes, .. } => images([channels, height, width], classes, model),
        Layout::Features { features, classes } => vectors("features", features, classes, model),
        Layout::Tokens { vocab, .. } => windows("different tokens", vocab, model),
    }
}

/// Numbers of one input, of images whose values are channels, then rows, then columns.
fn images(image: [u32; 3], classes: u32, model: &Model) -> Result<u32, DatasetError> {
    let shape = match model {
        Model::ResidualCnn { channels, height, width, .. } => Some([*channels, *height, *width]),
        // other numbers of dimensions are the module's own reading of the values
        Model::TorchScript { input, .. } => <[u32; 3]>::try_from(input.as_slice()).ok(),
        Model::Mlp { .. } | Model::Transformer { .. } => None,
    };
    if let Some([channels, height, width]) = shape {
        fits("channels", channels, image[0])?;
        fits("rows of pixels", height, image[1])?;
        fits("columns of pixels", width, image[2])?;
    }
    vectors("values in an image", product(&image), classes, model)
}

/// Numbers of one input, of items of `length` numbers with a class each.
pub(super) fn vectors(what: &'static str, length: u32, classes: u32, model: &Model) -> Result<u32, DatasetError> {
    let (expected, expected_classes) = match model {
        Model::Mlp { inputs, classes, .. } => (*inputs, *classes),
        Model::ResidualCnn { channels, height, width, classes, .. } => {
            (product(&[*channels, *height, *width]), *classes)
        }
        Model::TorchScript { input, classes, .. } => (product(input), *classes),
        Model::Transformer { .. } => return Err(DatasetError::OtherKind),
    };
    fits(what, expected, length)?;
    fits("classes", expected_classes, classes)?;
    Ok(length)
}

/// Numbers of one input: tokens of a window over a text of `found` different tokens.
pub(super) fn windows(what: &'static str, found: u32, model: &Model) -> Result<u32, DatasetError> {
    let (vocab, context) = match model {
        Model::Transformer { vocab, context, .. } => (*vocab, *context),
        Model::TorchScript { input, classes, .. } => (*classes, product(input)),
        Model::Mlp { .. } | Model::ResidualCnn { .. } => return Err(DatasetError::OtherKind),
    };
    fits(what, vocab, found)?;
    Ok(context)
}
