//! Excel workbooks: the bytes of an archive, and an archive made of the bytes of its parts, since no mutation finds a
//! valid checksum.
#![no_main]

use std::io::{Cursor, Write};

use libfuzzer_sys::fuzz_target;
use zip::write::SimpleFileOptions;

/// Between the parts of the input.
const BORDER: &[u8] = b"\n%%%\n";

const PARTS: [&str; 3] = ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"];

const WORKBOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(b"PK") || bytes.starts_with(b"\xd0\xcf") {
        wxremind_fuzz::check(bytes);
    } else if let Ok(archive) = archive(bytes) {
        wxremind_fuzz::check(&archive);
    }
});

fn archive(bytes: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut rest = bytes;
    for name in PARTS {
        let end = rest.windows(BORDER.len()).position(|window| window == BORDER);
        let (part, after) =
            end.map_or((rest, &[][..]), |at| (&rest[..at], &rest[at + BORDER.len()..]));
        archive.start_file(name, stored)?;
        archive.write_all(part)?;
        rest = after;
    }
    for (name, part) in [("xl/workbook.xml", WORKBOOK), ("xl/_rels/workbook.xml.rels", RELATIONS)] {
        archive.start_file(name, stored)?;
        archive.write_all(part.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}
