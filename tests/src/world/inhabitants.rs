//! The accounts of a world, and the people whom they write to.

use fastrand::Rng;

use super::plan::AccountPlan;

/// People without a peculiarity; WhatsApp's form of the last one's number is another one.
const ORDINARY: [&str; 5] = ["5511955550001", "5511955550002", "5511955550003", "5511955550004", "5531987650001"];
/// People to whom WhatsApp behaves peculiarly (docs/simulator.md).
#[rustfmt::skip]
const PECULIAR: [&str; 28] = [
    "15550100004", "15550100005", "15550100006", "15550100007", "15550100008", "15550100009", "15550100010",
    "15550100012", "15550100013", "15550100014", "15550100015", "15550100017", "15550100018",
    "15550100019", "1555131047", "1555131026", "15561131056", "15562131000", "15563131016", "15561130429",
    "155702130429", "155730000004", "155801080007", "1559131049", "1559131026", "1555000190",
    "155805130429", "15561131042",
];
/// Those whose messages take half a minute of real time, or a day of the stack's.
const SLOW: [&str; 5] = ["15550100001", "15550100002", "15550100003", "15550100011", "15550100016"];
/// Those whom only polite accounts write to.
pub const OF_THE_POLITE: [&str; 2] = ["5511944440001", "5511944440002"];

/// Accounts with their instances; where there are several, the first one is polite.
pub fn accounts(random: &mut Rng, most: usize, instances: usize) -> Vec<AccountPlan> {
    let count = random.usize(1..=most);
    let accounts = (0..count).map(|account| {
        let instances = random.usize(1..=(instances / count).max(1));
        let webhooks = (0..instances).flat_map(|instance| std::iter::repeat_n(instance, random.usize(0..=2)));
        let webhooks = webhooks.take(4).collect();
        let polite = account == 0 && count > 1;
        AccountPlan {
            credits: if !polite && random.u8(0..4) == 0 { random.i64(5..40) } else { 10_000 },
            per_minute: if !polite && random.u8(0..4) == 0 { random.u32(3..20) } else { 10_000 },
            keys: random.usize(1..=2),
            instances,
            polite,
            own_app: random.u8(0..3) == 0,
            webhooks,
        }
    });
    accounts.collect()
}

/// A few people whom everybody writes to, perhaps with one who is slow.
pub fn people(random: &mut Rng, slow: bool) -> Vec<String> {
    let ordinary = random.usize(2..=ORDINARY.len());
    let mut people = random.choose_multiple(ORDINARY, ordinary);
    people.extend(random.choose_multiple(PECULIAR, 4));
    if random.u8(0..6) == 0 && slow {
        people.extend(random.choice(SLOW));
    }
    people.into_iter().map(str::to_owned).collect()
}

/// Whether WhatsApp treats somebody like everybody, so that one can be written to by the user id as well.
pub fn is_ordinary(phone: &str) -> bool {
    ORDINARY.contains(&phone)
}

/// The number that somebody changes to.
pub fn next_number(phone: &str) -> String {
    format!("55119666{}", &phone[phone.len() - 5..])
}
