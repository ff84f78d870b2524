//! Tests of the encoder: `cases` to the byte, `writing` makes random changes, `differential` compares what viewers decode with what they
//! should see.

mod cases;
mod differential;
mod writing;
