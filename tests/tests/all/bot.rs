//! The shop in chat: what people see and may do, played through the bot and a frontend that
//! records.

mod admin;
mod audit;
mod broadcast;
mod buying;
mod contact;
mod counter;
mod customers;
mod dialogs;
mod goods;
mod low;
mod loyalty;
mod maintenance;
mod notices;
mod paying;
mod proving;
mod refusals;
mod replies;
mod restock;
mod spam;
mod stage;
mod statistics;
mod team;
mod terms;
mod walk;
mod wallet;
