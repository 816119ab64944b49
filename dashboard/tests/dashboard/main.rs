//! The dashboard through its front door: requests in, pages out.

#[cfg(test)]
#[path = "../sample/mod.rs"]
mod sample;

#[cfg(test)]
mod calls;
#[cfg(test)]
mod door;
#[cfg(test)]
mod house;
#[cfg(test)]
mod live;
#[cfg(test)]
mod pages;
