/work/wt/speed/benches/peers/target/release/peers: /work/wt/speed/benches/peers/child/src/lib.rs /work/wt/speed/benches/peers/drive/src/main.rs
