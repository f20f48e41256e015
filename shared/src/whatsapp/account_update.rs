//! What a callback reports about a business account, its templates, its numbers, or somebody's wishes or ids, and about no message
//! (whatsapp-cloud-api-2026, sections 1, 7, 9 and 10).

use aws_lc_rs::digest;
use serde_json::value::RawValue;

use crate::clock::Timestamp;
use crate::whatsapp::account_notice::AccountNotice;
use crate::whatsapp::callback_change::{COMPONENTS, Change, PREFERENCES, USER_IDS};
use crate::whatsapp::graph_error::GraphError;
use crate::whatsapp::number_notice::NumberNotice;
use crate::whatsapp::preference::Preference;
use crate::whatsapp::raw_json::{for_each, is_array};
use crate::whatsapp::template_notice::TemplateNotice;
use crate::whatsapp::unread_update::{UnreadReason, UnreadUpdate};
use crate::whatsapp::update_frame::Frame;
use crate::whatsapp::user_id_change::UserIdChange;

/// An update about a number or about all numbers of a business account.
#[derive(Debug)]
pub struct AccountUpdate {
    /// WhatsApp's id of the number that it is about; none when it is about the business account.
    pub number_id: Option<String>,
    /// WhatsApp's id of the business account.
    pub business_id: Option<String>,
    /// When it happened, in whole seconds.
    pub time: Option<Timestamp>,
    /// Derived from its content: a repeat has the same.
    pub id: String,
    /// Its size in bytes.
    pub size: usize,
    /// What it says.
    pub notice: Notice,
    /// As what it is kept while no number of its business account is connected that it can be about; none if it names a number.
    pub unread: Option<UnreadUpdate>,
}

/// What an update says.
#[derive(Debug)]
pub enum Notice {
    /// A template has another status, category or quality, or consists of something else.
    Template(Box<TemplateNotice>),
    /// A number, or all numbers of an account, have other limits.
    Number(NumberNotice),
    /// Something happened to the account.
    Account(AccountNotice),
    /// Somebody wants no marketing messages, or wants them again.
    Preference(Preference),
    /// Somebody has another user id.
    UserId(UserIdChange),
    /// An error that is about no message.
    Error(GraphError),
}

/// The updates of one change.
#[derive(Debug, Default)]
pub(super) struct AccountUpdates {
    /// Those that could be read.
    pub updates: Vec<AccountUpdate>,
    /// Whether something of the change could not be read, or has a meaning that is not known.
    pub is_partial: bool,
    /// The elements of its list of which that holds.
    pub unread: Vec<UnreadUpdate>,
}

impl AccountUpdates {
    /// Reads a change whose `field` is `name`; none when that is no update of this kind.
    pub fn read(name: &str, change: &Change<'_>) -> Option<Self> {
        let value = change.members.as_ref().and_then(|members| members.get("value")).unwrap_or(RawValue::NULL);
        let notice = match name {
            // Meta's own example has a change of quality under the name of a change of status.
            "message_template_status_update" | "message_template_quality_update" => {
                TemplateNotice::quality(value).or_else(|| TemplateNotice::status(value)).map(template)
            }
            "template_category_update" => TemplateNotice::category(value).map(template),
            "phone_number_quality_update" => NumberNotice::of_number(value).map(Notice::Number),
            "business_capability_update" => NumberNotice::of_account(value).map(Notice::Number),
            COMPONENTS => return Some(Self::of_components(change, value)),
            "account_update" => return Some(Self::of_account(change, value)),
            PREFERENCES => return Some(Self::list(change, PREFERENCES, &preference)),
            USER_IDS if change.value(USER_IDS).is_some() => return Some(Self::list(change, USER_IDS, &user_id)),
            USER_IDS => user_id(value),
            _ => return None,
        };
        Some(Self {
            is_partial: notice.is_none(),
            updates: notice.map(|notice| Origin::new(change).whole(name, value, notice)).into_iter().collect(),
            unread: Vec::new(),
        })
    }

    /// Reads the errors of a change that are about no message; none when there are none.
    pub fn read_errors(change: &Change<'_>) -> Option<Self> {
        change.value("errors").filter(|list| is_array(list))?;
        Some(Self::list(change, "errors", &|error| GraphError::read(error).map(Notice::Error)))
    }

    /// A copy of the template is old, also when it cannot be read what the template consists of now.
    fn of_components(change: &Change<'_>, value: &RawValue) -> Self {
        let notice = TemplateNotice::components(value);
        let is_partial = notice.as_ref().is_none_or(|notice| notice.components.is_none());
        let updates = notice.map(|notice| Origin::new(change).whole(COMPONENTS, value, template(notice)));
        Self { is_partial, updates: updates.into_iter().collect(), unread: Vec::new() }
    }

    fn of_account(change: &Change<'_>, value: &RawValue) -> Self {
        let Some(notice) = AccountNotice::read(value) else {
            return Self { is_partial: true, ..Self::default() };
        };
        let is_partial = notice.is_partial;
        let is_used = !notice.is_unused();
        let updates = is_used.then(|| Origin::new(change).whole("account_update", value, Notice::Account(notice)));
        Self { is_partial, updates: updates.into_iter().collect(), unread: Vec::new() }
    }

    /// Reads the elements of a list of the change's value.
    fn list(change: &Change<'_>, name: &'static str, read: &dyn Fn(&RawValue) -> Option<Notice>) -> Self {
        let (mut all, origin, frame) = (Self::default(), Origin::new(change), Frame::new(change, name));
        let list = change.value(name).filter(|list| is_array(list));
        all.is_partial = list.is_none();
        for_each(list.unwrap_or(RawValue::NULL), &mut |element| match read(element) {
            Some(notice) => all.updates.push(origin.element(name, &frame, element, notice)),
            None => all.unread.push(UnreadUpdate::element(UnreadReason::UnreadableChange, &frame, element)),
        });
        all
    }
}

fn template(notice: TemplateNotice) -> Notice {
    Notice::Template(Box::new(notice))
}

fn preference(element: &RawValue) -> Option<Notice> {
    Preference::read(element).map(Notice::Preference)
}

fn user_id(element: &RawValue) -> Option<Notice> {
    UserIdChange::read(element).map(Notice::UserId)
}

/// What the updates of a change have in common, read once: a change may have a thousand of them.
struct Origin<'c, 'a> {
    change: &'c Change<'a>,
    number_id: Option<String>,
    business_id: Option<String>,
}

impl<'c, 'a> Origin<'c, 'a> {
    fn new(change: &'c Change<'a>) -> Self {
        Self { change, number_id: change.number_id(), business_id: change.business_id() }
    }

    /// The update that is a whole change.
    fn whole(&self, name: &str, value: &RawValue, notice: Notice) -> AccountUpdate {
        let unread = || UnreadUpdate::whole(UnreadReason::UnknownAccount, self.change);
        self.update(name, value, notice, &unread)
    }

    /// The update that is an element of a list.
    fn element(&self, name: &str, frame: &Frame<'_>, element: &RawValue, notice: Notice) -> AccountUpdate {
        let unread = || UnreadUpdate::element(UnreadReason::UnknownAccount, frame, element);
        self.update(name, element, notice, &unread)
    }

    fn update(
        &self,
        name: &str,
        content: &RawValue,
        notice: Notice,
        unread: &dyn Fn() -> UnreadUpdate,
    ) -> AccountUpdate {
        let Self { change, number_id, business_id } = self;
        let part = |part: Option<&'a RawValue>| part.map_or("", RawValue::get);
        let mut context = digest::Context::new(&digest::SHA256);
        for part in [
            part(change.entry.id),
            part(change.entry.time),
            name,
            number_id.as_deref().unwrap_or_default(),
            content.get(),
        ] {
            context.update(part.as_bytes());
            context.update(b"\n");
        }
        AccountUpdate {
            number_id: number_id.clone(),
            business_id: business_id.clone(),
            time: change.time(),
            id: hex::encode(&context.finish().as_ref()[..16]),
            size: content.get().len(),
            notice,
            unread: number_id.is_none().then(unread),
        }
    }
}

impl AccountUpdate {
    /// Kilobytes of it, as the quota counts them.
    pub fn kilobytes(&self) -> i64 {
        1 + i64::try_from(self.size / 1024).unwrap_or_default()
    }
}
