//! Work on several threads whose results are taken in the order of the items.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, sync_channel};

/// How many items are under way for each thread: being worked on, or done and not yet taken.
const UNDER_WAY_EACH: usize = 8;

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
    let threads = threads.max(1);
    let items = Mutex::new(items);
    // One place for each item that is under way, in their order: its result will come from there.
    let (places, to_come) = sync_channel::<Receiver<R>>(threads * UNDER_WAY_EACH);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (places, items, local, work) = (places.clone(), &items, &local, &work);
            scope.spawn(move || {
                let mut local = local();
                // An item and its place are taken in one step: the one is in the order of the other.
                let next = || {
                    let mut items = items.lock().ok()?;
                    let item = items.next()?;
                    let (result, place) = sync_channel(1);
                    // Waits while enough is under way. The taker has gone: somebody found an error.
                    places.send(place).ok()?;
                    Some((item, result))
                };
                while let Some((item, result)) = next() {
                    let _ = result.send(work(&mut local, item));
                }
            });
        }
        drop(places);
        for place in to_come {
            // Nothing comes from a thread that panicked; the scope passes its panic on.
            let Ok(result) = place.recv() else { break };
            take(result)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

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

    /// However slow one item or the taker is, no more than so many wait in memory.
    #[test]
    fn what_is_under_way_is_bounded() {
        let (threads, begun) = (2, AtomicU64::new(0));
        // What waits in its place, what is waited for to get one, and what is being taken.
        let most = (threads * (UNDER_WAY_EACH + 1) + 1) as u64;
        let items = (0..500_u64).inspect(|_| {
            begun.fetch_add(1, Ordering::SeqCst);
        });
        let take = |number: u64| {
            let ahead = begun.load(Ordering::SeqCst) - number;
            if ahead > most { Err(ahead) } else { Ok(()) }
        };
        let slow_at_first = |(): &mut (), number: u64| {
            if number == 0 {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            number
        };
        assert_eq!(run(threads, items, || (), slow_at_first, take), Ok(()));
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_of_a_thread_ends_it_and_is_passed_on() {
        let work = |(): &mut (), number: u64| {
            assert_ne!(number, 300, "as it must");
            number
        };
        let _ = run(2, 0..1000_u64, || (), work, |_| Ok::<(), ()>(()));
    }
}
