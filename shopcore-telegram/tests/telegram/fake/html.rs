//! Telegram's HTML as Telegram reads it: strictly.

const TAGS: [&str; 4] = ["b", "i", "code", "pre"];
const ENTITIES: [(&str, char); 4] = [("lt", '<'), ("gt", '>'), ("amp", '&'), ("quot", '"')];

/// The words without their styles, or why there are none.
pub(super) fn read(html: &str) -> Result<String, String> {
    let (mut text, mut open, mut rest) = (String::new(), Vec::new(), html);
    while let Some(letter) = rest.chars().next() {
        let end = |mark| rest.find(mark).ok_or(format!("unclosed {letter:?}"));
        match letter {
            '<' => {
                let (tag, after) = rest[1..].split_at(end('>')? - 1);
                match tag.strip_prefix('/') {
                    Some(closed) if open.pop() == Some(closed) => {}
                    Some(closed) => return Err(format!("unexpected end tag {closed:?}")),
                    None if TAGS.contains(&tag) => open.push(tag),
                    None => return Err(format!("unsupported start tag {tag:?}")),
                }
                rest = &after[1..];
            }
            '&' => {
                let (name, after) = rest[1..].split_at(end(';')? - 1);
                let entity = ENTITIES.iter().find(|(known, _)| *known == name);
                text.push(entity.ok_or(format!("unknown entity {name:?}"))?.1);
                rest = &after[1..];
            }
            '>' => return Err("unescaped '>'".to_owned()),
            other => {
                text.push(other);
                rest = &rest[other.len_utf8()..];
            }
        }
    }
    match open.last() {
        Some(tag) => Err(format!("can't find end tag of {tag:?}")),
        None => Ok(text),
    }
}
