//! What the demo's customer has: an account, a key, a connected instance, and the message that the page's reply quotes.
//! They stand in the tables as any customer's do.

use std::time::Duration;

use secrecy::SecretString;
use shared::account::{Account, ApiKey, Plan, Scope};
use shared::account_key::ItemKey;
use shared::api_key;
use shared::clock;
use shared::conditional_write::TableError;
use shared::content::Content;
use shared::delivery_queue::Lane;
use shared::environment::EnvironmentError;
use shared::ids::{AccountId, InstanceId, KeyId, MessageId};
use shared::instance::{Connection, Instance, Number, NumberOwner};
use shared::master_keys::MasterKeys;
use shared::message::{Direction, Draft, Message};
use shared::phone_number::PhoneNumber;
use shared::sealed::Sealer;
use shared::state::State;

use crate::stack::Stack;

/// The instance of the page's examples.
pub const INSTANCE: &str = "inst_abc123";
/// The recipient of the page's examples.
pub const RECIPIENT: &str = "5511999999999";
/// The message that the page's reply quotes.
const QUOTED: &str = "msg_original123";
/// The demo's account.
const ACCOUNT: &str = "acc_demo";
/// What the demo's account begins with.
const CREDITS: i64 = 1_000_000;
/// How long the quoted message is kept.
const KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The number that the demo's instance sends from.
#[derive(Debug)]
pub struct DemoNumber {
    /// WhatsApp's id of it.
    pub id: String,
    /// Its token.
    pub access_token: SecretString,
}

impl Default for DemoNumber {
    fn default() -> Self {
        Self { id: "106540352242922".to_owned(), access_token: "EAAG-of-the-simulator".into() }
    }
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Customer {
    /// The account.
    pub account_id: AccountId,
    /// The instance.
    pub instance_id: InstanceId,
    /// A key with every scope, new at each start.
    pub api_key: SecretString,
}

/// Why it could not be made.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum SeedError {
    /// The tables did not take it.
    Table(#[from] TableError),
    /// The stack's own keys can't be used.
    Keys(#[from] EnvironmentError),
}

/// Makes the demo's customer, or finds what of it is there.
pub async fn customer(stack: &Stack, number: DemoNumber) -> Result<Customer, SeedError> {
    let (accounts, messages) = (stack.accounts(), stack.messages());
    let account_id: AccountId = id(ACCOUNT);
    let instance_id: InstanceId = id(INSTANCE);
    let now = clock::now();
    let name = "Demo".to_owned();
    let account = Account { id: account_id.clone(), name, plan: Plan::Pro, requests_per_minute: None, created_at: now };
    accounts.put_account(&account).await?;
    accounts.open_meter(&account_id, CREDITS).await?;
    let (api_key, hash) = api_key::generate();
    let key = ApiKey {
        id: KeyId::generate(),
        account_id: account_id.clone(),
        name: "Demo".to_owned(),
        scopes: Scope::ALL.to_vec(),
        expires_at: None,
        instance_id: None,
        created_at: now,
    };
    accounts.put_key(&hash, &key).await?;
    let owner = NumberOwner {
        account_id: account_id.clone(),
        instance_id: instance_id.clone(),
        app_secret: None,
        heard_at: None,
    };
    accounts.put(ItemKey::number(&number.id), &owner).await?;
    accounts.put_instance(&instance(stack, &account_id, &instance_id, number)?).await?;
    messages.insert(&quoted(&account_id, &instance_id)).await?;
    Ok(Customer { account_id, instance_id, api_key })
}

/// Seals secrets with the stack's own keys.
pub fn sealer(stack: &Stack) -> Result<Sealer, EnvironmentError> {
    let keys = stack.secrets.text("MasterKeys").unwrap_or_default().to_owned();
    Ok(Sealer::new(&MasterKeys::parse(&keys.into())?))
}

fn instance(
    stack: &Stack,
    account: &AccountId,
    instance: &InstanceId,
    number: DemoNumber,
) -> Result<Instance, EnvironmentError> {
    let place = Instance::token_place(account, instance);
    let now = clock::now();
    let number = Number {
        id: number.id,
        business_id: "102290129340398".to_owned(),
        access_token: sealer(stack)?.seal(&number.access_token, &place),
        rate: Number::STANDARD_RATE,
        phone: None,
        profile_name: None,
    };
    Ok(Instance {
        status: Connection::Connected,
        number: Some(number),
        connected_at: Some(now),
        ..Instance::new(account.clone(), instance.clone(), "Demo".to_owned(), now)
    })
}

/// A question of the recipient's, which the page's fourth example answers.
fn quoted(account: &AccountId, instance: &InstanceId) -> Message {
    let draft = Draft {
        account_id: account.clone(),
        instance_id: instance.clone(),
        to: RECIPIENT.parse::<PhoneNumber>().expect("the page's own number"),
        content: Content::Text { body: "How much is it?".to_owned() },
        quoted: None,
        metadata: None,
        body_hash: None,
        slot: clock::now(),
        lane: Lane::Express,
        expires_in: KEPT,
        retention: KEPT,
    };
    Message {
        direction: Direction::Inbound,
        status: State::Delivered,
        rank: State::Delivered.rank(),
        provider_id: Some("wamid.original123".to_owned()),
        ..Message::queued(draft, id::<MessageId>(QUOTED), QUOTED.to_owned(), clock::now())
    }
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("an id of the demo's own")
}
