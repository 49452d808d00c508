//! YAML, by `granit-parser`.

use granit_parser::Parser;

use super::limits::{MAX_DEPTH, measure};
use super::node::Span;
use super::parsed::{Fault, Parsed};
use super::yaml_tree::Builder;

/// Reads every document of a stream. The error is a limit that the file exceeds.
///
/// After a syntax error the parser goes on only at the next document, so the file
/// is also read with the offending lines blanked; whichever reading gave more is
/// kept.
pub(super) fn read(text: &str) -> Result<Parsed, Fault> {
    let (mut best, mut broken) = stream(text)?;
    let mut mended = text.to_owned();
    let mut faults = Vec::new();
    for _ in 0..MAX_MENDS {
        let Some((line, fault)) = broken.and_then(|f| Some((line_at(&mended, f.offset)?, f)))
        else {
            break;
        };
        faults.push(fault);
        mended.replace_range(line.range(), &" ".repeat(line.len()));
        let (mut again, then) = stream(&mended)?;
        // Even, the mended one reaches the end of the file.
        if size(&again) >= size(&best) {
            again.faults.splice(0..0, faults.iter().cloned());
            best = again.graded();
        }
        broken = then;
    }
    Ok(best)
}

/// A file broken in more places is broken altogether.
const MAX_MENDS: usize = 8;

/// The line at an offset without its line break; `None` if it is blank already.
fn line_at(text: &str, offset: usize) -> Option<Span> {
    let breaks: [char; 2] = ['\n', '\r'];
    let start = text.get(..offset)?.rfind(breaks).map_or(0, |at| at + 1);
    let rest = text.get(start..)?;
    let line = rest.get(..rest.find(breaks).unwrap_or(rest.len()))?;
    (!line.trim().is_empty()).then(|| Span::new(start, start + line.len()))
}

fn size(parsed: &Parsed) -> usize {
    parsed
        .documents
        .iter()
        .map(|node| measure(node).nodes)
        .sum()
}

/// Reads the stream once. Gives the first syntax error as well.
fn stream(text: &str) -> Result<(Parsed, Option<Fault>), Fault> {
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        // A long licence header or a commented-out section is no attack; the size
        // of the text is bounded already.
        max_buffered_comment_events: usize::MAX,
        block_nesting_limit: MAX_DEPTH,
        flow_nesting_limit: MAX_DEPTH,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder::new(text);
    let mut broken = None;
    while let Some(error) = builder.run(&mut parser)? {
        let fault = builder.abandon(&error);
        broken = broken.or(Some(fault));
        if !matches!(parser.proceed_next_document(), Ok(true)) {
            break;
        }
    }
    Ok((builder.finish(), broken))
}

#[cfg(test)]
mod tests {
    use super::super::format::Format;

    fn check(text: &str, expected: &str) {
        super::super::render::check(Format::Yaml, text, expected);
    }

    #[test]
    fn reads_scalars_and_their_spans() {
        check(
            "on: push\nn: 1\ns: 'it''s'\nd: \"x\\n\"\ne:\nz: ~\n",
            "{on: 'push', n: 1, s: 'it's'‹'it''s'›, d: 'x␤'‹\"x\\n\"›, e: null‹›, z: null‹~›}‹o~›",
        );
        check("café: é # c\n", "{café: 'é'}‹cé› /# c/");
        check(
            "a: |\n  one\n    two\n\nb: >-\n  x\n  y\nc: |2\n   z\n",
            "{a: 'one␤  two␤'‹one␤    two›, b: 'x y'‹x␤  y›, c: ' z␤'‹z›}‹az›",
        );
        check("a: |\n", "{a: ''}‹a␤›");
        check("just text\n", "'just text'");
    }

    #[test]
    fn reads_collections_and_their_spans() {
        check(
            "a:\n  - b: 1\n    c: 2\n  - [x, {y: z}]\n# end\nd: {}\n",
            "{a: [{b: 1, c: 2}‹b2›, ['x', {y: 'z'}‹{}›]‹[]›]‹-]›, d: {}‹{}›}‹a}› /# end/",
        );
        check(
            "? [a, b]\n: 1\n? x\n2: y\ntrue: z\n",
            "{[a, b]: 1, x: null‹›, 2: 'y', true: 'z'}‹?z›",
        );
        check("a: 1\na: 2\n", "{a: 1, a: 2}‹a2›");
        check("{\n\t\"a\": [1,\r\n\t2]}\r\n", "{a‹\"a\"›: [1, 2]‹[]›}‹{}›");
    }

