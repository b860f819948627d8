//! Statements over arrays, several to a round trip.
//!
//! A [`Step`] writes or reads all rows of one kind: its parameters are arrays, one element for each
//! row. A [`Script`] joins steps into one statement, each as a `WITH` query of its own; foreign keys
//! are checked when all of them have run, so their order does not matter. What a step tells of its
//! rows shows which batch a guard refused.

use std::fmt::Write as _;

use sqlx::postgres::{PgArguments, PgHasArrayType, PgRow};
use sqlx::{Arguments, AssertSqlSafe, Encode, PgConnection, Postgres, Row, Type};
use uuid::Uuid;

use super::member::Part;
use crate::money::Currency;
use crate::store::BoxError;

/// A statement about all rows of one kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    sql: &'static str,
    tells: Tells,
}

/// What a step tells of its rows.
#[derive(Debug, Clone, Copy)]
enum Tells {
    /// Nothing: it does all or fails.
    Nothing,
    /// The place `ord` of each row that its guard let through.
    Places,
    /// The `id` of each row that its guard let through.
    Ids,
    /// Rows of `numbers` and `ids`.
    Rows,
}

impl Step {
    /// A step that does all or fails.
    pub(super) const fn silent(sql: &'static str) -> Self {
        let tells = Tells::Nothing;
        Self { sql, tells }
    }

    /// A step that returns the place, `ord`, of each row that its guard let through.
    pub(super) const fn guarded(sql: &'static str) -> Self {
        let tells = Tells::Places;
        Self { sql, tells }
    }

    /// A step that returns the `id` of each row that its guard let through.
    pub(super) const fn keyed(sql: &'static str) -> Self {
        let tells = Tells::Ids;
        Self { sql, tells }
    }

    /// A step that returns rows of `numbers` and `ids`.
    pub(super) const fn read(sql: &'static str) -> Self {
        let tells = Tells::Rows;
        Self { sql, tells }
    }

    /// Its text.
    #[cfg(test)]
    pub(super) const fn sql(&self) -> &'static str {
        self.sql
    }
}

/// Whom it concerns when a guard stops a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// The batch at this place of the group: what it read has changed.
    Member(usize),
    /// Another process: what the group itself read has changed.
    Rival,
}

/// What a step must tell of one row.
#[derive(Debug)]
struct Want {
    blame: Blame,
    key: Uuid,
    times: usize,
}

#[derive(Debug)]
struct Laid {
    step: Step,
    parameters_before: usize,
    wants: Vec<Want>,
}

/// Steps that make one statement.
#[derive(Debug, Default)]
pub(super) struct Script {
    steps: Vec<Laid>,
    arguments: PgArguments,
    broken: Option<BoxError>,
}

impl Script {
    /// Whether there is nothing to run.
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Adds a step about `rows`, unless there are none. Its parameters follow.
    pub(super) fn lay<'s, T>(&'s mut self, step: Step, rows: &'s [T]) -> Columns<'s, T> {
        if !rows.is_empty() {
            self.steps.push(Laid {
                step,
                parameters_before: self.arguments.len(),
                wants: Vec::new(),
            });
        }
        Columns { script: self, rows }
    }

    /// Runs it.
    pub(super) async fn run(self, conn: &mut PgConnection) -> Result<Answers, sqlx::Error> {
        let text = self.text();
        let Self {
            steps,
            arguments,
            broken,
        } = self;
        if let Some(error) = broken {
            return Err(sqlx::Error::Encode(error));
        }
        let query = sqlx::query_with(AssertSqlSafe(text), arguments);
        let rows = query.fetch_all(conn).await?;
        let rows = rows.iter().map(Answer::read).collect::<Result<_, _>>()?;
        Ok(Answers { steps, rows })
    }

    fn text(&self) -> String {
        let mut text = "WITH ".to_owned();
        for (place, laid) in self.steps.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            // Writing to a string does not fail.
            let _ = write!(text, "{comma}s{place} AS (");
            shift(&mut text, laid.step.sql, laid.parameters_before);
            text.push_str("\n)");
        }
        text.push_str(
            " SELECT 0::int8 AS step, NULL::int8[] AS numbers, NULL::uuid[] AS ids WHERE FALSE",
        );
        for (place, laid) in self.steps.iter().enumerate() {
            let told = match laid.step.tells {
                Tells::Nothing => continue,
                Tells::Places => "array_agg(ord), NULL",
                Tells::Ids => "NULL, array_agg(id)",
                Tells::Rows => "numbers, ids",
            };
            let _ = write!(text, " UNION ALL SELECT {place}, {told} FROM s{place}");
        }
        text
    }
}

/// Appends a statement whose parameters come after `before` others.
fn shift(text: &mut String, sql: &str, before: usize) {
    let mut parts = sql.split('$');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        let number = number.parse().map_or(0, |number: usize| number + before);
        let _ = write!(text, "${number}{rest}");
    }
}

/// The parameters of a step, from the first to the last.
pub(super) struct Columns<'s, T> {
    script: &'s mut Script,
    rows: &'s [T],
}

