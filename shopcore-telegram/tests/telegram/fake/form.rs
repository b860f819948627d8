//! What a call carries: JSON, or multipart where files are uploaded.

use std::collections::BTreeMap;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use serde_json::Value;

struct Part {
    name: Option<String>,
    bytes: Vec<u8>,
}

/// The fields of a call.
pub(crate) struct Form(BTreeMap<String, Part>);

impl Form {
    pub(super) async fn read(request: Request) -> Self {
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.map(|kind| kind.to_str().unwrap().to_owned());
        let body = to_bytes(request.into_body(), usize::MAX).await.unwrap();
        let kind = kind.unwrap_or_default();
        match kind.strip_prefix("multipart/form-data; boundary=") {
            Some(boundary) => Self(multipart(&body, boundary)),
            None => Self(json(&body)),
        }
    }

    pub(crate) fn text(&self, field: &str) -> Option<String> {
        let part = self.0.get(field)?;
        Some(String::from_utf8(part.bytes.clone()).unwrap())
    }

    pub(crate) fn number(&self, field: &str) -> Option<i64> {
        self.text(field)?.parse().ok()
    }

    pub(crate) fn json(&self, field: &str) -> Value {
        let text = self.text(field);
        text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
    }

    /// The upload that a field names, as in `attach://id`.
    pub(crate) fn file(&self, field: &str) -> Vec<u8> {
        self.attached(&self.text(field).unwrap()).bytes.clone()
    }

    /// The file name of such an upload.
    pub(crate) fn name(&self, field: &str) -> String {
        self.name_of(&self.text(field).unwrap())
    }

    pub(crate) fn bytes_of(&self, address: &str) -> Vec<u8> {
        self.attached(address).bytes.clone()
    }

    pub(crate) fn name_of(&self, address: &str) -> String {
        self.attached(address).name.clone().unwrap()
    }

    fn attached(&self, address: &str) -> &Part {
        &self.0[address.strip_prefix("attach://").unwrap()]
    }
}

fn json(body: &[u8]) -> BTreeMap<String, Part> {
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let fields = body.as_object().cloned().unwrap_or_default();
    let part = |value: Value| {
        let text = value.as_str().map(str::to_owned);
        let bytes = text.unwrap_or_else(|| value.to_string()).into_bytes();
        Part { name: None, bytes }
    };
    fields
        .into_iter()
        .map(|(field, value)| (field, part(value)))
        .collect()
}

fn multipart(body: &[u8], boundary: &str) -> BTreeMap<String, Part> {
    let mut parts = BTreeMap::new();
    for piece in split(body, format!("--{boundary}").as_bytes()) {
        let Some(end) = find(piece, b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&piece[..end]).into_owned();
        let bytes = piece[end + 4..].strip_suffix(b"\r\n").unwrap().to_vec();
        let name = quoted(&head, "filename=\"");
        let field = quoted(&head, " name=\"").unwrap();
        parts.insert(field, Part { name, bytes });
    }
    parts
}

fn quoted(head: &str, before: &str) -> Option<String> {
    let (_, rest) = head.split_once(before)?;
    Some(rest.split_once('"').unwrap().0.to_owned())
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}

fn split<'a>(mut bytes: &'a [u8], needle: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    while let Some(at) = find(bytes, needle) {
        pieces.push(&bytes[..at]);
        bytes = &bytes[at + needle.len()..];
    }
    pieces
}
