//! The calls to WhatsApp that this process waits for. A number whose calls get no answer holds no more of the process than
//! the calls that are open already.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use shared::mutex::lock;
use tokio::time::Instant;

/// A call without an answer for this long hangs. WhatsApp answers within a few hundred milliseconds.
const HANGS_AFTER: Duration = Duration::from_secs(1);

/// The calls in progress.
#[derive(Default)]
pub struct PostsInProgress(Mutex<State>);

#[derive(Default)]
struct State {
    posts: Vec<Post>,
    begun: u64,
}

struct Post {
    id: u64,
    number: String,
    begun: Instant,
    /// Whether another call of its number was answered since it began.
    is_overtaken: bool,
}

/// A call in progress, until it is dropped.
pub struct PostInProgress<'a> {
    all: &'a PostsInProgress,
    id: u64,
}

impl PostsInProgress {
    /// A call of a number begins.
    pub fn begin(&self, number: &str) -> PostInProgress<'_> {
        let mut state = self.lock();
        state.begun += 1;
        let id = state.begun;
        state.posts.push(Post { id, number: number.to_owned(), begun: Instant::now(), is_overtaken: false });
        PostInProgress { all: self, id }
    }

    /// Whether a call of a number hangs.
    pub fn hangs(&self, number: &str) -> bool {
        self.lock().posts.iter().any(|post| post.number == number && post.hangs())
    }

    /// Whether a call of any number hangs.
    pub fn any_hangs(&self) -> bool {
        self.lock().posts.iter().any(Post::hangs)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

impl Post {
    fn hangs(&self) -> bool {
        self.begun.elapsed() >= HANGS_AFTER
    }
}

impl PostInProgress<'_> {
    /// The call was answered: its number does not hang, whatever becomes of the number's other calls.
    pub fn answered(&self) {
        let mut state = self.all.lock();
        let number = state.posts.iter().find(|post| post.id == self.id).map(|post| post.number.clone());
        for post in state.posts.iter_mut().filter(|post| Some(&post.number) == number.as_ref()) {
            post.is_overtaken = true;
        }
    }

    /// Whether no call of its number was answered since it began.
    pub fn is_number_silent(&self) -> bool {
        self.all.lock().posts.iter().any(|post| post.id == self.id && !post.is_overtaken)
    }
}

impl Drop for PostInProgress<'_> {
    fn drop(&mut self) {
        self.all.lock().posts.retain(|post| post.id != self.id);
    }
}

#[cfg(test)]
impl PostsInProgress {
    /// Whether there are any.
    pub fn any(&self) -> bool {
        !self.lock().posts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_hangs_while_one_of_its_calls_has_no_answer() {
        let posts = PostsInProgress::default();
        let post = posts.begin("a");
        assert!(!posts.hangs("a"));
        posts.lock().posts[0].begun -= HANGS_AFTER;
        assert!(posts.hangs("a") && posts.any_hangs() && !posts.hangs("b"));
        assert!(post.is_number_silent());
        drop(post);
        assert!(!posts.any_hangs());
    }

    #[test]
    fn a_number_that_answers_another_call_does_not_hang() {
        let posts = PostsInProgress::default();
        let (first, second, of_another) = (posts.begin("a"), posts.begin("a"), posts.begin("b"));
        second.answered();
        assert!(!first.is_number_silent() && of_another.is_number_silent());
    }
}
