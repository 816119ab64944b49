//! `pregon asterisk-setup`: shows what connects Asterisk, does it, and undoes it.

use std::process::ExitCode;

use pregon_asterisk::{Console, Plan, Setup, SetupError};

use crate::cli::SetupRole;
use crate::wire::Misconfigured;

/// Prints the plan and, unless it is only asked for, carries it out.
pub(crate) async fn run(role: &SetupRole) -> anyhow::Result<ExitCode> {
    let ami = role.ami.url().map_err(|error| Misconfigured(error.to_string()))?;
    // Not through the manager interface: its user may not be there yet.
    let setup = Setup::find(&role.setup, Console::new(&role.console, None))?;
    let plan =
        if role.remove { setup.remove(&role.setup)? } else { setup.plan(&role.setup, ami.as_ref()).await? };
    show(&setup, &plan, role.remove);
    if plan.is_empty() || role.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    carry_out(&setup, plan).await?;
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "the plan is what this command shows")]
fn show(setup: &Setup, plan: &Plan, remove: bool) {
    let lines = plan.told_with(setup.console());
    match (lines.is_empty(), remove) {
        (true, false) => println!("Asterisk is connected: there is nothing to do."),
        (true, true) => println!("There is nothing to undo."),
        (false, false) => println!("This connects Asterisk:"),
        (false, true) => println!("This undoes what setup did:"),
    }
    for line in lines {
        println!("  {line}");
    }
    for note in plan.notes() {
        println!("Note: {note}");
    }
}

#[expect(clippy::print_stdout, reason = "who set it up wants to know")]
async fn carry_out(setup: &Setup, plan: Plan) -> Result<(), SetupError> {
    setup.carry_out(plan, |line| println!("Note: {line}")).await?;
    println!("Done.");
    Ok(())
}
