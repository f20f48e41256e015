//! What can happen in a state.

use super::Delivery;
use super::action::{Action, Outcome};
use super::process::{Entry, Receiver, Result, Settler, Step};
use super::record::{Status, Told};
use super::state::State;

impl Delivery {
    pub(super) fn possible(&self, state: &State, actions: &mut Vec<Action>) {
        for process in 0..self.bounds.workers {
            self.by_deliver(state, process, actions);
        }
        actions.extend(self.batches(state));
        for message in 0..self.bounds.messages {
            self.by_world(state, message, actions);
            self.by_whatsapp(state, message, actions);
        }
        for process in (0..self.bounds.receivers).filter(|at| state.receivers[*at as usize] != Receiver::Idle) {
            actions.push(Action::Store(process));
        }
        if state.settler != Settler::Idle {
            actions.push(Action::SettleNext);
        }
        if state.pending > 0 {
            actions.push(Action::Refund);
        }
        if state.faults < self.bounds.faults {
            self.faults(state, actions);
        }
    }

    fn by_deliver(&self, state: &State, process: u8, actions: &mut Vec<Action>) {
        match state.workers[process as usize].step {
            Step::Idle => {}
            Step::Claim { again } => {
                actions.push(Action::Claim(process));
                let record = state.records[state.workers[process as usize].message as usize];
                if !again {
                    actions.push(Action::FailUntried(process));
                    let lost = self.bounds.repeats && record.status == Status::Queued;
                    actions.extend(lost.then_some(Action::ClaimAnswerLost(process)));
                }
            }
            Step::Post => {
                actions.extend([Action::NotYet(process), Action::Never(process)]);
                actions.extend(Outcome::ALL.map(|outcome| Action::Post(process, outcome)));
            }
            Step::Write(result) => {
                actions.push(Action::Write(process, result));
                let is_transaction = matches!(result, Result::Revive | Result::Fail);
                if !is_transaction && self.bounds.repeats {
                    actions.push(Action::WriteAnswerLost(process, result));
                }
            }
            Step::HaveSettled => actions.push(Action::HaveSettled(process)),
            Step::Return => actions.push(Action::Return(process)),
        }
    }

    /// SQS gives a group's messages in order, one or more, and none while one of them is in flight. Processes with nothing
    /// to do are alike, so the first of them takes the batch.
    pub(super) fn batches(&self, state: &State) -> Vec<Action> {
        let idle = (0..self.bounds.workers).find(|at| state.workers[*at as usize].step == Step::Idle);
        let Some(process) = idle.filter(|_| !state.entries.contains(&Entry::InFlight)) else {
            return Vec::new();
        };
        let visible = (0..2u8).filter(|at| state.entries[*at as usize] == Entry::Visible);
        let batch = |seen: &mut u8, at: u8| {
            *seen |= 1 << at;
            Some(Action::Receive(process, *seen))
        };
        visible.scan(0u8, batch).collect()
    }

    fn by_world(&self, state: &State, message: u8, actions: &mut Vec<Action>) {
        let at = message as usize;
        if state.entries[at] == Entry::InFlight {
            actions.push(Action::VisibilityEnds(message));
        }
        if may_end(state, message) {
            actions.push(Action::LeaseEnds(message));
        }
        if state.records[at].status == Status::Queued && self.bounds.repeats {
            actions.push(Action::Cancel(message));
        }
        if state.settler == Settler::Idle {
            let attempts = (1..8).filter(|attempt| state.unsettled[at] & 1 << attempt != 0);
            actions.extend(attempts.map(|attempt| Action::Settle(message, attempt)));
            if state.entries[at] == Entry::DeadLetter {
                actions.push(Action::SettleDeadLetter(message));
            }
        }
    }

    fn by_whatsapp(&self, state: &State, message: u8, actions: &mut Vec<Action>) {
        let receivers = &state.receivers[..self.bounds.receivers as usize];
        if !receivers.contains(&Receiver::Idle) {
            return;
        }
        let ledger = state.ledgers[message as usize];
        if let Some(attempt) = ledger.taken {
            let all = [Told::Sent, Told::Delivered, Told::Read, Told::Failed];
            actions.extend(all.map(|told| Action::Callback(message, told, attempt)));
        }
        let refused = (1..8).filter(|attempt| ledger.refused & 1 << attempt != 0);
        actions.extend(refused.map(|attempt| Action::Callback(message, Told::Failed, attempt)));
    }

    fn faults(&self, state: &State, actions: &mut Vec<Action>) {
        for process in 0..self.bounds.workers {
            let worker = &state.workers[process as usize];
            if worker.step != Step::Idle {
                actions.push(Action::Crash(process));
                if !worker.frozen {
                    actions.push(Action::Freeze(process));
                }
            }
        }
        for process in (0..self.bounds.receivers).filter(|at| state.receivers[*at as usize] != Receiver::Idle) {
            actions.push(Action::ReceiveCrash(process));
        }
        if state.settler != Settler::Idle {
            actions.push(Action::SettleCrash);
        }
        if state.pending > 0 {
            actions.push(Action::RefundLost);
        }
        let visible = (0..self.bounds.messages).filter(|at| state.entries[*at as usize] == Entry::Visible);
        if self.bounds.dead_letters {
            actions.extend(visible.map(Action::TooOften));
        }
    }
}

/// A lease is longer than its process may run, so it ends only when that is dead or frozen.
pub(super) fn may_end(state: &State, message: u8) -> bool {
    let record = &state.records[message as usize];
    let held = record.claim.is_some_and(|claim| {
        let worker = &state.workers[claim.process as usize];
        worker.claim == Some(claim) && !worker.frozen
    });
    record.status == Status::Sending && !record.lease_ended && !held
}
