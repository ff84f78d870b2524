//! Faults planted on purpose, for `cargo xtask fuzz --planted`: the differential harness must find each of them.
//!
//! A fault is a number, which stands where it does its harm: `if planted::is(7) { … }`. Which one is at work is chosen at
//! run time, for one thread and a stretch of code, so that one execution can be wrong while another is right in the same process.
//! Without the feature `planted` there is nothing of it: [`is`] is `false`, known to the compiler.

#[cfg(feature = "planted")]
use std::cell::Cell;

#[cfg(feature = "planted")]
thread_local! {
    static AT_WORK: Cell<u32> = const { Cell::new(0) };
}

/// Whether that fault is at work on this thread.
#[cfg(feature = "planted")]
#[inline]
pub fn is(number: u32) -> bool {
    AT_WORK.with(|at_work| at_work.get() == number)
}

/// Whether that fault is at work: never, without the feature.
#[cfg(not(feature = "planted"))]
#[inline(always)]
pub const fn is(_number: u32) -> bool {
    false
}

/// Runs `body` with a fault at work on this thread; 0 is none. Does nothing else where the feature is off.
pub fn with<R>(number: u32, body: impl FnOnce() -> R) -> R {
    #[cfg(feature = "planted")]
    {
        struct Before(u32);
        impl Drop for Before {
            fn drop(&mut self) {
                AT_WORK.with(|at_work| at_work.set(self.0));
            }
        }
        let _before = Before(AT_WORK.with(|at_work| at_work.replace(number)));
        body()
    }
    #[cfg(not(feature = "planted"))]
    {
        let _ = number;
        body()
    }
}
