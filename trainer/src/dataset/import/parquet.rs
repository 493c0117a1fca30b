//! Parquet files: columns of numbers with a label, or a column of texts. Read row by row, so that a page of each column is
//! in memory at a time.

use super::writer::{Chunking, DatasetWriter, Imported};
use super::{Encoding, ImportError, cannot_read, files};
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::{Field, Row};
use ::parquet::schema::types::Type;
use protocol::chunked::Layout;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Which columns hold what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Columns of numbers, or of lists of numbers, in the order in which they become features; all but the label where it
    /// is empty.
    pub features: Vec<String>,
    /// Column of the class: whole numbers from 0, or true and false.
    pub label: String,
    /// Number of classes; as many as the highest label asks for where it is absent.
    pub classes: Option<u32>,
}

/// One file, of which some columns are read.
struct Table {
    path: PathBuf,
    reader: SerializedFileReader<File>,
}

impl Table {
    fn open(path: &Path) -> Result<Self, ImportError> {
        let file = File::open(path).map_err(cannot_read(path))?;
        let reader = SerializedFileReader::new(file)
            .map_err(|error| ImportError::file(path, format!("it is no Parquet file that can be read: {error}")))?;
        Ok(Self { path: path.to_owned(), reader })
    }

    fn columns(&self) -> Vec<String> {
        let schema = self.reader.metadata().file_metadata().schema();
        schema.get_fields().iter().map(|field| field.name().to_owned()).collect()
    }

    /// Calls `take` with the number of each row and the fields of `columns`, in this order.
    fn rows(
        &self,
        columns: &[String],
        mut take: impl FnMut(u64, &[&Field]) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let failed = |error: ::parquet::errors::ParquetError| ImportError::file(&self.path, error.to_string());
        let schema = self.reader.metadata().file_metadata().schema();
        let mut places = Vec::new();
        for column in columns {
            let place = schema.get_fields().iter().position(|field| field.name() == column);
            places.push(place.ok_or_else(|| {
                let problem = format!("it has no column {column:?}; it has {}", self.columns().join(", "));
                ImportError::file(&self.path, problem)
            })?);
        }
        // rows come with their columns in the order of the file
        let mut kept = places.clone();
        kept.sort_unstable();
        kept.dedup();
        let fields = kept.iter().map(|&place| schema.get_fields()[place].clone()).collect();
        let projection = Type::group_type_builder(schema.name()).with_fields(fields).build().map_err(failed)?;
        let order: Vec<usize> = places.iter().filter_map(|place| kept.binary_search(place).ok()).collect();
        for (number, row) in (0..).zip(self.reader.get_row_iter(Some(projection)).map_err(failed)?) {
            let row: Row = row.map_err(|error| ImportError::row(&self.path, number, error))?;
            let fields: Vec<&Field> = row.get_column_iter().map(|(_, field)| field).collect();
            take(number, &order.iter().filter_map(|&place| fields.get(place).copied()).collect::<Vec<_>>())?;
        }
        Ok(())
    }
}

/// Appends the numbers of a field, those of lists one after another.
fn numbers(field: &Field, out: &mut Vec<f32>) -> Result<(), String> {
    // a dataset holds f32: wider numbers are rounded to the nearest one
    out.push(match field {
        Field::Bool(value) => f32::from(u8::from(*value)),
        Field::Byte(value) => f32::from(*value),
        Field::UByte(value) => f32::from(*value),
        Field::Short(value) => f32::from(*value),
        Field::UShort(value) => f32::from(*value),
        Field::Int(value) => *value as f32,
        Field::UInt(value) => *value as f32,
        Field::Long(value) => *value as f32,
        Field::ULong(value) => *value as f32,
        Field::Float16(value) => value.to_f32(),
        Field::Float(value) => *value,
        Field::Double(value) => *value as f32,
        Field::ListInternal(list) => return list.elements().iter().try_for_each(|element| numbers(element, out)),
        Field::Null => return Err("is null: fill in a value, or drop the row".into()),
        other => return Err(format!("holds {other}, which is no number: name the columns with --features")),
    });
    Ok(())
}

