//! The dashboard through its front door: requests in, pages out.

#[cfg(test)]
#[path = "../sample/mod.rs"]
mod sample;

#[cfg(test)]
mod airings;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod door;
#[cfg(test)]
mod house;
#[cfg(test)]
mod live;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod radio;
mod speech;
#[cfg(test)]
mod trunks;
