//! Regular expressions that are plain text: `^hotfix\/`, `\[skip ci\]`, `skip|force`.
//! Only these can be answered without guessing; most that pipelines have are such.

/// Texts of which one has to stand in another.
pub(super) struct Plain(Vec<Alternative>);

struct Alternative {
    text: String,
    /// Whether it has to stand at the start.
    begins: bool,
    /// Whether it has to stand at the end.
    ends: bool,
}

/// The pattern as plain texts; `None` when it is more than that.
pub(super) fn plain(source: &str) -> Option<Plain> {
    let mut out = Vec::new();
    let mut at = Alternative::new();
    let mut characters = source.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '^' if at.text.is_empty() => at.begins = true,
            '$' if matches!(characters.peek(), None | Some('|')) => at.ends = true,
            '|' => out.push(std::mem::replace(&mut at, Alternative::new())),
            '\\' => match characters.next()? {
                c if c.is_alphanumeric() => return None,
                c => at.text.push(c),
            },
            '.' if characters.peek() == Some(&'*') => {
                // What may be anything at an end asks for nothing.
                characters.next();
                if at.text.is_empty() {
                    at.begins = false;
                    continue;
                }
                if characters.peek() == Some(&'$') {
                    characters.next();
                }
                if !matches!(characters.peek(), None | Some('|')) {
                    return None;
                }
            }
            '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' => return None,
            c => at.text.push(c),
        }
    }
    out.push(at);
    Some(Plain(out))
}

impl Alternative {
    const fn new() -> Self {
        Self {
            text: String::new(),
            begins: false,
            ends: false,
        }
    }
}

impl Plain {
    /// Whether the text matches; its case isn't told.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().any(|wanted| {
            let part = wanted.text.to_lowercase();
            match (wanted.begins, wanted.ends) {
                (true, true) => text == part,
                (true, false) => text.starts_with(&part),
                (false, true) => text.ends_with(&part),
                (false, false) => text.contains(&part),
            }
        })
    }

    /// The texts that the pattern asks for.
    pub(super) fn texts(self) -> impl Iterator<Item = String> {
        self.0.into_iter().map(|wanted| wanted.text)
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn plain_text_is_known_and_anything_else_isn_t() {
        for (source, text, expected) in [
            (r"\[skip-scan\]", "fix [Skip-Scan] now", Some(true)),
            (r"\[skip-scan\]", "fix skip-scan", Some(false)),
            (r"^hotfix\/", "hotfix/a", Some(true)),
            (r"^hotfix\/", "a/hotfix/", Some(false)),
            (r"^main$", "main", Some(true)),
            (r"^main$", "main2", Some(false)),
            (r"^main$|^next$", "next", Some(true)),
            (r"skip|force", "use the force", Some(true)),
            (r"^hotfix-.*$", "hotfix-1", Some(true)),
            (r"^hotfix-.*", "my hotfix-1", Some(false)),
            (r".*skip", "do skip", Some(true)),
            (r"^v\d+", "v1", None),
            (r"(a|b)", "a", None),
            (r"a.c", "abc", None),
            (r"[ab]", "a", None),
            ("\\", "", None),
        ] {
            let answer = plain(source).map(|p| p.matches(text));
            assert_eq!(answer, expected, "{source} on {text}");
        }
    }
}
