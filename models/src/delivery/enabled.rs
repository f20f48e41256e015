//! What can happen in a state.

use super::action::{Action, Outcome};
use super::model::Model;
use super::process::{AttemptWrite, Entry, Receiver, Settler, Step};
use super::record::{MessageEvent, Status};
use super::state::State;

impl Model {
    pub(super) fn enabled(&self, state: &State, actions: &mut Vec<Action>) {
        for process in 0..self.bounds.workers {
            self.of_deliver(state, process, actions);
        }
        actions.extend(self.batches(state));
        for message in 0..self.bounds.messages {
            self.of_environment(state, message, actions);
            self.of_whatsapp(state, message, actions);
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

    fn of_deliver(&self, state: &State, process: u8, actions: &mut Vec<Action>) {
        match state.workers[process as usize].step {
            Step::Idle => {}
            Step::Claim { repeated } => {
                actions.push(Action::Claim(process));
                let record = state.records[state.workers[process as usize].message as usize];
                if !repeated {
                    actions.push(Action::FailQueued(process));
                    let may_be_lost = self.bounds.repeats && record.status == Status::Queued;
                    actions.extend(may_be_lost.then_some(Action::ClaimResponseLost(process)));
                }
            }
            Step::Post => {
                actions.extend([Action::Wait(process), Action::FailPrepared(process)]);
                actions.extend(Outcome::ALL.map(|outcome| Action::Post(process, outcome)));
            }
            Step::Write(write) => {
                actions.push(Action::Write(process, write));
                let is_transaction = matches!(write, AttemptWrite::Recover | AttemptWrite::Fail);
                if !is_transaction && self.bounds.repeats {
                    actions.push(Action::WriteResponseLost(process, write));
                }
            }
            Step::HandToSettle => actions.push(Action::HandToSettle(process)),
            Step::Return => actions.push(Action::Return(process)),
        }
    }

    /// SQS delivers a group's messages in order, one or more, and none while one of them is in flight. Idle processes are
    /// alike, so the first of them receives the batch.
    pub(super) fn batches(&self, state: &State) -> Vec<Action> {
        let idle = (0..self.bounds.workers).find(|at| state.workers[*at as usize].step == Step::Idle);
        let Some(process) = idle.filter(|_| !state.entries.contains(&Entry::InFlight)) else {
            return Vec::new();
        };
        let visible = (0..2u8).filter(|at| state.entries[*at as usize] == Entry::Visible);
        let batch = |batch: &mut u8, at: u8| {
            *batch |= 1 << at;
            Some(Action::Receive(process, *batch))
        };
        visible.scan(0u8, batch).collect()
    }

    fn of_environment(&self, state: &State, message: u8, actions: &mut Vec<Action>) {
        let at = message as usize;
        if state.entries[at] == Entry::InFlight {
            actions.push(Action::VisibilityEnds(message));
        }
        if lease_may_end(state, message) {
            actions.push(Action::LeaseEnds(message));
        }
        if state.records[at].status == Status::Queued && self.bounds.repeats {
            actions.push(Action::Cancel(message));
        }
        if state.settler == Settler::Idle {
            let attempts = (1..8).filter(|attempt| state.unknown_outcomes[at] & 1 << attempt != 0);
            actions.extend(attempts.map(|attempt| Action::Settle(message, attempt)));
            if state.entries[at] == Entry::DeadLetter {
                actions.extend([true, false].map(|in_time| Action::SettleDeadLetter(message, in_time)));
            }
        }
    }

    fn of_whatsapp(&self, state: &State, message: u8, actions: &mut Vec<Action>) {
        let receivers = &state.receivers[..self.bounds.receivers as usize];
        if !receivers.contains(&Receiver::Idle) {
            return;
        }
        let whatsapp = state.whatsapp[message as usize];
        if let Some(attempt) = whatsapp.accepted {
            let all = [MessageEvent::Sent, MessageEvent::Delivered, MessageEvent::Read, MessageEvent::Failed];
            actions.extend(all.map(|event| Action::Callback(message, event, attempt)));
        }
        let refused = (1..8).filter(|attempt| whatsapp.refused & 1 << attempt != 0);
        actions.extend(refused.map(|attempt| Action::Callback(message, MessageEvent::Failed, attempt)));
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
            actions.extend(visible.map(Action::BecomesDeadLetter));
        }
    }
}

/// A lease is longer than its process may run, so it ends only when the process is dead or frozen.
pub(super) fn lease_may_end(state: &State, message: u8) -> bool {
    let record = &state.records[message as usize];
    let is_at_work = record.claim.is_some_and(|claim| {
        let worker = &state.workers[claim.process as usize];
        worker.claim == Some(claim) && !worker.frozen
    });
    record.status == Status::Sending && !record.lease_ended && !is_at_work
}
