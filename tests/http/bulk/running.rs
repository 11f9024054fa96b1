//! How items are run: how many at a time, in which order, and which are not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use api_patterns::bulk::{Duplicates, Items};
use api_patterns::problem::Problem;
use proptest::prelude::*;

/// What each item was answered with: itself, or the code of its problem.
fn told(outcomes: Result<Vec<Result<u32, Problem>>, Problem>) -> Vec<Result<u32, String>> {
    let outcomes = outcomes.expect("the request is not refused").into_iter();
    let code = |problem: Problem| problem.get_code().unwrap_or_default().to_owned();
    outcomes.map(|outcome| outcome.map_err(code)).collect()
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime starts").block_on(future)
}

proptest! {
    #[test]
    fn results_are_in_the_order_of_the_request(
        delays in proptest::collection::vec((0..50_u64, any::<bool>()), 1..60),
        concurrency in 1..12_usize,
    ) {
        let running = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        let items = Items::new(0..delays.len()).concurrency(concurrency);
        let answer = block_on(items.run(|item| {
            let (running, most, (delay, good)) = (&running, &most, delays[item]);
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                for _ in 0..delay {
                    tokio::task::yield_now().await;
                }
                running.fetch_sub(1, Ordering::Relaxed);
                let failed = || Problem::conflict("no").code(item.to_string());
                good.then_some(item as u32).ok_or_else(failed)
            }
        }));
        let expected: Vec<_> = delays.iter().zip(0_u32..).map(|((_, good), item)| {
            good.then_some(item).ok_or_else(|| item.to_string())
        }).collect();
        prop_assert_eq!(told(answer.into_outcomes()), expected);
        prop_assert!(most.into_inner() <= concurrency);
    }

    #[test]
    fn what_cannot_be_tried_is_not(
        good in proptest::collection::vec(any::<bool>(), 1..40),
    ) {
        let started = Mutex::new(Vec::new());
        let items: Items<usize> = good.iter().enumerate().map(|(item, good)| match good {
            true => Ok(item),
            false => Err(Problem::unprocessable("no").code("refused")),
        }).collect();
        let answer = block_on(items.run(async |item| {
            started.lock().expect("not poisoned").push(item);
            Ok::<_, Problem>(item as u32)
        }));
        let expected: Vec<_> = good.iter().enumerate().map(|(item, good)| {
            good.then_some(item as u32).ok_or_else(|| "refused".to_owned())
        }).collect();
        prop_assert_eq!(told(answer.into_outcomes()), expected);
        let started = started.into_inner().expect("not poisoned");
        prop_assert!(started.is_sorted());
        prop_assert_eq!(started.len(), good.iter().filter(|good| **good).count());
    }
}

#[tokio::test]
async fn as_many_as_allowed_run_at_the_same_time() {
    let barrier = Arc::new(tokio::sync::Barrier::new(4));
    let run = |item: u32| {
        let barrier = barrier.clone();
        async move {
            // Passes only when four are here.
            barrier.wait().await;
            Ok::<_, Problem>(item)
        }
    };
    let answer = Items::new(0..8).concurrency(4).run(run).await;
    assert_eq!(answer.succeeded(), 8);
}

#[tokio::test]
async fn duplicates_meet_by_policy() {
    let items = || Items::new([5, 3, 5, 4, 3, 5]);
    let told = async |items: Items<u32>| {
        let answer = items.run(async |item| Ok::<_, Problem>(item)).await;
        let outcomes = answer.into_outcomes().expect("not refused").into_iter();
        let other = |problem: Problem| {
            assert_eq!(problem.status().as_u16(), 409);
            assert_eq!(problem.get_code(), Some("duplicate_item"));
            problem
                .get_extension("duplicate_of")
                .and_then(|of| of.as_u64())
        };
        outcomes
            .map(|outcome| outcome.map_err(other))
            .collect::<Vec<_>>()
    };
    let all = [Ok(5), Ok(3), Ok(5), Ok(4), Ok(3), Ok(5)];
    assert_eq!(
        told(items().distinct_by(|item| *item, Duplicates::Allow)).await,
        all
    );
    let later = [
        Ok(5),
        Ok(3),
        Err(Some(0)),
        Ok(4),
        Err(Some(1)),
        Err(Some(0)),
    ];
    assert_eq!(
        told(items().distinct_by(|item| *item, Duplicates::RefuseLater)).await,
        later
    );
    let each = [
        Err(Some(2)),
        Err(Some(4)),
        Err(Some(0)),
        Ok(4),
        Err(Some(1)),
        Err(Some(0)),
    ];
    assert_eq!(
        told(items().distinct_by(|item| *item, Duplicates::RefuseAll)).await,
        each
    );
}

#[tokio::test]
async fn items_may_be_tried_in_another_order_than_they_are_answered() {
    let tried = Mutex::new(Vec::new());
    let items: Items<u32> = [Ok(3), Err(Problem::conflict("no")), Ok(1), Ok(2)]
        .into_iter()
        .collect();
    let run = async |item| {
        tried.lock().expect("not poisoned").push(item);
        Ok::<_, Problem>(item)
    };
    let answer = items.ordered_by(|item| *item).run(run).await;
    let outcomes = answer.into_outcomes().expect("not refused").into_iter();
    let outcomes: Vec<_> = outcomes.map(Result::ok).collect();
    assert_eq!(outcomes, [Some(3), None, Some(1), Some(2)]);
    assert_eq!(tried.into_inner().expect("not poisoned"), [1, 2, 3]);
}

#[tokio::test]
async fn items_may_be_refused_before_any_is_tried() {
    let tried = AtomicUsize::new(0);
    let known = |item: &u32| match item {
        7 => Err(Problem::unprocessable("there is no 7")),
        _ => Ok(()),
    };
    let items = Items::new([1, 7, 2]).check(known);
    assert_eq!(items.len(), 3);
    assert_eq!(items.iter().collect::<Vec<_>>(), [(0, &1), (2, &2)]);
    let run = async |item: u32| {
        tried.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Problem>(item)
    };
    let answer = items.run(run).await;
    let failed: Vec<_> = answer
        .failures()
        .map(|(index, problem)| (index, problem.status().as_u16()))
        .collect();
    assert_eq!(failed, [(1, 422)]);
    assert_eq!((answer.succeeded(), tried.into_inner()), (2, 2));
}
