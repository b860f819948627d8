//! What a shop does by itself, under leases: expiry, reconciling with gateways, the outbox.
