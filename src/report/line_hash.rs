//! line_hash
