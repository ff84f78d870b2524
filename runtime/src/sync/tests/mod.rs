//! Tests of the encoder: `cases` to the byte, `writing` makes random changes, `differential` compares what viewers decode with what they
//! should see, `ways` the bytes of windows with and without a tree.

mod cases;
mod differential;
mod ways;
mod writing;
