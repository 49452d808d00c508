//! taxonomies
