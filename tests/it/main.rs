//! The whole daemon in process, stepped under a hand-moved clock against a scripted origin, and the
//! real binary at its command line. Nothing sleeps, nothing leaves this machine.

mod commands;
mod demo;
mod origin;
mod outputs;
mod polling;
mod program;
mod reload;
mod storage;
mod test_daemon;
