//! Hospital files as they come, through the program itself: what it understands, what it refuses, whom it reaches.

mod called_off;
mod contacts;
mod memory;
mod mixed;
mod refused;
mod told;
