use super::*;
use crate::report::fixture;

fn text(style: Style) -> String {
    let rules = fixture::rules();
    let mut out = Vec::new();
    write(&fixture::report(&rules), style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn show() {
    for style in [
        Style::default(),
        Style {
            verbose: 2,
            width: 60,
            ..Style::default()
        },
        Style {
            color: true,
            ..Style::default()
        },
    ] {
        println!("{}\n=======", text(style));
    }
}
