//! Questions that many people ask at once. To plan a statement takes ClickHouse 5 to 25 ms, however little
//! it reads. So one statement of a kind runs at a time, and the next one asks for all who came meanwhile:
//! the more people ask, the less each of them costs. After a statement there is a rest, as long as it took
//! but no longer than [`LONGEST_REST`], so that more of them come together. As long as no more than [`MOST`]
//! wait, nobody waits for more than two statements and a rest.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use super::ReadError;

/// How many are asked together at most, so that no statement gets too large.
const MOST: usize = 64;
const LONGEST_REST: Duration = Duration::from_millis(50);

/// The questions of one kind.
pub struct Together<Question, Answer> {
    queue: Arc<Mutex<Queue<Question, Answer>>>,
}

struct Queue<Question, Answer> {
    /// Whether a task asks.
    asks: bool,
    waiting: VecDeque<(Question, oneshot::Sender<Result<Answer, ReadError>>)>,
}

impl<Question, Answer> Default for Together<Question, Answer> {
    fn default() -> Self {
        Self { queue: Arc::new(Mutex::new(Queue { asks: false, waiting: VecDeque::new() })) }
    }
}

impl<Question, Answer> Clone for Together<Question, Answer> {
    fn clone(&self) -> Self {
        Self { queue: Arc::clone(&self.queue) }
    }
}

impl<Question: Send + 'static, Answer: Send + 'static> Together<Question, Answer> {
    /// Asks with those who come at the same time. `ask_all` returns an answer to each question, in their
    /// order; it goes on when this caller has gone away.
    pub async fn ask<Answers>(
        &self,
        question: Question,
        ask_all: impl Fn(Vec<Question>) -> Answers + Send + Sync + 'static,
    ) -> Result<Answer, ReadError>
    where
        Answers: Future<Output = Result<Vec<Answer>, ReadError>> + Send + 'static,
    {
        let (answered, first) = self.wait(question);
        if first {
            let asking = Asking { together: self.clone(), ended: false };
            tokio::spawn(asking.all(ask_all));
        }
        answered.await.unwrap_or_else(|_| Err(ReadError::unanswered()))
    }

    /// Joins those who wait. Returns where the answer comes, and whether nobody asks yet.
    fn wait(&self, question: Question) -> (oneshot::Receiver<Result<Answer, ReadError>>, bool) {
        let (answer, answered) = oneshot::channel();
        let mut queue = self.lock();
        queue.waiting.push_back((question, answer));
        (answered, !std::mem::replace(&mut queue.asks, true))
    }

    fn lock(&self) -> MutexGuard<'_, Queue<Question, Answer>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task that asks.
struct Asking<Question, Answer> {
    together: Together<Question, Answer>,
    ended: bool,
}

/// Questions, and where their answers go.
type Asked<Question, Answer> = (Vec<Question>, Vec<oneshot::Sender<Result<Answer, ReadError>>>);

impl<Question: Send + 'static, Answer: Send + 'static> Asking<Question, Answer> {
    async fn all<Answers>(mut self, ask_all: impl Fn(Vec<Question>) -> Answers + Send + Sync)
    where
        Answers: Future<Output = Result<Vec<Answer>, ReadError>> + Send,
    {
        while let Some((questions, senders)) = self.next() {
            let began = Instant::now();
            let answers: Vec<_> = match ask_all(questions).await {
                Ok(answers) => answers.into_iter().map(Ok).collect(),
                Err(error) => senders.iter().map(|_| Err(error.clone())).collect(),
            };
            for (sender, answer) in senders.into_iter().zip(answers) {
                // Who has gone away needs no answer.
                let _ = sender.send(answer);
            }
            sleep(began.elapsed().min(LONGEST_REST)).await;
        }
    }

