//! What tests of stores, gateways and shops need: the conformance suite, and stores that fail.
