//! A call as a fake sees it, and what it answers.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A call that a client made.
#[derive(Debug)]
pub struct Call {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query.
    pub query: BTreeMap<String, String>,
    /// Headers: names in lower case, and values.
    pub headers: BTreeMap<String, String>,
    /// The body, byte by byte.
    pub body: Vec<u8>,
}

impl Call {
    pub(super) fn new(head: &Parts, body: Vec<u8>) -> Self {
        let headers = head.headers.iter();
        Self {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: pairs(head.uri.query().unwrap_or_default()),
            headers: headers
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body,
        }
    }

    /// Method and path, the path in its parts.
    #[must_use]
    pub fn route(&self) -> (&str, Vec<&str>) {
        let parts = self.path.trim_start_matches('/').split('/');
        (&self.method, parts.collect())
    }

    /// A header, or nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// A parameter of the query, or nothing.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// Name and password of `Authorization: Basic`.
    #[must_use]
    pub fn basic(&self) -> Option<(String, String)> {
        let code = self.header("authorization").strip_prefix("Basic ")?;
        let text = String::from_utf8(STANDARD.decode(code).ok()?).ok()?;
        let (name, password) = text.split_once(':')?;
        Some((name.to_owned(), password.to_owned()))
    }

    /// The token of `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization").strip_prefix("Bearer ")
    }

    /// The body, as JSON of the right type and shape.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, String> {
        if self.header("content-type") != "application/json" {
            return Err("the body is not declared to be JSON".to_owned());
        }
        serde_json::from_slice(&self.body).map_err(|error| error.to_string())
    }

    /// The body, as a form of names and values.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn form(&self) -> Result<BTreeMap<String, String>, String> {
        if self.header("content-type") != "application/x-www-form-urlencoded" {
            return Err("the body is not declared to be a form".to_owned());
        }
        let text = std::str::from_utf8(&self.body).map_err(|error| error.to_string())?;
        Ok(pairs(text))
    }
}

/// The names and values of a query or a form.
fn pairs(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut plain = Vec::new();
    while let Some(byte) = bytes.next() {
        let digits: Option<[u8; 2]> = match byte {
            b'%' => bytes.next().zip(bytes.next()).map(Into::into),
            _ => None,
        };
        plain.push(match (byte, digits) {
            (b'+', _) => b' ',
            (_, None) => byte,
            (_, Some(digits)) => hex_byte(digits),
        });
    }
    String::from_utf8(plain).unwrap()
}

fn hex_byte(digits: [u8; 2]) -> u8 {
    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
}

/// What a gateway answers.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body.
    pub body: Value,
}

impl Answer {
    /// A JSON answer.
    ///
    /// # Panics
    /// When `status` is no HTTP status.
    #[must_use]
    pub fn new(status: u16, body: Value) -> Self {
        let status = StatusCode::from_u16(status).unwrap();
        Self { status, body }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let headers = [("content-type", "application/json")];
        (self.status, headers, self.body.to_string()).into_response()
    }
}
