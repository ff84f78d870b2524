/work/wt/speed/benches/peers/target/release/deps/child-ce948b0ef36ecc18.d: child/src/lib.rs

/work/wt/speed/benches/peers/target/release/deps/libchild-ce948b0ef36ecc18.rlib: child/src/lib.rs

/work/wt/speed/benches/peers/target/release/deps/libchild-ce948b0ef36ecc18.rmeta: child/src/lib.rs

child/src/lib.rs:
