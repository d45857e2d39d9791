//! The scheduled report: what is sent, when, to whom; and what became of the last sending. An aggregate
//! like the user.

mod command;
mod decide;
mod event;
mod evolve;
mod period;
mod recipient;
mod refusal;
mod schedules;
mod state;
mod timing;

pub use command::{ScheduleCommand, ScheduleCommandBody};
pub use decide::{ScheduleContext, decide};
pub use event::{ScheduleEvent, ScheduleEventBody};
pub use evolve::evolve;
pub use period::ReportPeriod;
pub use recipient::{BadRecipient, Recipient};
pub use refusal::ScheduleRefusal;
pub use schedules::Schedules;
pub use state::{
    BadReportAddress, Due, ReportAddress, SENDING_LASTS, Schedule, ScheduleTerms, Sending, SendingOutcome,
    Undelivered,
};
pub use timing::{Cadence, MonthDay, Timing};

#[cfg(test)]
mod tests;
