//! Call file, spool with ledger, outcomes and the simulator.
