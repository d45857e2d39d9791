mod catalog;
mod harness;
mod measure;
mod property;
mod scenarios;
