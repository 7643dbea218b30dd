//! How people see an id: in groups, as words, as a picture, as a square for a camera, and read aloud.
//!
//! Every form is a function of the 56 characters and of nothing else. None is shorter than the id in what it commits to,
//! but for the picture, which is a help and never enough ([`art`]).
//!
//! Source: spec/11-comparing.md.