impl<'s, T> Columns<'s, T> {
    /// The next parameter: this of every row.
    pub(super) fn col<'q, V>(self, value: impl Fn(&'s T) -> V) -> Self
    where
        V: Encode<'q, Postgres> + Type<Postgres> + PgHasArrayType,
    {
        let values: Vec<V> = self.rows.iter().map(value).collect();
        self.add(values)
    }

    /// The next parameter: this of every row, as a document in JSON.
    pub(super) fn json<V: serde::Serialize>(self, value: impl Fn(&'s T) -> V) -> Self {
        self.find_json(|row| Some(value(row)))
    }

    /// The next parameter: this of every row that has it, as a document in JSON.
    pub(super) fn find_json<V: serde::Serialize>(self, value: impl Fn(&'s T) -> Option<V>) -> Self {
        let document = |value: V| serde_json::to_string(&value);
        let values = self
            .rows
            .iter()
            .map(|row| value(row).map(document).transpose());
        match values.collect::<Result<Vec<_>, _>>() {
            Ok(values) => self.add(values),
            Err(error) => {
                self.script.broken = Some(error.into());
                self
            }
        }
    }

    /// The next parameter: the code of this currency of every row.
    pub(super) fn currency(self, value: impl Fn(&'s T) -> Currency) -> Self {
        let currencies: Vec<_> = self.rows.iter().map(value).collect();
        self.add(currencies.iter().map(Currency::code).collect::<Vec<_>>())
    }

    fn add<'q, V>(self, values: Vec<V>) -> Self
    where
        V: Encode<'q, Postgres> + Type<Postgres> + PgHasArrayType,
    {
        if !values.is_empty()
            && let Err(error) = self.script.arguments.add(values)
        {
            self.script.broken = Some(error);
        }
        self
    }

    fn want(self, want: impl Fn(&T) -> Want) {
        let wants = self.rows.iter().map(want).collect();
        if !self.rows.is_empty()
            && let Some(laid) = self.script.steps.last_mut()
        {
            laid.wants = wants;
        }
    }

    /// Every row must pass the step's guard, or what the group read has changed.
    pub(super) fn or_rival(self) {
        self.want(|_| Want {
            blame: Blame::Rival,
            key: Uuid::nil(),
            times: 1,
        });
    }
}

impl<R> Columns<'_, Part<R>> {
    /// The next parameter: the shop of every row.
    pub(super) fn shops(self) -> Self {
        self.col(|part| part.shop)
    }

    /// Every row must pass the step's guard, or its batch is in conflict.
    pub(super) fn or_conflict(self) {
        self.or_conflict_unless(|_| 1);
    }

    /// Every row must pass the step's guard so often, or its batch is in conflict.
    pub(super) fn or_conflict_unless(self, times: impl Fn(&R) -> usize) {
        self.want(|part| Want {
            blame: Blame::Member(part.member),
            key: Uuid::nil(),
            times: times(&part.row),
        });
    }

    /// The id of every row must be told, or its batch is in conflict.
    pub(super) fn or_conflict_of(self, key: impl Fn(&R) -> Uuid) {
        self.want(|part| Want {
            blame: Blame::Member(part.member),
            key: key(&part.row),
            times: 1,
        });
    }
}

/// A row that a step told.
#[derive(Debug)]
pub(super) struct Answer {
    step: usize,
    /// What was counted.
    pub(super) numbers: Vec<i64>,
    /// What was named.
    pub(super) ids: Vec<Uuid>,
}

impl Answer {
    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        let step: i64 = row.try_get(0)?;
        let numbers: Option<Vec<i64>> = row.try_get(1)?;
        let ids: Option<Vec<Uuid>> = row.try_get(2)?;
        Ok(Self {
            step: usize::try_from(step).unwrap_or(usize::MAX),
            numbers: numbers.unwrap_or_default(),
            ids: ids.unwrap_or_default(),
        })
    }

    /// The place, from 0, of the row that the first number names.
    pub(super) fn place(&self) -> usize {
        let place = self
            .numbers
            .first()
            .and_then(|ord| usize::try_from(*ord).ok());
        place.map_or(usize::MAX, |ord| ord.wrapping_sub(1))
    }

    /// One of the numbers.
    pub(super) fn number(&self, place: usize) -> i64 {
        self.numbers.get(place).copied().unwrap_or_default()
    }
}

/// What the steps of a script told.
#[derive(Debug, Default)]
pub(super) struct Answers {
    steps: Vec<Laid>,
    rows: Vec<Answer>,
}

impl Answers {
    /// The rows that this step told.
    pub(super) fn of(&self, step: Step) -> impl Iterator<Item = &Answer> {
        self.rows.iter().filter(move |row| {
            let laid = self.steps.get(row.step);
            laid.is_some_and(|laid| laid.step.sql == step.sql)
        })
    }

    /// Whom the guards stopped.
    pub(super) fn stopped(&self) -> Vec<Blame> {
        let mut stopped = Vec::new();
        for (place, laid) in self.steps.iter().enumerate() {
            let told = self.rows.iter().filter(|row| row.step == place);
            laid.stopped(told, &mut stopped);
        }
        stopped
    }
}

impl Laid {
    fn stopped<'a>(&self, told: impl Iterator<Item = &'a Answer>, stopped: &mut Vec<Blame>) {
        let mut times = vec![0; self.wants.len()];
        for row in told {
            let places = row
                .numbers
                .iter()
                .filter_map(|ord| usize::try_from(*ord).ok());
            let named = row.ids.iter().filter_map(|id| self.place_of(*id));
            let by_id = matches!(self.step.tells, Tells::Ids);
            for place in places
                .map(|ord| ord.wrapping_sub(1))
                .chain(named.filter(|_| by_id))
            {
                if let Some(times) = times.get_mut(place) {
                    *times += 1;
                }
            }
        }
        let wants = self.wants.iter().zip(times);
        stopped.extend(
            wants
                .filter(|(want, times)| want.times != *times)
                .map(|(want, _)| want.blame),
        );
    }

    fn place_of(&self, id: Uuid) -> Option<usize> {
        self.wants.iter().position(|want| want.key == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_move_behind_those_of_earlier_steps() {
        let mut text = String::new();
        shift(&mut text, "SELECT $1, $12::uuid[] FROM x", 7);
        assert_eq!(text, "SELECT $8, $19::uuid[] FROM x");
    }
}
