//! Creates the demo's customer in the tables: an account, an API key, a connected instance, and the message that the API
//! reference's reply example quotes.

use std::error::Error;
use std::time::Duration;

use secrecy::SecretString;
use shared::account::{Account, ApiKey, Plan, Scope, api_key};
use shared::alias::Alias;
use shared::aws::{ItemKey, SecretError};
use shared::clock;
use shared::ids::{AccountId, InstanceId, KeyId, MessageId};
use shared::instance::{ConnectionStatus, Instance, Number, NumberOwner};
use shared::ledger::Ledger;
use shared::message::{Content, Direction, Draft, Message, State};
use shared::security::{MasterKeys, SecretCipher};
use shared::whatsapp::STANDARD_RATE;

use super::stack::Stack;

/// The instance of the API reference's examples.
pub const INSTANCE: &str = "inst_abc123";
/// WhatsApp's id of the demo's business account.
pub const BUSINESS: &str = "102290129340398";
/// The recipient of the API reference's examples.
pub const RECIPIENT: &str = "5511999999999";
/// The message that the reply example quotes.
const QUOTED: &str = "msg_original123";
/// The demo's account.
const ACCOUNT: &str = "acc_demo";
/// The initial credits of the demo's account.
const CREDITS: i64 = 1_000_000;
/// The retention of the quoted message.
const RETENTION: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The phone number of the demo's instance.
#[derive(Debug)]
pub struct DemoNumber {
    /// The number's id at WhatsApp.
    pub id: String,
    /// The access token.
    pub access_token: SecretString,
}

impl Default for DemoNumber {
    fn default() -> Self {
        Self { id: "106540352242922".to_owned(), access_token: "EAAG-of-the-simulator".into() }
    }
}

/// The demo's customer.
#[derive(Clone, Debug)]
pub struct Customer {
    /// The account.
    pub account_id: AccountId,
    /// The instance.
    pub instance_id: InstanceId,
    /// WhatsApp's id of the instance's number.
    pub number_id: String,
    /// An API key with every scope, new at each start.
    pub api_key: SecretString,
}

/// Creates the demo's customer, with a new API key each time.
/// Fails when a write to the tables fails, or the stack's master keys are not valid.
pub async fn customer(stack: &Stack, number: DemoNumber) -> Result<Customer, Box<dyn Error + Send + Sync>> {
    let (accounts, messages) = (stack.accounts(), stack.messages());
    let account_id: AccountId = parse_id(ACCOUNT);
    let instance_id: InstanceId = parse_id(INSTANCE);
    let now = clock::now();
    let account = Account::new(account_id.clone(), "Demo".to_owned(), Plan::Pro, now);
    accounts.put_account(&account).await?;
    Ledger::new(accounts.clone()).open(&account_id, CREDITS).await?;
    let (api_key, hash) = api_key::generate();
    let key = ApiKey {
        id: KeyId::generate(),
        account_id: account_id.clone(),
        name: "Demo".to_owned(),
        scopes: Scope::ALL.to_vec(),
        expires_at: None,
        instance_id: None,
        created_by: None,
        created_at: now,
    };
    accounts.put_api_key(&hash, &key).await?;
    let owner = NumberOwner {
        account_id: account_id.clone(),
        instance_id: instance_id.clone(),
        app_secret: None,
        business_id: None,
        last_callback_at: None,
        last_refusal_at: None,
        callbacks_since: None,
    };
    let number_id = number.id.clone();
    accounts.put(ItemKey::number(&number_id), &owner).await?;
    accounts.list_business_number(&number_id, &owner, BUSINESS).await?;
    accounts.put_instance(&instance(stack, &account_id, &instance_id, number)?).await?;
    messages.insert(&quoted_message(&account_id, &instance_id)).await?;
    Ok(Customer { account_id, instance_id, number_id, api_key })
}

/// The cipher with the stack's master keys.
pub fn secret_cipher(stack: &Stack) -> Result<SecretCipher, SecretError> {
    let keys = stack.secrets.text("MasterKeys").unwrap_or_default();
    Ok(SecretCipher::new(&MasterKeys::parse(&keys.into())?))
}

fn instance(
    stack: &Stack,
    account: &AccountId,
    instance: &InstanceId,
    number: DemoNumber,
) -> Result<Instance, SecretError> {
    let aad = Instance::token_aad(account, instance);
    let now = clock::now();
    let number = Number {
        id: number.id,
        business_id: BUSINESS.to_owned(),
        access_token: secret_cipher(stack)?.encrypt(&number.access_token, &aad),
        rate: STANDARD_RATE,
        phone: None,
        profile_name: None,
    };
    Ok(Instance {
        status: ConnectionStatus::Connected,
        number: Some(number),
        connected_at: Some(now),
        ..Instance::new(account.clone(), instance.clone(), "Demo".to_owned(), now)
    })
}

/// The inbound message that the reply example answers.
fn quoted_message(account: &AccountId, instance: &InstanceId) -> Message {
    let draft = Draft {
        account_id: account.clone(),
        instance_id: instance.clone(),
        to: RECIPIENT.parse::<Alias>().expect("the constant is a phone number"),
        content: Content::Text { body: "How much is it?".to_owned(), no_preview: false },
        quoted: None,
        metadata: None,
        reference: None,
        body_hash: None,
        slot: clock::now(),
        bulk: None,
        batch_row: None,
        send_at: None,
        is_marketing: false,
        expires_in: RETENTION,
        retention: RETENTION,
    };
    Message {
        direction: Direction::Inbound,
        status: State::Delivered,
        rank: State::Delivered.rank(),
        provider_id: Some("wamid.original123".to_owned()),
        ..Message::queued(draft, parse_id::<MessageId>(QUOTED), QUOTED.to_owned(), clock::now())
    }
}

fn parse_id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("the constant is an id")
}
