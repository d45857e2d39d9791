mod harness;
mod property;
mod scenarios;
mod sizes;
