//! Tests of the encoder: `cases` to the byte, `writing` makes random changes, `differential` compares what viewers decode with what they
//! should see, `leaks` what a viewer is told by sessions that differ in what it does not see, `ways` the bytes of windows with and without
//! a tree, `columns` the bytes of marks and of views.

mod cases;
mod columns;
mod differential;
mod leaks;
mod moving;
mod ways;
mod writing;
