//! Documents.

/// One page with a comment line made of the content.
pub fn pdf(content: &[u8]) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n%".to_vec();
    file.extend(content.iter().filter(|byte| byte.is_ascii_alphanumeric()));
    file.push(b'\n');
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>",
        "<< /Title (A \\(test\\)) /Author <FEFF4E2D> >>",
    ];
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", number + 1).into_bytes());
    }
    let table = file.len();
    file.extend(b"xref\n0 5\n0000000000 65535 f \n");
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").into_bytes());
    }
    file.extend(format!("trailer\n<< /Size 5 /Root 1 0 R /Info 4 0 R >>\nstartxref\n{table}\n%%EOF\n").into_bytes());
    file
}

fn entry(name: &str, bytes: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let packed = miniz_oxide::deflate::compress_to_vec(bytes, 6);
    let size = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let shared = [
        &[20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0][..],
        &crc32fast::hash(bytes).to_le_bytes(),
        &size(&packed),
        &size(bytes),
        &u16::try_from(name.len()).unwrap().to_le_bytes(),
    ]
    .concat();
    let local = [b"PK\x03\x04", &shared[..], &[0, 0], name.as_bytes(), &packed].concat();
    let central = [b"PK\x01\x02\x14\0", &shared[..], &[0; 16], name.as_bytes()].concat();
    (local, central)
}

/// A document of one paragraph.
pub fn docx(content: &[u8]) -> Vec<u8> {
    let text: String =
        content.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(|byte| char::from(*byte)).collect();
    let word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    let parts = [
        ("[Content_Types].xml", concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">",
            "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>",
            "<Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.",
            "wordprocessingml.document.main+xml\"/></Types>").to_owned()),
        ("_rels/.rels", concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
            "<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/",
            "officeDocument\" Target=\"word/document.xml\"/></Relationships>").to_owned()),
        ("word/document.xml", format!(
            "<w:document xmlns:w=\"{word}\"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>")),
    ];
    let (mut file, mut list) = (Vec::new(), Vec::new());
    for (name, text) in &parts {
        let (local, mut central) = entry(name, text.as_bytes());
        central[42..46].copy_from_slice(&u32::try_from(file.len()).unwrap().to_le_bytes());
        file.extend(local);
        list.extend(central);
    }
    let size = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    let end = [b"PK\x05\x06\0\0\0\0\x03\0\x03\0", &size(list.len())[..], &size(file.len()), &[0, 0]].concat();
    [file, list, end].concat()
}
