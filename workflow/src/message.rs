//! The message contracts on the topics.
