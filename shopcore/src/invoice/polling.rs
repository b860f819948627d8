//! The rule of polling: when a gateway is asked next what became of a charge.

use chrono::Duration;

use super::{Charge, ChargeState};
use crate::time::{Timestamp, whole_micros};

/// The share of its age, or of what is left until its expiry, that a charge waits.
const SHARE: i32 = 10;

/// How soon after its expiry a charge is asked about once more.
const JUST_AFTER: Duration = Duration::seconds(1);

/// How long after its expiry a charge may still be found paid.
const AFTERMATH: Duration = Duration::days(3);

impl Charge {
    /// When the gateway is asked next about the charge, whose invoice expires at `expires_at`.
    ///
    /// While it can be paid: soon where it is young or about to expire, more rarely in between, and
    /// once more just after its expiry. Then ever more rarely, for three days. A paid charge is
    /// asked about too, each time after twice as long: it can be paid once more.
    #[must_use]
    pub fn next_poll(&self, now: Timestamp, expires_at: Timestamp) -> Option<Timestamp> {
        let (age, left) = (now - self.created_at, expires_at - now);
        let (wait, least, most) = match self.state {
            ChargeState::Created | ChargeState::Open if left > Duration::zero() => {
                let (least, most) = (Duration::seconds(2), Duration::minutes(5));
                (age.min(left) / SHARE, least, most.min(left + JUST_AFTER))
            }
            ChargeState::Created | ChargeState::Open => {
                (age / SHARE, Duration::seconds(2), Duration::seconds(15))
            }
            ChargeState::Closed | ChargeState::Abandoned => {
                (age / SHARE, Duration::seconds(15), Duration::hours(1))
            }
            ChargeState::Paid => (age, Duration::seconds(15), Duration::days(1)),
        };
        let wait = wait.max(least).min(most);
        (-left < AFTERMATH).then(|| whole_micros(now + wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ChargeId, InvoiceId};
    use crate::invoice::{GatewayName, Reference};
    use crate::money::{Currency, Money};
    use crate::time::from_micros;
    use uuid::Uuid;

    fn charge(state: ChargeState) -> Charge {
        Charge {
            id: ChargeId::from(Uuid::nil()),
            invoice: InvoiceId::from(Uuid::nil()),
            gateway: GatewayName::parse("bank").unwrap(),
            reference: Reference::parse("or1-1").unwrap(),
            gateway_id: None,
            asked: Money::zero(Currency::IDR),
            payable: Money::zero(Currency::IDR),
            covers: Money::zero(Currency::IDR),
            state,
            pay_with: None,
            created_at: from_micros(0),
            poll_at: None,
            polls: 0,
        }
    }

    fn after(seconds: i64) -> Timestamp {
        from_micros(0) + Duration::seconds(seconds)
    }

    /// The moments at which a charge of this state is asked about until `end`, if it stays so.
    fn polls(state: ChargeState, expires_at: Timestamp, end: Timestamp) -> Vec<Timestamp> {
        let charge = charge(state);
        let next = |now: &Timestamp| charge.next_poll(*now, expires_at);
        let all = std::iter::successors(Some(after(0)), next);
        all.take_while(|at| *at <= end).collect()
    }

    #[test]
    fn an_open_charge_is_asked_about_often_at_first_and_at_last_and_once_just_after() {
        let polls = polls(ChargeState::Open, after(900), after(901));
        let gaps: Vec<_> = polls.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let (shortest, longest) = (Duration::seconds(2), Duration::seconds(46));
        assert_eq!(gaps.first(), Some(&shortest));
        assert!(gaps.iter().all(|gap| *gap <= longest));
        assert!(gaps.iter().any(|gap| *gap > Duration::seconds(30)));
        let near = polls.iter().filter(|at| **at > after(880)).count();
        assert!((8..=12).contains(&near), "{near}");
        assert_eq!(polls.last(), Some(&after(901)));
        assert!(polls.len() < 120, "{}", polls.len());
    }

    #[test]
    fn a_charge_that_lives_for_weeks_is_asked_about_until_its_end() {
        let month = after(30 * 86_400);
        let polls = polls(ChargeState::Open, month, month + Duration::seconds(1));
        assert_eq!(polls.last(), Some(&(month + Duration::seconds(1))));
        let gaps = polls.windows(2).map(|pair| pair[1] - pair[0]);
        assert_eq!(gaps.max(), Some(Duration::minutes(5)));
    }

    #[test]
    fn a_charge_that_ended_is_asked_about_ever_more_rarely_for_three_days() {
        for state in [
            ChargeState::Closed,
            ChargeState::Abandoned,
            ChargeState::Paid,
        ] {
            let polls = polls(state, after(900), after(10 * 86_400));
            let gaps: Vec<_> = polls.windows(2).map(|pair| pair[1] - pair[0]).collect();
            assert!(gaps.is_sorted(), "{state:?}");
            let last = *polls.last().unwrap();
            assert!(last >= after(900) + Duration::days(3), "{state:?}: {last}");
            assert!(last <= after(900) + Duration::days(4), "{state:?}: {last}");
        }
    }
}
