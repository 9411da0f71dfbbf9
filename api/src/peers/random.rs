//! Random choices among peers and addresses: not to be foreseen by who would like to be chosen.

/// A number below this one; zero below zero. A machine without randomness could not have made its
/// keys; should it lose it later, the first is chosen.
pub(super) fn below(count: usize) -> usize {
    let number = getrandom::u64().unwrap_or_default();
    usize::try_from(number % (count.max(1) as u64)).unwrap_or_default()
}
