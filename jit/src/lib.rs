//! Compiles verified IR to machine code with Cranelift, as a [`Program`](statewright_runtime::program::Program).
