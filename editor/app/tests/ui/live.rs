//! Running, debugging, tests, code.
