//! What was just done, in English.

use crate::pages::Flash;

pub(super) fn flash(flash: Flash) -> &'static str {
    match flash {
        Flash::Cancelled => "Cancelled in time: it will not ring.",
        Flash::CancelAsked => {
            "Asked to cancel. The worker that holds it decides within seconds whether it is in time."
        }
        Flash::WithdrawAsked => "The station was asked: it takes it out of its queue if it has not begun.",
        Flash::TooLate => "Too late: it had been dispatched or had ended.",
        Flash::HangingUp => "Asterisk hangs up that call. No other attempt follows.",
        Flash::NoCall => "There is nothing to hang up: that call is not on the line any more.",
        Flash::NotHungUp => {
            "Asterisk does not answer, and it is not known whether it hung up. You can try again."
        }
        Flash::Again => "It is queued again.",
        Flash::NotEnded => "Not repeated: it has not ended yet.",
        Flash::Changed => {
            "Not repeated: the page was old and something has changed meanwhile. See how it stands now."
        }
        Flash::Replayed => "The set-aside messages are back in their queue.",
        Flash::NotReplayed => "The queue does not answer: the messages are still set aside.",
        Flash::Scaled => "The number of workers has changed.",
        Flash::LastCall => "That call was dispatched and goes on. No other follows it.",
        Flash::Heard => "Noted: it was heard. The job is completed.",
        Flash::Left => "Noted: it is left at that. Nobody is called again.",
        Flash::Forestalled => "Somebody was faster and has decided already. This is how it stands.",
        Flash::Overtaken => {
            "There is nothing left to decide: its outcome came in or another attempt was made meanwhile. This is how it stands."
        }
        Flash::Announced => {
            "Accepted: it is on its way to the station. You will see it in the queue, or on air already."
        }
        Flash::AnnouncedBefore => "That announcement was asked for already: it is not repeated.",
        Flash::Skipped => "Skipped.",
        Flash::TakenOut => "Out of the queue: it will not be aired.",
        Flash::HasBegun => "Too late: that announcement had begun or is no longer in the queue.",
        Flash::AirChanged => "Nothing was skipped: something else is on air meanwhile. See what plays now.",
    }
}