    fn next(&mut self) -> Option<Asked<Question, Answer>> {
        let mut queue = self.together.lock();
        let next = queue.waiting.len().min(MOST);
        if next == 0 {
            queue.asks = false;
            self.ended = true;
            return None;
        }
        Some(queue.waiting.drain(..next).unzip())
    }
}

impl<Question, Answer> Drop for Asking<Question, Answer> {
    /// However the task ends, nobody waits for it, and another one can begin.
    fn drop(&mut self) {
        if !self.ended {
            let mut queue = self.together.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.asks = false;
            queue.waiting.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::task::JoinSet;

    use super::*;

    /// Doubles, after a while; the first statements fail, or panic.
    #[derive(Clone, Default)]
    struct Doubling {
        statements: Arc<AtomicUsize>,
        fails: usize,
        panics: usize,
    }

    impl Doubling {
        async fn double(self, all: Vec<u64>) -> Result<Vec<u64>, ReadError> {
            let nth = self.statements.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert!(nth >= self.panics, "as a bug would");
            if nth < self.fails {
                Err(ReadError::unanswered())
            } else {
                Ok(all.iter().map(|n| 2 * n).collect())
            }
        }
    }

    async fn ask(together: &Together<u64, u64>, doubling: &Doubling, n: u64) -> Result<u64, ReadError> {
        let doubling = doubling.clone();
        together.ask(n, move |all| doubling.clone().double(all)).await
    }

    fn together() -> Together<u64, u64> {
        Together::default()
    }

    #[tokio::test]
    async fn who_comes_while_a_statement_runs_is_asked_with_the_others() {
        let (together, doubling) = (together(), Doubling::default());
        let mut asked = JoinSet::new();
        for n in 0..50 {
            let (together, doubling) = (together.clone(), doubling.clone());
            asked.spawn(async move { assert_eq!(ask(&together, &doubling, n).await.unwrap(), 2 * n) });
            if n == 0 {
                // It is on its way when the others come.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        asked.join_all().await;
        assert_eq!(doubling.statements.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn who_comes_soon_after_a_statement_is_asked_with_the_others() {
        let (together, doubling) = (together(), Doubling::default());
        ask(&together, &doubling, 1).await.unwrap();
        let next = tokio::spawn({
            let (together, doubling) = (together.clone(), doubling.clone());
            async move { ask(&together, &doubling, 2).await }
        });
        for _ in 0..10 {
            // Without the rest, the statement of the second one would begin here.
            tokio::task::yield_now().await;
        }
        assert_eq!(ask(&together, &doubling, 3).await.unwrap(), 6);
        assert_eq!(next.await.unwrap().unwrap(), 4);
        assert_eq!(doubling.statements.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn an_error_is_everybodys_and_the_next_question_is_asked_again() {
        let (together, doubling) = (together(), Doubling { fails: 1, ..Doubling::default() });
        let (one, other) = tokio::join!(ask(&together, &doubling, 1), ask(&together, &doubling, 2));
        assert!(one.is_err() && other.is_err());
        assert_eq!(ask(&together, &doubling, 3).await.unwrap(), 6);
    }

    #[tokio::test]
    async fn after_a_panic_nobody_waits_and_the_next_question_is_asked_again() {
        let (together, doubling) = (together(), Doubling { panics: 1, ..Doubling::default() });
        let (one, other) = tokio::join!(ask(&together, &doubling, 1), ask(&together, &doubling, 2));
        assert!(one.is_err() && other.is_err());
        assert_eq!(ask(&together, &doubling, 3).await.unwrap(), 6);
    }

    #[tokio::test]
    async fn the_others_are_answered_when_who_came_first_has_gone_away() {
        let (together, doubling) = (together(), Doubling::default());
        let first = tokio::time::timeout(Duration::from_millis(5), ask(&together, &doubling, 1));
        let (first, second) = tokio::join!(first, ask(&together, &doubling, 2));
        assert!(first.is_err());
        assert_eq!(second.unwrap(), 4);
    }
}
