//! Requests that are sent at the same time arrive in either order. So that two runs can be compared, those that arrive within
//! a few turns of the runtime are answered one after another, in an order that does not depend on their arrival.

use std::sync::{Arc, Mutex};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::layer::Asked;

/// For so many turns of the runtime the others are waited for: how long they take to arrive depends on how busy the machine
/// is, how many turns they take does not.
const TURNS: usize = 32;

/// The requests that wait for their turn.
pub struct InOrder {
    waiting: Arc<Mutex<Vec<Waiting>>>,
    turn: Arc<Semaphore>,
}

struct Waiting {
    key: String,
    begin: oneshot::Sender<OwnedSemaphorePermit>,
}

impl Default for InOrder {
    fn default() -> Self {
        Self { waiting: Arc::default(), turn: Arc::new(Semaphore::new(1)) }
    }
}

impl InOrder {
    /// Waits for the turn of a request, which ends when the permit is dropped.
    pub async fn turn_of(&self, asked: &Asked) -> OwnedSemaphorePermit {
        let (begin, begins) = oneshot::channel();
        let key = format!("{} {}", asked.path, String::from_utf8_lossy(&asked.raw));
        let is_first = {
            let mut waiting = self.waiting.lock().unwrap();
            waiting.push(Waiting { key, begin });
            waiting.len() == 1
        };
        if is_first {
            tokio::spawn(one_after_another(self.waiting.clone(), self.turn.clone()));
        }
        begins.await.expect("every request gets its turn")
    }
}

async fn one_after_another(waiting: Arc<Mutex<Vec<Waiting>>>, turn: Arc<Semaphore>) {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
    let mut all = std::mem::take(&mut *waiting.lock().unwrap());
    all.sort_by(|one, other| one.key.cmp(&other.key));
    for Waiting { begin, .. } in all {
        let permit = turn.clone().acquire_owned().await.expect("it is never closed");
        // Whoever sent it may have gone.
        drop(begin.send(permit));
    }
}
