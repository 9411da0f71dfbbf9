//! Work on several threads whose results are taken in the order of the items.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;

/// How many results may wait.
const WAITING: usize = 64;

/// Runs `work` on every item, on `threads` threads with a `local` of their own each, and hands the
/// results to `take` one by one in the order of the items. The first error ends it.
pub(crate) fn run<I, T, L, R, E>(
    threads: usize,
    items: I,
    local: impl Fn() -> L + Sync,
    work: impl Fn(&mut L, T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E>
where
    I: Iterator<Item = T> + Send,
    R: Send,
{
    let items = Mutex::new(items.enumerate());
    let (sender, results) = sync_channel(WAITING);
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            let (sender, items, local, work) = (sender.clone(), &items, &local, &work);
            scope.spawn(move || {
                let mut local = local();
                loop {
                    let next = items.lock().ok().and_then(|mut items| items.next());
                    let Some((number, item)) = next else { return };
                    // The taker has gone: somebody found an error.
                    if sender.send((number, work(&mut local, item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut expected = 0;
        for (number, result) in results {
            early.insert(number, result);
            while let Some(result) = early.remove(&expected) {
                expected += 1;
                take(result)?;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_an_error_ends_it() {
        let mut seen = Vec::new();
        let take = |number| {
            seen.push(number);
            if number == 900 { Err(number) } else { Ok(()) }
        };
        let end = run(4, 0..1000_u64, || (), |(), number| number, take);
        assert_eq!(end, Err(900));
        assert_eq!(seen, (0..=900).collect::<Vec<_>>());
    }
}
