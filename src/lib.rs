//! wxremind
