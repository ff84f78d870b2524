/work/wt/speed/benches/peers/target/release/deps/peers-46b9ebd5b412f089.d: drive/src/main.rs

/work/wt/speed/benches/peers/target/release/deps/peers-46b9ebd5b412f089: drive/src/main.rs

drive/src/main.rs:

# env-dep:CARGO_MANIFEST_DIR=/work/wt/speed/benches/peers/drive
