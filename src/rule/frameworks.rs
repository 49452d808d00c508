//! frameworks
