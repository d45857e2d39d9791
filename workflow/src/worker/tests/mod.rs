mod chunks;
mod harness;
mod property;
mod scenarios;
mod schedules;
mod sizes;