fn label(field: &Field) -> Result<u32, String> {
    let value = match field {
        Field::Bool(value) => i128::from(*value),
        Field::Byte(value) => (*value).into(),
        Field::UByte(value) => (*value).into(),
        Field::Short(value) => (*value).into(),
        Field::UShort(value) => (*value).into(),
        Field::Int(value) => (*value).into(),
        Field::UInt(value) => (*value).into(),
        Field::Long(value) => (*value).into(),
        Field::ULong(value) => (*value).into(),
        other => return Err(format!("holds {other}, which is no class: whole numbers from 0 are expected")),
    };
    u32::try_from(value).map_err(|_| format!("holds {value}, which is no class: numbers from 0 are expected"))
}

/// Imports rows of numbers and their labels from the file at `path`, or from the files of the folder there.
pub fn rows_of_parquet(path: &Path, columns: &Columns, chunking: &mut Chunking<'_>) -> Result<Imported, ImportError> {
    let tables: Vec<PathBuf> = files(path)?;
    let wrong = |path: &Path, row, column: &str, problem: String| {
        ImportError::row(path, row, format!("column {column:?} {problem}"))
    };
    let label_column = std::slice::from_ref(&columns.label);
    // a first pass over the labels alone, and the first row for the number of features
    let mut highest = 0;
    for path in &tables {
        Table::open(path)?.rows(label_column, |row, fields| {
            highest = highest.max(label(fields[0]).map_err(|problem| wrong(path, row, &columns.label, problem))?);
            Ok(())
        })?;
    }
    let Some(first) = tables.first() else { return Err(ImportError::Empty) };
    let mut chosen = columns.features.clone();
    if chosen.is_empty() {
        chosen = Table::open(first)?.columns();
        chosen.retain(|column| *column != columns.label);
    }
    let names = [&chosen[..], label_column].concat();
    let classes = columns.classes.unwrap_or(highest.saturating_add(1).max(2));
    let mut writer: Option<DatasetWriter<'_, '_>> = None;
    let mut chunking = Some(chunking);
    for path in &tables {
        Table::open(path)?.rows(&names, |row, fields| {
            let (class, inputs) = fields.split_last().ok_or(ImportError::Empty)?;
            let mut values = Vec::new();
            for (field, column) in inputs.iter().zip(&names) {
                numbers(field, &mut values).map_err(|problem| wrong(path, row, column, problem))?;
            }
            let class = label(class).map_err(|problem| wrong(path, row, &columns.label, problem))?;
            if let Some(chunking) = chunking.take() {
                let features = u32::try_from(values.len()).unwrap_or(u32::MAX);
                writer = Some(DatasetWriter::new(Layout::Features { features, classes }, chunking)?);
            }
            let Some(writer) = &mut writer else { return Err(ImportError::Empty) };
            writer.push(|chunk| chunk.push_features(&values, class), |error| ImportError::row(path, row, error))
        })?;
    }
    writer.ok_or(ImportError::Empty)?.finish()
}

/// Imports the texts of one `column`, each followed by the token `separator`, from the file at `path`, or from the files of
/// the folder there.
pub fn text_of_parquet(
    path: &Path,
    column: &str,
    (encoding, separator): (&Encoding, u32),
    chunking: &mut Chunking<'_>,
) -> Result<Imported, ImportError> {
    let mut writer = DatasetWriter::new(encoding.layout(), chunking)?;
    for path in files(path)? {
        Table::open(&path)?.rows(&[column.to_owned()], |row, fields| {
            let text = match fields[0] {
                Field::Str(text) => text.as_bytes(),
                Field::Bytes(bytes) => bytes.data(),
                other => {
                    let problem = format!("column {column:?} holds {other}, which is no text");
                    return Err(ImportError::row(&path, row, problem));
                }
            };
            let tokens = encoding.encode(text).map_err(|error| ImportError::row(&path, row, error))?;
            if tokens.contains(&separator) {
                let problem = format!("column {column:?} holds the token {separator}: choose another --separator");
                return Err(ImportError::row(&path, row, problem));
            }
            tokens.into_iter().chain([separator]).try_for_each(|token| {
                writer.push(|chunk| chunk.push_token(token), |error| ImportError::row(&path, row, error))
            })
        })?;
    }
    writer.finish()
}
