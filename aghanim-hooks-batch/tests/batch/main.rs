//! Files of every form, hostile ones, and runs that stop and go on.

mod answers;
mod forms;
mod game;
mod hostile;
mod resume;
