//! The router over real domain rules, with a log, a read model and an object store in memory.

mod access;
mod addresses;
mod application;
mod bodies;
mod browser;
mod clamd;
mod dead_letters;
mod documents;
mod dom;
mod held_forms;
mod language;
mod login;
mod menu;
mod offers;
mod outputs;
mod pages;
mod portal;
mod refresh;
mod refusals;
mod report;
mod report_tables;
mod requirements;
mod s3;
mod scanning;
mod schedules;
mod search;
mod smtp;
mod texts;
mod user;
mod world;

use browser::Browser;
use world::PASSWORD;
pub(crate) use world::World;
