//! Every format that can be imported, from small files, and what is said of wrong ones.
#![allow(clippy::unwrap_used)]

use artefacts::Store;
use flate2::{Compression, write::GzEncoder};
use parquet::basic::{LogicalType, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use protocol::chunked::{Layout, TokenWidth};
use protocol::digest::Digest;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use trainer::dataset::ChunkReader;
use trainer::dataset::import::{
    Chunking, Columns, Encoding, ImportError, Imported, TokenFiles, idx, png_folder, rows_of_parquet, text_of_parquet,
    texts, tokens,
};
use trainer::tokenizer::Tokenizer;
use zune_png::PngEncoder;
use zune_png::zune_core::bit_depth::BitDepth;
use zune_png::zune_core::colorspace::ColorSpace;
use zune_png::zune_core::options::EncoderOptions;

struct Desk {
    folder: tempfile::TempDir,
    store: Store,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store")).unwrap();
        Self { folder, store }
    }

    fn path(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Imports with tiny chunks, twice: the root must be the same.
    fn import(
        &self,
        run: impl Fn(&mut Chunking<'_>) -> Result<Imported, ImportError>,
    ) -> Result<(Imported, ChunkReader), ImportError> {
        let mut told = Vec::new();
        let mut once = || {
            run(&mut Chunking { store: &self.store, chunk_bytes: 40, tell: &mut |progress| told.push(progress.items) })
        };
        let imported = once()?;
        assert_eq!(once().unwrap(), imported, "the same input has another root");
        assert_eq!(told.len() as u32, 2 * imported.head.chunks());
        assert_eq!(told.last(), Some(&imported.head.items));
        let reader = ChunkReader::open(&self.store, &imported.root, 1 << 20).unwrap();
        assert_eq!(reader.head(), &imported.head);
        Ok((imported, reader))
    }
}

fn said(result: Result<(Imported, ChunkReader), ImportError>) -> String {
    result.map(|(imported, _)| imported.root).unwrap_err().to_string()
}

fn idx_file(kind: u8, dimensions: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, kind, dimensions.len() as u8];
    dimensions.iter().for_each(|dimension| bytes.extend(dimension.to_be_bytes()));
    [bytes, values.to_vec()].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn idx_images_come_back_with_their_labels_also_compressed() {
    let desk = Desk::new();
    let pixels: Vec<u8> = (0..7 * 6).map(|value| value * 5).collect();
    let labels = [3, 0, 1, 2, 0, 3, 1];
    let images = desk.file("images", &idx_file(8, &[7, 2, 3], &pixels));
    let classes = desk.file("labels", &idx_file(8, &[7], &labels));
    let (plain, reader) = desk.import(|chunking| idx(&images, &classes, None, chunking)).unwrap();
    assert_eq!(plain.head.layout, Layout::Images { channels: 1, height: 2, width: 3, white: 255, classes: 4 });
    assert_eq!((plain.head.items, plain.head.chunks()), (7, 2));
    for (item, label) in labels.into_iter().enumerate() {
        let (chunk, place) = reader.locate(item as u64).unwrap();
        assert_eq!(chunk.pixels(place), &pixels[item * 6..][..6]);
        assert_eq!(chunk.label(place), u16::from(label));
    }
    let images = desk.file("images.gz", &gzip(&fs::read(images).unwrap()));
    let classes = desk.file("labels.gz", &gzip(&fs::read(classes).unwrap()));
    assert_eq!(desk.import(|chunking| idx(&images, &classes, None, chunking)).unwrap().0, plain);
}

#[test]
fn wrong_idx_files_are_named_with_what_is_wrong() {
    let desk = Desk::new();
    let labels = desk.file("labels", &idx_file(8, &[2], &[0, 1]));
    let good = idx_file(8, &[2, 2, 2], &[9; 8]);
    let cases = [
        ("text", b"not an idx".to_vec(), "no IDX file"),
        ("empty", Vec::new(), "ends before"),
        ("floats", idx_file(0x0d, &[2, 2, 2], &[0; 32]), "0x0d"),
        ("short", good[..good.len() - 1].to_vec(), "ends before"),
        ("long", [&good[..], &[1]].concat(), "longer than"),
        ("other", idx_file(8, &[3, 2, 2], &[0; 12]), "3 images"),
        ("flat", idx_file(8, &[8], &[0; 8]), "dimensions"),
        ("huge", idx_file(8, &[2, u32::MAX, u32::MAX], &[]), "the height"),
        ("none", idx_file(8, &[2, 0, 5], &[]), "the height"),
        ("gzip", gzip(&good)[..20].to_vec(), "gzip"),
    ];
    for (name, bytes, expected) in cases {
        let images = desk.file(name, &bytes);
        let said = said(desk.import(|chunking| idx(&images, &labels, None, chunking)));
        assert!(said.contains(expected), "{name}: {said}");
        assert!(said.contains(name) || expected == "the height", "{name}: {said}");
    }
    let images = desk.file("good", &good);
    let out_of_range =
        said(desk.import(|chunking| idx(&images, &desk.file("l", &idx_file(8, &[2], &[0, 2])), Some(2), chunking)));
    assert!(out_of_range.contains("good, row 1: its class is 2"), "{out_of_range}");
    let square = said(desk.import(|chunking| idx(&images, &images, None, chunking)));
    assert!(square.contains("labels have one dimension"), "{square}");
    let missing = said(desk.import(|chunking| idx(&images, Path::new("/nowhere/labels"), None, chunking)));
    assert!(missing.contains("/nowhere/labels"), "{missing}");
}

fn png(space: ColorSpace, width: usize, height: usize, pixels: &[u8]) -> Vec<u8> {
    let options = EncoderOptions::new(width, height, space, BitDepth::Eight);
    let mut out = Vec::new();
    PngEncoder::new(pixels, options).encode(&mut out).unwrap();
    out
}

#[test]
fn png_folders_become_classes_in_the_order_of_their_names() {
    let desk = Desk::new();
    let colours: Vec<u8> = (0..12).collect();
    desk.file("pets/dogs/b.png", &png(ColorSpace::RGB, 2, 2, &[9; 12]));
    desk.file("pets/dogs/a.png", &png(ColorSpace::RGB, 2, 2, &colours));
    desk.file("pets/cats/z.png", &png(ColorSpace::RGB, 2, 2, &[7; 12]));
    desk.file("pets/.hidden", b"left out");
    let pets = desk.path("pets");
    let (imported, reader) = desk.import(|chunking| png_folder(&pets, None, chunking)).unwrap();
    assert_eq!(imported.names, ["cats", "dogs"]);
    assert_eq!(imported.head.layout, Layout::Images { channels: 3, height: 2, width: 2, white: 255, classes: 2 });
    let found: Vec<(Vec<u8>, u16)> = (0..3)
        .map(|item| reader.locate(item).unwrap())
        .map(|(chunk, place)| (chunk.pixels(place).to_vec(), chunk.label(place)))
        .collect();
    // channel by channel
    let parted = vec![0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11];
    assert_eq!(found, [(vec![7; 12], 0), (parted, 1), (vec![9; 12], 1)]);
    let roots: Vec<Digest> =
        (0..6).map(|seed| desk.import(|chunking| png_folder(&pets, Some(seed), chunking)).unwrap().0.root).collect();
    assert!(roots.iter().any(|root| *root != imported.root), "no seed changed the order");
}

#[test]
fn wrong_png_folders_are_named_with_what_is_wrong() {
    let good = png(ColorSpace::Luma, 2, 2, &[1, 2, 3, 4]);
    let wide = png(ColorSpace::Luma, 3, 2, &[1; 6]);
    let colour = png(ColorSpace::RGB, 2, 2, &[1; 12]);
    let alpha = png(ColorSpace::RGBA, 2, 2, &[1; 16]);
    let mut damaged = good.clone();
    damaged[40] ^= 0xff;
    let cases: [(&str, &[u8], &str); 8] = [
        ("b/wide.png", &wide, "3 x 2"),
        ("b/colour.png", &colour, "3 channels"),
        ("b/alpha.png", &alpha, "without alpha"),
        ("b/damaged.png", &damaged, "no PNG"),
        ("b/cut.png", &good[..good.len() / 2], "no PNG"),
        ("b/note.txt", b"notes", "no PNG"),
        ("stray.png", &good, "one for each class"),
        ("b/deep/c.png", &good, "it is a folder"),
    ];
    for (name, bytes, expected) in cases {
        let desk = Desk::new();
        desk.file("set/a/good.png", &good);
        desk.file(&format!("set/{name}"), bytes);
        let said = said(desk.import(|chunking| png_folder(&desk.path("set"), None, chunking)));
        let first = name.trim_end_matches("/c.png");
        assert!(said.contains(expected) && said.contains(first), "{name}: {said}");
    }
    let desk = Desk::new();
    desk.file("set/a/good.png", &good);
    let lone = said(desk.import(|chunking| png_folder(&desk.path("set"), None, chunking)));
    assert!(lone.contains("one class"), "{lone}");
    fs::create_dir(desk.path("set/b")).unwrap();
    let empty = said(desk.import(|chunking| png_folder(&desk.path("set"), None, chunking)));
    assert!(empty.contains("no image"), "{empty}");
}

fn all_tokens(reader: &ChunkReader) -> Vec<u32> {
    (0..reader.head().items).map(|item| reader.locate(item).unwrap()).map(|(chunk, place)| chunk.token(place)).collect()
}

#[test]
fn token_files_become_one_text_with_separators_between_documents() {
    let desk = Desk::new();
    let write = |name: &str, numbers: &[u32], width: usize| {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()[..width].to_vec()).collect();
        desk.file(name, &bytes)
    };
    write("docs/b.bin", &[500, 1], 2);
    write("docs/a.bin", &[0, 999, 3], 2);
    let rule = TokenFiles { width: TokenWidth::Two, vocab: 1_000, separator: Some(2) };
    let (_, reader) = desk.import(|chunking| tokens(&desk.path("docs"), &rule, chunking)).unwrap();
    assert_eq!(all_tokens(&reader), [0, 999, 3, 2, 500, 1, 2]);
    let numbers: Vec<u32> = (0..100).map(|number| number * 1_000).collect();
    let file = write("wide.bin", &numbers, 4);
    let rule = TokenFiles { width: TokenWidth::Four, vocab: 100_000, separator: None };
    let (imported, reader) = desk.import(|chunking| tokens(&file, &rule, chunking)).unwrap();
    assert_eq!((all_tokens(&reader), imported.head.chunks()), (numbers, 10));
    // 300 is stored in two bytes, however wide the file's numbers are
    let rule = TokenFiles { vocab: 300, ..rule };
    let file = write("small.bin", &[299, 0], 4);
    let (imported, _) = desk.import(|chunking| tokens(&file, &rule, chunking)).unwrap();
    assert_eq!(imported.head.layout, Layout::Tokens { width: TokenWidth::Two, vocab: 300 });
    let text = desk.file("text", b"hello");
    let (_, reader) = desk.import(|chunking| texts(&text, &Encoding::Bytes, Some(0), chunking)).unwrap();
    assert_eq!(all_tokens(&reader), [104, 101, 108, 108, 111, 0]);
}

#[test]
fn texts_are_stored_as_a_tokenizer_encodes_them_document_by_document() {
    let desk = Desk::new();
    let documents = ["the first words", "and the second, with words that merge: the the"];
    desk.file("docs/1.txt", documents[0].as_bytes());
    desk.file("docs/2.txt", documents[1].as_bytes());
    let read = || Tokenizer::read(include_bytes!("tokenizers/words.json")).unwrap();
    let encoding = Encoding::Tokenizer(Box::new(read()));
    let separator = read().encode(b"~").unwrap()[0];
    let expected: Vec<u32> =
        documents.iter().flat_map(|text| [read().encode(text.as_bytes()).unwrap(), vec![separator]].concat()).collect();
    assert!(expected.len() < documents.concat().len(), "nothing was merged");
    let folder = desk.path("docs");
    let (imported, reader) = desk.import(|chunking| texts(&folder, &encoding, Some(separator), chunking)).unwrap();
    assert_eq!((all_tokens(&reader), imported.head.layout.classes()), (expected.clone(), encoding.vocab()));
    let rows = documents.map(|text| (0.0, 0.0, 0, Some(text)));
    table(&desk.path("t.parquet"), &rows);
    let table = desk.path("t.parquet");
    let (same, _) = desk.import(|chunking| text_of_parquet(&table, "note", (&encoding, separator), chunking)).unwrap();
    assert_eq!(same.root, imported.root);
    desk.file("docs/3.txt", &[0xff, 0xfe]);
    let said = said(desk.import(|chunking| texts(&folder, &encoding, None, chunking)));
    assert!(said.contains("3.txt") && said.contains("UTF-8"), "{said}");
    let high = texts(
        &folder,
        &encoding,
        Some(encoding.vocab()),
        &mut Chunking { store: &desk.store, chunk_bytes: 40, tell: &mut |_| {} },
    );
    assert!(high.unwrap_err().to_string().contains("--separator"));
}

#[test]
fn wrong_token_files_are_named_with_what_is_wrong() {
    let desk = Desk::new();
    let rule = TokenFiles { width: TokenWidth::Two, vocab: 300, separator: None };
    let odd = desk.file("odd.bin", &[1, 0, 1]);
    let high = desk.file("high.bin", &[1, 0, 44, 1]);
    let empty = desk.file("empty.bin", &[]);
    let of = |path: &Path, rule: &TokenFiles| said(desk.import(|chunking| tokens(path, rule, chunking)));
    assert!(of(&odd, &rule).contains("odd.bin: its length is no multiple of 2"));
    assert!(of(&high, &rule).contains("high.bin, row 1: token 300"));
    assert!(of(&empty, &rule).contains("no samples"));
    assert!(of(&odd, &TokenFiles { separator: Some(300), ..rule }).contains("--separator 300"));
    assert!(of(&high, &TokenFiles { vocab: 1, ..rule }).contains("number of tokens"));
    fs::create_dir(desk.path("folder")).unwrap();
    assert!(of(&desk.path("folder"), &rule).contains("no samples"));
    desk.file("folder/deep/x", b"1");
    assert!(of(&desk.path("folder"), &rule).contains("only files are expected"));
}

/// A table with the columns `width` and `weight` (numbers), `kind` (whole numbers) and `note` (texts), some of them null.
fn table(path: &Path, rows: &[(f64, f64, i64, Option<&str>)]) {
    let column = Type::primitive_type_builder;
    let required = parquet::basic::Repetition::REQUIRED;
    let fields = vec![
        Arc::new(column("width", Physical::DOUBLE).with_repetition(required).build().unwrap()),
        Arc::new(column("kind", Physical::INT64).with_repetition(required).build().unwrap()),
        Arc::new(column("weight", Physical::DOUBLE).with_repetition(required).build().unwrap()),
        Arc::new(column("note", Physical::BYTE_ARRAY).with_logical_type(Some(LogicalType::String)).build().unwrap()),
    ];
    let schema = Arc::new(Type::group_type_builder("table").with_fields(fields).build().unwrap());
    let file = fs::File::create(path).unwrap();
    let properties = WriterProperties::builder().set_compression(parquet::basic::Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties)).unwrap();
    // several row groups
    for rows in rows.chunks(2) {
        let mut group = writer.next_row_group().unwrap();
        for place in 0..4 {
            let mut column = group.next_column().unwrap().unwrap();
            match place {
                0 | 2 => {
                    let values: Vec<f64> = rows.iter().map(|row| if place == 0 { row.0 } else { row.1 }).collect();
                    column.typed::<DoubleType>().write_batch(&values, None, None).unwrap();
                }
                1 => {
                    let values: Vec<i64> = rows.iter().map(|row| row.2).collect();
                    column.typed::<Int64Type>().write_batch(&values, None, None).unwrap();
                }
                _ => {
                    let values: Vec<ByteArray> = rows.iter().filter_map(|row| row.3.map(ByteArray::from)).collect();
                    let levels: Vec<i16> = rows.iter().map(|row| row.3.is_some().into()).collect();
                    column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).unwrap();
                }
            }
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
}

const ROWS: [(f64, f64, i64, Option<&str>); 5] = [
    (1.5, -2.0, 0, Some("one")),
    (0.1, 4.0, 2, Some("")),
    (3.0, 1e-3, 1, Some("three")),
    (0.0, 0.0, 2, Some("4")),
    (9.0, 8.0, 0, Some("five")),
];

fn columns(features: &[&str], label: &str) -> Columns {
    Columns { features: features.iter().map(|&name| name.to_owned()).collect(), label: label.to_owned(), classes: None }
}

#[test]
fn parquet_rows_come_back_in_the_order_of_the_named_columns() {
    let desk = Desk::new();
    table(&desk.path("set/b.parquet"), &ROWS[3..]);
    table(&desk.path("set/a.parquet"), &ROWS[..3]);
    let named = columns(&["weight", "width"], "kind");
    let (imported, reader) = desk.import(|chunking| rows_of_parquet(&desk.path("set"), &named, chunking)).unwrap();
    assert_eq!(imported.head.layout, Layout::Features { features: 2, classes: 3 });
    assert_eq!(imported.head.items, 5);
    for (item, (width, weight, kind, _)) in ROWS.into_iter().enumerate() {
        let (chunk, place) = reader.locate(item as u64).unwrap();
        assert_eq!(chunk.features(place).collect::<Vec<_>>(), [weight as f32, width as f32]);
        assert_eq!(i64::from(chunk.label(place)), kind);
    }
}

#[test]
fn a_parquet_column_of_texts_becomes_bytes_with_separators() {
    let desk = Desk::new();
    let file = desk.path("t.parquet");
    table(&file, &ROWS);
    let (_, reader) =
        desk.import(|chunking| text_of_parquet(&file, "note", (&Encoding::Bytes, 124), chunking)).unwrap();
    let text: Vec<u8> = all_tokens(&reader).into_iter().map(|token| token as u8).collect();
    assert_eq!(text, b"one||three|4|five|");
}

#[test]
fn wrong_parquet_files_are_named_with_what_is_wrong() {
    let desk = Desk::new();
    let file = desk.path("t.parquet");
    table(&file, &[ROWS[0], ROWS[1], (1.0, 2.0, -1, None), ROWS[2]]);
    let rows = |path: &Path, columns: &Columns| said(desk.import(|chunking| rows_of_parquet(path, columns, chunking)));
    let negative = rows(&file, &columns(&["width"], "kind"));
    assert!(negative.contains("t.parquet, row 2") && negative.contains("-1"), "{negative}");
    let unknown = rows(&file, &columns(&["height"], "width"));
    assert!(unknown.contains("no class"), "{unknown}");
    let finite = desk.path("f.parquet");
    table(&finite, &[ROWS[0], (f64::INFINITY, 0.0, 1, None)]);
    let missing = rows(&finite, &columns(&["height"], "kind"));
    assert!(missing.contains("\"height\"") && missing.contains("width, kind, weight, note"), "{missing}");
    let infinite = rows(&finite, &columns(&["weight", "width"], "kind"));
    assert!(infinite.contains("f.parquet, row 1: value 1 is inf"), "{infinite}");
    let text = rows(&finite, &columns(&[], "kind"));
    assert!(text.contains("row 0: column \"note\"") && text.contains("--features"), "{text}");
    let null = said(desk.import(|chunking| text_of_parquet(&finite, "note", (&Encoding::Bytes, 0), chunking)));
    assert!(null.contains("row 1") && null.contains("null"), "{null}");
    let inside = said(desk.import(|chunking| text_of_parquet(&finite, "note", (&Encoding::Bytes, 110), chunking)));
    assert!(inside.contains("another --separator"), "{inside}");
    let cut = desk.file("cut.parquet", &fs::read(&file).unwrap()[..100]);
    assert!(rows(&cut, &columns(&["width"], "kind")).contains("cut.parquet: it is no Parquet file"));
}
