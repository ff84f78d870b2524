//! Tests of the encoder: `writing` makes random changes, `differential` compares what viewers decode with what they
//! should see.

mod differential;
mod writing;
