//! The rows of one shop at one moment, and taking them in as a whole.

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, PgConnection, raw_sql};
use tokio::sync::mpsc;

use super::failure::Outage;
use super::open::OpenError;
use super::rows::{Sql, query};
use super::{Address, Receiver};
use crate::backend::migration::{Part, Shape};
use crate::id::ShopId;

/// Sees one moment until it ends.
const MOMENT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

impl Receiver {
    /// Connects to a database that no unfinished move is filling.
    pub(in crate::backend) async fn finished(address: Address) -> Result<Self, OpenError> {
        let mut receiver = Self::open(address.clone()).await?;
        let unfinished = receiver.begun_from().await;
        let address = Box::new(address);
        match unfinished {
            Ok(None) => Ok(receiver),
            Ok(Some(_)) => Err(OpenError::Unfinished { address }),
            Err(source) => Err(OpenError::Failed { address, source }),
        }
    }

    /// What is read from now on is of this moment.
    pub(in crate::backend) async fn stand_still(&mut self) -> Result<(), Outage> {
        self.run(MOMENT).await
    }

    /// What is taken in from now on is kept by [`keep`](Self::keep), or not at all.
    pub(in crate::backend) async fn try_out(&mut self) -> Result<(), Outage> {
        self.run("BEGIN").await
    }

    /// Keeps what was taken in.
    pub(in crate::backend) async fn keep(&mut self) -> Result<(), Outage> {
        self.run("COMMIT").await
    }

    /// The columns of a part, and its rows that are of this shop.
    pub(in crate::backend) async fn shape_of(
        &mut self,
        part: Part,
        shop: ShopId,
    ) -> Result<Shape, Outage> {
        Ok(self.shape(part).await?.of_shop(&literal(shop)))
    }

    /// How many rows a part has.
    pub(in crate::backend) async fn count(&mut self, shape: &Shape) -> Result<u64, Outage> {
        Ok(self.arrived(shape).await?.0)
    }

    /// Sends the rows of a part as they come.
    pub(in crate::backend) async fn send(
        &mut self,
        shape: &Shape,
        to: &mpsc::Sender<Vec<u8>>,
    ) -> Result<(), Outage> {
        let sent = send(&mut self.0, shape, to).await;
        sent.map_err(|error| Outage::of(&error))
    }

    /// Takes every row of a shop away.
    pub(in crate::backend) async fn clear(&mut self, shop: ShopId) -> Result<(), Outage> {
        let leases = query("DELETE FROM leases WHERE shop_id = $1", shop);
        let gone = leases.execute(&mut self.0).await;
        gone.map_err(|error| Outage::of(&error))?;
        let shop = literal(shop);
        for part in Part::ALL.into_iter().rev() {
            let rows = self.shape(part).await?.of_shop(&shop);
            self.run(&rows.removal()).await?;
        }
        Ok(())
    }

    async fn run(&mut self, sql: &str) -> Result<(), Outage> {
        let ran = raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut self.0)
            .await;
        ran.map(drop).map_err(|error| Outage::of(&error))
    }
}

fn literal(shop: ShopId) -> String {
    format!("'{shop}'")
}

async fn send(conn: &mut PgConnection, shape: &Shape, to: &mpsc::Sender<Vec<u8>>) -> Sql<()> {
    let sql = format!("COPY ({}) TO STDOUT", shape.all());
    let mut lines = conn.copy_out_raw(&sql).await?;
    while let Some(line) = lines.try_next().await? {
        if to.send(line.to_vec()).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}