    #[test]
    fn reads_streams() {
        check(
            "---\na: 1\n---\n---\nb: 2\n...\n",
            "{a: 1}‹a1› --- {b: 2}‹b2›",
        );
        check("", "");
        check("# only\n", "/# only/");
        check("\u{feff}a: 1\n", "{a: 1}‹a1›");
    }

    #[test]
    fn keeps_local_tags() {
        check(
            "a: !Ref B\nb: !Sub [x, y]\nc: !vault |\n  $ANS\nd: !!str 1\ne: ! 2\nf: !GetAtt {g: h}\n",
            "{a: !Ref 'B', b: !Sub ['x', 'y']‹[]›, c: !vault '$ANS␤'‹$ANS›, d: '1', e: '2', f: !GetAtt {g: 'h'}‹{}›}‹a}›",
        );
    }

    #[test]
    fn follows_aliases_and_merge_keys() {
        check(
            "a: &x {k: 1, l: 2}\nb: *x\nc:\n  <<: *x\n  k: 3\nd: {<<: [*x, {m: 4}]}\n",
            "{a: {k: 1, l: 2}‹{}›, b: {k: 1, l: 2}‹{}›, c: {k: 3, l: 2}‹<3›, d: {k: 1, l: 2, m: 4}‹{}›}‹a}›",
        );
        check(
            "a: *none\nb: &r [*r]\n",
            "{a: '*none', b: [null‹*r›]‹[]›}‹a]› !recovered !3:alias without an anchor !16:alias to an open or oversized node",
        );
    }

    #[test]
    fn keeps_what_was_read_before_an_error() {
        check(
            "a: 1\nb: [x, y\n---\nc: 2\n",
            "{a: 1, b: ['x']‹[x›}‹ax› --- {c: 2}‹c2› !recovered !8:unclosed flow collection",
        );
        check(
            "a:\n  b: 1\n c: 2\nd: 3\n",
            "{a: {b: 1}‹b1›, d: 3}‹a3› !recovered !11:expected block mapping key",
        );
        check(
            "a: 'open\n",
            "{a: null‹›}‹aa› !recovered !3:unclosed quoted scalar",
        );
    }

    #[test]
    fn blanks_a_broken_line_when_that_saves_more() {
        check(
            "a: 1\nb: c: d\ne: [2, 3]\nf: {g: h}\n",
            "{a: 1, e: [2, 3]‹[]›, f: {g: 'h'}‹{}›}‹a}› !recovered !9:mapping value not allowed",
        );
        check(
            "a: 1\nb: \"x\ne: [2, 3]\nf: {g: h}\ni: j\n",
            "{a: 1, e: [2, 3]‹[]›, f: {g: 'h'}‹{}›, i: 'j'}‹aj› !recovered !8:unclosed quoted scalar",
        );
    }

    #[test]
    fn aliases_cannot_blow_up() {
        let level_of = |level: usize| {
            let list = vec![format!("*a{}", level - 1); 10].join(", ");
            format!("a{level}: &a{level} [{list}]\n")
        };
        let first = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        let bomb: String = std::iter::once(first).chain((1..9).map(level_of)).collect();
        let parsed = super::read(&bomb).unwrap();
        assert!(!parsed.faults.is_empty());
        assert!(super::measure(&parsed.documents[0]).nodes <= super::super::limits::MAX_NODES);
    }

    #[test]
    fn aliases_of_a_long_text_cannot_either() {
        let text = "x".repeat(100_000);
        let uses = "- *a\n".repeat(5_000);
        let parsed = super::read(&format!("- &a {text}\n{uses}")).unwrap();
        let items = parsed.documents[0].items();
        assert_eq!(items.len(), 5_001);
        let size = super::measure(&parsed.documents[0]);
        assert!(size.bytes <= text.len() + super::super::limits::MAX_REPEATED);
        // The first of them are still there, and that the last are not is said.
        assert_eq!(items[20].text(), Some(text.as_str()));
        assert_eq!(items[5_000].text(), None);
        assert!(!parsed.faults.is_empty());
    }
}
