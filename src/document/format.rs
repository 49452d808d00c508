//! stub until the parsers land
use super::parsed::Parsed;
/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// y
    Yaml,
    /// y
    Json,
    /// y
    Toml,
    /// y
    Hcl,
    /// y
    Dotenv,
    /// y
    Ini,
    /// y
    Properties,
    /// y
    Xml,
}
/// stub
pub fn parse(_format: Format, _text: &str) -> Parsed {
    Parsed::lexical(0, "no parser")
}
